"""`pix2pix datasets`: which datasets there are, and what of each is on this machine."""
