"""Random search for inputs that break the program: `python -m tests.hostile --count 5000 --seed 0`."""
