"""Export a trained model to one file that runs without this project: ONNX. Model cards."""
