"""What only makes an update faster: engines of one interface, the captured CUDA graph, and Adam on the CPU.

`PlainEngine` is PyTorch as it is; every other engine gives its updates up to rounding. Measured gains stand in each module's first lines,
from benchmarks/results.
"""

from pix2pix.train.engine.adam import make_adam, moments, state_of_moments
from pix2pix.train.engine.choose import choose_engine
from pix2pix.train.engine.compiled import CompiledEngine
from pix2pix.train.engine.cuda_graph import Step, captured
from pix2pix.train.engine.interface import Engine, PlainEngine
from pix2pix.train.engine.streams import StreamsEngine

__all__ = [
    "CompiledEngine",
    "Engine",
    "PlainEngine",
    "Step",
    "StreamsEngine",
    "captured",
    "choose_engine",
    "make_adam",
    "moments",
    "state_of_moments",
]
