"""A trained model used on pictures that have no target: any size, any sort of file."""
