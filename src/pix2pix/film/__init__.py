"""`pix2pix film`: the sample sheets of a training as an animation."""
