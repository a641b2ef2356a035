"""Operating system and hardware: device, determinism, GPU locks, signals, atomic writes, URLs, terminal text."""
