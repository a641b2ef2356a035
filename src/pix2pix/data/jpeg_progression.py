"""Progressive JPEG files that are cut between two scans: every scan that is there is whole, and the image is not."""

import re
from collections.abc import Iterator

_PROGRESSIVE, _SCAN = 0xC2, 0xDA  # markers, ITU-T T.81, B.1.1.3
_ALONE = {0x01, *range(0xD0, 0xD9)}  # markers without a length
_NEXT = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]", re.DOTALL)  # the marker that ends a scan; stuffed bytes and restarts do not


def lacks_scans(content: bytes) -> bool:
    """Whether a progressive file lacks bits of a coefficient of a component. False for other files, and for headers that make no sense."""
    precise: dict[int, set[int]] = {}  # component -> coefficients of which the lowest bit is there
    for marker, segment in _segments(content):
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC, _PROGRESSIVE):
            return False
        if marker == _PROGRESSIVE and len(segment) > 5:
            precise = {component: set() for component in segment[6::3][: segment[5]]}
        elif marker == _SCAN and segment:
            count = segment[0]
            components, spectrum = segment[1 : 1 + 2 * count : 2], segment[1 + 2 * count :]
            if len(spectrum) == 3 and spectrum[2] & 15 == 0:  # Ss, Se, and Al in the low half of the third
                for component in components:
                    precise.setdefault(component, set()).update(range(spectrum[0], spectrum[1] + 1))
    return any(len(found) < 64 for found in precise.values())  # coefficients of a block


def _segments(content: bytes) -> Iterator[tuple[int, bytes]]:
    """The markers of a file and what their segments hold."""
    place = 0
    while (found := _NEXT.search(content, place)) is not None:
        marker, place = content[found.start() + 1], found.end()
        if marker in _ALONE:
            continue
        length = int.from_bytes(content[place : place + 2], "big")
        yield marker, content[place + 2 : place + length]
        place += max(2, length)
