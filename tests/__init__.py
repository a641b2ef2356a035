"""Tests mirror src/pix2pix and stages; `pipeline` drives the real DVC."""
