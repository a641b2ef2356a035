"""Kernels of this project's own for CUDA, in Triton: what PyTorch does in many small steps between two convolutions, in one or two.

At batch size 1 a step is a queue of hundreds of kernels that each take a few microseconds, most of them to begin and to end; at larger
ones the same pictures are read and written again by each. The mathematics are the plain layers'; sums are taken in another order.
"""
