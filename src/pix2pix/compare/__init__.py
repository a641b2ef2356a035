"""`pix2pix compare`: sets of images measured against the same targets."""
