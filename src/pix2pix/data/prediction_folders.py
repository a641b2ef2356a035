"""Subfolders of a predictions folder: inputs and targets, with the same file names as the outputs."""

INPUTS, TARGETS = "inputs", "targets"
