"""A trained model as one file that runs without this project: ONNX, or PyTorch's PT2."""
