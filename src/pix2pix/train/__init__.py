"""Train a generator on prepared images."""
