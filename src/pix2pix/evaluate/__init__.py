"""Predictions measured against their targets, beside baselines."""
