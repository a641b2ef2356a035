"""`pix2pix process`: transform a folder of images into another folder of images."""
