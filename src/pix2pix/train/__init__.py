"""Prepared images -> a trained generator."""
