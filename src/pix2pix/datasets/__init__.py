"""`pix2pix datasets`: list the datasets, and what of each is on this machine."""
