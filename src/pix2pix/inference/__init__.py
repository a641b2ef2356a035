"""The path from an image to an image, shared by every program that runs a generator."""
