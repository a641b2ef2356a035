"""Run a generator on images. Every program that generates images uses this package."""
