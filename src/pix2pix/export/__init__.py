"""Export a trained model to one file that runs without this project: ONNX, or PyTorch's PT2. Model cards."""
