"""Feature networks for the distances between sets of images."""
