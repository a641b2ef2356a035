import json
import random

import pytest

from pix2pix.data.file_counts import FileCounts


def test_a_line_names_numbers_endings_and_reasons() -> None:
    counts = FileCounts()
    counts.use(35)
    for number in range(10):
        counts.pass_over(f"phone/IMG_{number}.HEIC", "install pillow-heif")
    assert counts.line() == "45 files: 35 used, 10 .HEIC passed over (install pillow-heif)"
    counts.pass_over("README", "no image")
    counts.pass_over("labels.csv", "no image")
    counts.pass_over("labels2.csv", "no image")
    counts.cannot_use("a.jpg", "damaged")
    assert counts.line() == (
        "49 files: 35 used, 10 .HEIC passed over (install pillow-heif), 2 .csv and 1 without ending passed over (no image), "
        "1 .jpg not usable (damaged)"
    )


def test_many_reasons_stay_one_short_line() -> None:
    counts = FileCounts(1)
    for number in range(100):
        counts.cannot_use(f"{number}.png", f"{number}x{number} pixels")
    assert counts.line() == "101 files: 1 used, 100 .png not usable (100 reasons)"


@pytest.mark.parametrize("name", ["a.\x1b[31m", "b.\n", "c." + "x" * 300, "d. ", "e.\u202egpj"])
def test_an_unusual_ending_is_not_printed(name: str) -> None:
    counts = FileCounts()
    counts.pass_over(name, "no image")
    assert counts.line() == "1 file: 0 used, 1 without ending passed over (no image)"


def test_counts_merge_and_return_from_json() -> None:
    rng = random.Random(7)
    parts = []
    for _ in range(20):
        part = FileCounts(rng.randrange(5))
        for _ in range(rng.randrange(6)):
            part.pass_over(f"a{rng.choice(['.txt', '.csv', ''])}", rng.choice(["no image", "hidden"]))
            part.cannot_use(f"a{rng.choice(['.jpg', '.png'])}", rng.choice(["damaged", "empty"]), files=rng.randrange(1, 4))
        parts.append(part)
    merged = sum(parts, FileCounts())
    assert merged.total == sum(part.total for part in parts)
    assert FileCounts.of_rows(merged.used, json.loads(json.dumps(merged.as_rows()))) == merged
