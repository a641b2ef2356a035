"""`pix2pix predict`: files in, files out."""
