"""`pix2pix predict`: run a model on image files."""
