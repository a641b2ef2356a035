"""`pix2pix runs`: list, show, compare and rebuild recorded runs, and record missing ones."""
