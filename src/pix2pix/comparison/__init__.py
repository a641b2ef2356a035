"""Sets of pictures side by side: folders, MLflow runs and DVC's experiments, against the same targets."""
