"""`pix2pix import`: weights of the PyTorch reference as a model folder. The package's name ends in _ because `import` is a keyword."""
