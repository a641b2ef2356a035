"""Names in a record of measurements (data/evaluation/<dataset>.json), and under which MLflow has what stands in it."""

MODEL = "model"
FLOOR = "real against real"  # between real pictures and other real ones: no picture of its own, so of distances alone

MEASURED, FLOORS = "test.", "floor."  # in front of the metrics of the model's pictures, and of the distances of the floor
CAUTION = "evaluation.caution"
