"""For all tests: the arithmetic that `runtime.deterministic` promises, and how long to look for odd input."""

from hypothesis import settings

from pix2pix import runtime
from pix2pix.settings.chain import Runtime

settings.register_profile("default", deadline=None)
settings.register_profile("long", deadline=None, max_examples=2000)
settings.load_profile("default")

SAME_BITS = Runtime(device="cpu", deterministic=True, threads=2)
runtime.pin(SAME_BITS)
runtime.set_up(SAME_BITS)
