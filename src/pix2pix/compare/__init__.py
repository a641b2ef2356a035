"""`pix2pix compare`: measure sets of images against the same targets."""
