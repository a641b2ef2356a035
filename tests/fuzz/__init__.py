"""Mutated images and archives, drawn from a seed: `python -m tests.fuzz --count 10000 --seed 0`."""
