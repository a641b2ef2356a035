"""Generators, discriminators and their layers; saving and loading."""
