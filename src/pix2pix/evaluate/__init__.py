"""Measure predictions against their targets, beside baselines."""
