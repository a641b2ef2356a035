"""What lies beside the outputs in a folder of predictions: under the same names, the inputs they were made from and what they should be."""

INPUTS, TARGETS = "inputs", "targets"
