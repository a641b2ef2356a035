"""Find damage in the Huffman-coded data of a baseline JPEG (ITU-T T.81) that decoders pass over.

libjpeg reads on after damage, and Huffman codes fall into step again, so that a hole often ends without a warning. A code that an encoder
never writes gives it away: a run past the 64th coefficient, a coefficient beyond what 8-bit pixels give, many equal
bytes within one block, bytes that are left over or missing.
It is compiled by numba, but for the first few files; without numba nothing is looked at, as it would take longer than decoding.
"""

import functools
import importlib.util
import re
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
_SOF_BASELINE, _SOF_EXTENDED, _DHT, _SOS, _DQT, _DRI = 0xC0, 0xC1, 0xC4, 0xDA, 0xDB, 0xDD
_OTHER_FRAMES = {0xC2, 0xC3, *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0)}  # progressive, lossless, arithmetic
_SCAN_END = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_RESTART = re.compile(rb"\xff+[\xd0-\xd7]")
_DAMAGED = -1
_HOLE = 16  # equal bytes in a row within one block, which no image gives
_NOT_COMPILED = 1 << 16  # first bytes of a process, read in a fifth of the time that importing numba takes


@dataclass
class _Tables:
    """What the markers before a scan define."""

    size: tuple[int, int] = (0, 0)  # height, width
    parts: dict[int, tuple[int, int, int]] = field(default_factory=dict)  # component -> horizontal, vertical sampling, quantisation table
    huffman: dict[int, bytes] = field(default_factory=dict)  # class and number -> 16 counts, and the symbols
    quantisation: dict[int, Array] = field(default_factory=dict)  # number -> 64 steps, zigzag
    restart: int = 0  # MCUs between restart markers; 0: none


def is_damaged(content: bytes) -> bool | None:
    """Whether the coded data of a JPEG file cannot come from an encoder; None for what is not looked at: progressive files."""
    if importlib.util.find_spec("numba") is None:
        return None
    try:
        found = [_walk(content, tables, header, start) for tables, header, start in _scans(content)]
    except (struct.error, IndexError, KeyError, ValueError, ZeroDivisionError):
        return None  # a header that this reader does not know: the decoder decides
    return any(found) if found else None


def _scans(content: bytes) -> Iterator[tuple[_Tables, bytes, int]]:
    """(tables, header, start of the coded data) of each scan."""
    tables, place = _Tables(), 2
    while place + 4 <= len(content) and content[place] == 0xFF:
        marker = content[place + 1]
        if marker == 0xFF:
            place += 1
            continue
        (length,) = struct.unpack_from(">H", content, place + 2)
        body, place = content[place + 4 : place + 2 + length], place + 2 + length
        if marker in _OTHER_FRAMES:
            return
        if marker in (_SOF_BASELINE, _SOF_EXTENDED):
            bits, *size, count = struct.unpack_from(">BHHB", body)
            if bits != 8 or not size[0]:
                return
            tables.size = (size[0], size[1])
            tables.parts = {body[i]: (body[i + 1] >> 4, body[i + 1] & 15, body[i + 2]) for i in range(6, 6 + 3 * count, 3)}
        elif marker == _DHT:
            while body:
                end = 17 + sum(body[1:17])
                tables.huffman[body[0]] = body[1:end]
                body = body[end:]
        elif marker == _DQT:
            while body:
                end = 129 if body[0] >> 4 else 65
                steps = np.frombuffer(body[1:end], dtype=">u2" if body[0] >> 4 else np.uint8)
                tables.quantisation[body[0] & 15], body = steps.astype(np.int64), body[end:]
        elif marker == _DRI:
            (tables.restart,) = struct.unpack(">H", body)
        elif marker == _SOS:
            yield tables, body, place
            found = _SCAN_END.search(content, place)
            place = found.start() if found else len(content)


@functools.lru_cache(maxsize=8)
def _lookups(*tables: bytes) -> Array:
    """`_lookup` of several tables, (tables, 65536)."""
    return np.stack([_lookup(table) for table in tables])


def _lookup(table: bytes) -> Array:
    """16 counts and the symbols of a DHT segment -> for every 16 bits that may follow: code length << 8 | symbol; 0 for no code."""
    found, first, symbol = np.zeros(1 << 16, dtype=np.uint16), 0, 16
    for length, count in enumerate(table[:16], start=1):
        for _ in range(count):
            found[first : first + (1 << 16 - length)] = length << 8 | table[symbol]
            first, symbol = first + (1 << 16 - length), symbol + 1
    return found


