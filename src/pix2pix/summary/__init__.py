"""One dataset's part of the report: metrics, example images, training curves."""
