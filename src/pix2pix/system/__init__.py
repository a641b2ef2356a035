"""The machine underneath: device and determinism, GPUs, signals, atomic writes, addresses, text for terminals."""
