"""Kernels of this project's own for CUDA, in Triton: what PyTorch does in many small steps between two convolutions, in one or two.

At batch size 1 a step is a queue of hundreds of kernels that each take a few microseconds, most of them to begin and to end; at larger
ones the same pictures are read and written again by each. The mathematics are the plain layers'; sums are taken in another order.
Dropout and D's augmentation are drawn in another way, dropout from seeds that PyTorch's generator gives. Recipes that an update cannot
be fused for (several processes, accumulated gradients, WGAN-GP, a shared fake, contiguous weights) and networks with other layers are
done plainly.
"""
