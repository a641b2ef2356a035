"""Feature networks of the distances between sets of images."""
