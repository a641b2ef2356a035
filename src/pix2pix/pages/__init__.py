"""Pieces of HTML and SVG that several pages use."""
