"""What a prepared image is: the dataset on disk, decoding, resize, Lab, augmentation."""
