"""Synthetic images for every dataset, behind `source: sample`."""
