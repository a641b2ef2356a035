"""Image-to-image translation with conditional GANs: pix2pix on image pairs, and colourisation in CIE Lab."""
