"""Image-to-image translation with conditional GANs: pix2pix for pairs of pictures, and colouring in Lab space."""
