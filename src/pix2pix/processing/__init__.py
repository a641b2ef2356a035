"""Folders of pictures made into other folders of pictures, one file for each; the sources stay as they are."""
