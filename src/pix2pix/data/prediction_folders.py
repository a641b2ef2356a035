"""Folders of predictions: subfolders with the inputs and the targets, under the names of the outputs."""

INPUTS, TARGETS = "inputs", "targets"
