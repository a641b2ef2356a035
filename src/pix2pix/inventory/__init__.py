"""Which datasets there are, and what of each is on this machine."""
