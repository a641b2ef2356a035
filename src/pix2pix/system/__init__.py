"""The machine underneath: device and determinism, GPUs in use, files written whole, byte counts."""
