"""`pix2pix process`: a folder of images made into another folder of images."""
