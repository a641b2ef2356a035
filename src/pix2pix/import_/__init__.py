"""`pix2pix import`: published weights, or a model that MLflow has, as a model folder.

The package's name ends in _ because `import` is a keyword.
"""
