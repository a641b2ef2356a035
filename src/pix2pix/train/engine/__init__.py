"""What only makes the training step faster."""
