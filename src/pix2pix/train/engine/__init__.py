"""What only makes an update faster: the captured CUDA graph, torch.compile, and on the CPU im2col and Adam on views."""
