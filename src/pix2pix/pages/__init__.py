"""HTML and SVG parts that several pages share."""
