"""Bound the memory that decoding takes together: a file of 300 KB may hold 100 megapixels, of more than a GiB, times the threads."""

import contextlib
import io
import threading
import warnings
from collections.abc import Iterator, Sequence

from pix2pix.data.image_files import open_image

BOUND = 2 << 30  # bytes of all threads of a process, or of all processes of a pool
_BYTES_PER_PIXEL = 14  # at the peak: the image as read, as RGB, and its array


class DecodeMemory:
    """Bytes that threads take to decode, at most `bound` together. An image that needs more is decoded when no other is."""

    def __init__(self, bound: int = BOUND) -> None:
        self._bound = self._free = bound
        self._freed = threading.Condition()
        self._alone: contextlib.AbstractContextManager[object] = contextlib.nullcontext()

    def share(self, count: int, alone: contextlib.AbstractContextManager[object]) -> None:
        """Make this process one of `count` that share the bound. alone: a lock of all of them, for images that need more than a share."""
        self._bound = self._free = self._bound // count
        self._alone = alone

    @contextlib.contextmanager
    def taken(self, contents: Sequence[bytes]) -> Iterator[None]:
        """Context manager: wait until the images in these files can be decoded, and hold their memory until the end of the block."""
        needed = sum(map(_needed, contents))
        held = min(needed, self._bound)
        with self._alone if needed > self._bound else contextlib.nullcontext():
            with self._freed:
                self._freed.wait_for(lambda: self._free >= held)
                self._free -= held
            try:
                yield
            finally:
                with self._freed:
                    self._free += held
                    self._freed.notify_all()


decode_memory = DecodeMemory()
"""Of this process."""


def _needed(content: bytes) -> int:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of Pillow, about metadata and size
            image = open_image(io.BytesIO(content))
            return image.width * image.height * _BYTES_PER_PIXEL
    except Exception:  # Pillow raises many types; a file that it does not open as it is may still be a large image
        return BOUND if len(content) > 1 << 16 else 0
