"""A source -> one archive in data/raw."""
