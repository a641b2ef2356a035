"""An archive -> packed images in data/prepared."""