def _walk(content: bytes, tables: _Tables, header: bytes, start: int) -> bool:
    """Read all codes of one scan. Returns whether it is damaged."""
    chosen = [(header[i], header[i + 1] >> 4, header[i + 1] & 15) for i in range(1, 1 + 2 * header[0], 2)]
    widest, highest = (max(part[i] for part in tables.parts.values()) for i in (0, 1))
    height, width = tables.size
    if len(chosen) == 1:  # not interleaved: an MCU is one block
        across, down, _ = tables.parts[chosen[0][0]]
        units = _ceil(_ceil(width * across, widest), 8) * _ceil(_ceil(height * down, highest), 8)
        blocks = [0]
    else:
        units = _ceil(width, 8 * widest) * _ceil(height, 8 * highest)
        blocks = [i for i, (part, _, _) in enumerate(chosen) for _ in range(tables.parts[part][0] * tables.parts[part][1])]
    dc = _lookups(*(tables.huffman[table] for _, table, _ in chosen))
    ac = _lookups(*(tables.huffman[16 + table] for _, _, table in chosen))
    steps = np.stack([tables.quantisation[tables.parts[part][2]] for part, _, _ in chosen])
    end = _SCAN_END.search(content, start)
    coded = content[start : end.start() if end else len(content)]
    segments = _RESTART.split(coded) if tables.restart else [coded]
    each = tables.restart or units
    if len(segments) < _ceil(units, each):
        return True
    for number in range(_ceil(units, each)):
        coded = segments[number].replace(b"\xff\x00", b"\xff")
        data = np.frombuffer(coded + bytes(16), dtype=np.uint8)
        read = _read_codes(data, min(each, units - number * each), np.array(blocks), dc, ac, steps)
        left = coded[read:] if read >= 0 else b""
        if read == _DAMAGED or len(set(left)) > 1:  # some cameras fill up with one byte
            return True
    return False


def _ceil(amount: int, of: int) -> int:
    return -(-amount // of)


class _ReadCodes:
    """`_read`, compiled by numba where the first `_NOT_COMPILED` bytes of the process are behind it."""

    def __init__(self) -> None:
        self._bytes = 0

    def __call__(self, data: Array, *how: Any) -> int:
        self._bytes += len(data)
        return (_read if self._bytes <= _NOT_COMPILED else _compiled())(data, *how)


_read_codes = _ReadCodes()


@functools.cache
def _compiled() -> Callable[..., int]:
    from numba import njit  # takes half a second to import

    try:
        return njit(cache=True, nogil=True)(_read)
    except RuntimeError:  # neither this folder nor the home can be written: it is compiled once a process
        return njit(nogil=True)(_read)


def _read(data: Array, units: int, blocks: Array, dc: Array, ac: Array, steps: Array) -> int:
    """Read the blocks of `units` MCUs. Returns the number of bytes read, or -1 for what no encoder writes.

    data: uint8, with 16 bytes to spare. blocks: component of each block of an MCU. dc, ac: (components, 65536). steps: (components, 64).
    """
    bits, place = 8 * (len(data) - 16), 0
    before = np.zeros(len(dc), dtype=np.int64)
    for _ in range(units):
        for part in blocks:
            k, begin = 0, (place + 7) >> 3
            while k < 64:
                byte = place >> 3
                window = int(data[byte]) << 24 | int(data[byte + 1]) << 16 | int(data[byte + 2]) << 8 | int(data[byte + 3])
                code = (window >> (16 - (place & 7))) & 0xFFFF
                found = int(ac[part, code]) if k else int(dc[part, code])
                if found == 0:
                    return -1
                place += found >> 8
                run, size = (found >> 4) & 15, found & 15
                if size > 11 or (k == 0 and run):
                    return -1
                if k and size == 0:
                    if run == 0:
                        break
                    k += 16
                    if run != 15 or k > 63:
                        return -1
                    continue
                k += run
                if k > 63 or place + size > bits:
                    return -1
                byte = place >> 3
                window = int(data[byte]) << 24 | int(data[byte + 1]) << 16 | int(data[byte + 2]) << 8 | int(data[byte + 3])
                value = (window >> (32 - (place & 7) - size)) & ((1 << size) - 1)
                place += size
                if size and value < 1 << (size - 1):
                    value += 1 - (1 << size)
                if k == 0:
                    before[part] += value
                    value = before[part]
                if abs(value) * steps[part, k] > 2048 + steps[part, k]:  # 8-bit pixels give 1024 in the DC, 1300 in the AC coefficients
                    return -1
                k += 1
            alike = 1
            for i in range(begin + 1, place >> 3):
                alike = alike + 1 if data[i] == data[i - 1] else 1
                if alike == _HOLE:
                    return -1
    return (place + 7) >> 3
