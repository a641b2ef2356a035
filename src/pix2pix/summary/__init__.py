"""One dataset's part of the report: what was measured, example images, training curves."""
