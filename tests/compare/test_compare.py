"""A comparison and what is made of it, with a feature network of six numbers."""

import gc
import io
import math
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from tqdm import tqdm

from pix2pix.compare.as_json import as_json
from pix2pix.compare.as_text import as_text, conclusions
from pix2pix.compare.compare import (
    BASELINE,
    IDENTITY,
    MEAN,
    REAL,
    REFERENCE,
    SOURCE,
    Averaged,
    Comparison,
    changed_most,
    compare,
)
from pix2pix.compare.match import match
from pix2pix.compare.source import from_folder
from pix2pix.evaluate.evaluate import image_metrics
from pix2pix.evaluate.evaluator import Evaluator
from pix2pix.evaluate.images import ImageFiles
from pix2pix.metrics.bootstrap import PairedDifference, bootstrap_mean, paired_difference
from pix2pix.metrics.l1 import l1
from pix2pix.system.terminal import number
from tests.compare.conftest import Fill
from tests.evaluate.test_evaluator import Colours

IMAGE_METRICS = image_metrics({}, colouring=False)

STEMS = [str(i) for i in range(1, 13)]
EVALUATOR = Evaluator(IMAGE_METRICS, Colours(), torch.device("cpu"))


@pytest.fixture
def comparison(fill: Fill) -> Comparison:
    """`near` is half-way to its targets, `far` has nothing to do with them, and the inputs are known."""
    targets, near, far = fill("near/targets", STEMS, seed=1), fill("near", STEMS, seed=2), fill("far", STEMS, seed=3)
    fill("near/inputs", STEMS, seed=4)
    for stem in STEMS:
        with Image.open(near / f"{stem}.png") as one, Image.open(targets / f"{stem}.png") as other:
            mixed = Image.blend(one, other, 0.5)
        mixed.save(near / f"{stem}.png")
    return compare(match([from_folder(near), from_folder(far)], None, common=False), EVALUATOR, [])


def test_every_set_has_its_figures_with_intervals_and_a_paired_test_against_the_first(comparison: Comparison) -> None:
    near, far = comparison.sources
    files = [ImageFiles([source.outputs[stem] for stem in STEMS]) for source in comparison.matched.sources]
    real = ImageFiles([comparison.matched.targets[stem] for stem in STEMS])
    values = [torch.cat([l1(images[i][None], real[i][None]) for i in range(len(STEMS))]) for images in files]
    for entry, expected in zip((near, far), values, strict=True):
        interval = bootstrap_mean(expected)
        found = entry.figures["l1"]
        assert (found.value, found.low, found.high) == pytest.approx((interval.value, interval.low, interval.high), rel=1e-9)
    assert near.figures["l1"].difference is None
    assert far.figures["l1"].difference == paired_difference(far.values["l1"], near.values["l1"])
    assert (far.figures["l1"].difference or math.nan).value == pytest.approx((values[1] - values[0]).mean().item())


def test_beside_the_sets_are_baselines_and_the_reference(comparison: Comparison) -> None:
    assert [(entry.name, entry.role) for entry in comparison.entries] == [
        ("near", SOURCE),
        ("far", SOURCE),
        (IDENTITY, BASELINE),
        (MEAN, BASELINE),
        (REAL, REFERENCE),
    ]
    reference = comparison.entries[-1]
    assert set(reference.figures) == {"fd_colours", "kid_colours"}
    mean = np.mean([np.asarray(Image.open(comparison.matched.targets[stem]), dtype=float) for stem in STEMS], axis=0).round()
    errors = [np.abs(np.asarray(Image.open(comparison.matched.targets[stem]), dtype=float) - mean).mean() / 255 for stem in STEMS]
    assert comparison.entries[3].figures["l1"].value == pytest.approx(np.mean(errors), rel=1e-6)


def test_the_reference_is_compared_with_distances_of_as_many_images(fill: Fill) -> None:
    """The targets themselves as a set have exactly the distance of the reference, although their distance of all images is 0."""
    target = fill("t", STEMS, seed=1)
    found = compare(match([from_folder(target), from_folder(fill("a", STEMS))], target, common=False), EVALUATOR, [])
    own, other = (entry.figures["fd_colours"] for entry in found.sources)
    reference = found.entries[-1].figures["fd_colours"]
    assert found.halves == (6, 6)
    assert (own.value, own.halved) == (pytest.approx(0.0, abs=1e-9), pytest.approx(reference.value, rel=1e-9))
    assert other.halved is not None and other.halved > other.value, "the distance of fewer images is larger"
    assert as_json(found)["a"]["fd_colours"]["halves"] == pytest.approx(other.halved, rel=1e-4)  # type: ignore[index]
    assert "compares 6 of the targets with the other 6" in as_text(found)


def test_the_json_has_exactly_the_promised_shape(comparison: Comparison) -> None:
    found = as_json(comparison)
    assert list(found) == ["near", "far"]
    for name in found:
        assert set(found[name]) == {*IMAGE_METRICS, "lpips", "fd_colours", "kid_colours"}
        assert found[name]["lpips"] is None
        for metric in (*IMAGE_METRICS, "kid_colours"):
            figure = found[name][metric] or {}
            assert float(str(figure["low"])) <= float(str(figure["value"])) <= float(str(figure["high"]))
        frechet = found[name]["fd_colours"] or {}
        assert (frechet["low"], frechet["high"]) == (None, None)
        assert frechet["reference"] == pytest.approx(comparison.entries[-1].figures["fd_colours"].value, rel=1e-4)
    assert "against_first" not in (found["near"]["l1"] or {})
    against = (found["far"]["l1"] or {})["against_first"]
    assert set(against) == {"value", "low", "high", "p_value", "verdict"}  # type: ignore[call-overload]


def test_the_text_has_figures_verdicts_and_the_images_that_changed_most(comparison: Comparison) -> None:
    text = as_text(comparison)
    blocks = text.split("\n\n")
    assert blocks[0].startswith("12 images, with 95 % intervals; differences are to near")
    [l1_block] = [block for block in blocks if block.startswith("L1 (lower is better)")]
    assert [line.split()[0] for line in l1_block.splitlines()[1:]] == ["near", "far", "identity", "mean"]
    assert l1_block.splitlines()[2].endswith(": worse")
    [ssim_block] = [block for block in blocks if block.startswith("SSIM (higher is better)")]
    assert ssim_block.splitlines()[2].endswith(": worse")
    first = changed_most(*comparison.sources, "l1", STEMS)[0][0]
    assert f"Changed most from near to far (L1): {first} (+" in text


@pytest.mark.parametrize("width", [40, 80])
def test_the_text_is_broken_between_words_and_columns_where_the_terminal_ends(comparison: Comparison, width: int) -> None:
    wide, narrow = as_text(comparison), as_text(comparison, width)
    assert narrow.split() == wide.split() and max(map(len, wide.splitlines())) > width
    assert max(map(len, narrow.splitlines())) <= width


def test_images_are_ranked_by_how_much_they_changed_either_way(comparison: Comparison) -> None:
    near, far = comparison.sources
    assert comparison.leading.key == "l1"
    ranked = changed_most(near, far, "l1", STEMS, count=5)
    sizes = [abs(change) for _, change in ranked]
    assert sizes == sorted(sizes, reverse=True)
    stem, change = ranked[0]
    assert change == pytest.approx((far.values["l1"] - near.values["l1"])[STEMS.index(stem)].item())
    assert changed_most(far, near, "l1", STEMS, count=1)[0] == (stem, pytest.approx(-change))


def test_lpips_leads_where_it_was_measured(fill: Fill) -> None:
    evaluator = Evaluator({"l1": l1, "lpips": l1}, Colours(), torch.device("cpu"))
    found = compare(match([from_folder(fill("a", STEMS))], fill("t", STEMS, seed=1), common=False), evaluator, [])
    assert found.leading.key == "lpips"


def test_sets_of_the_same_images_are_said_to_be_identical(fill: Fill) -> None:
    a, b, target = fill("a", STEMS), fill("b", STEMS), fill("t", STEMS, seed=1)
    found = compare(match([from_folder(a), from_folder(b)], target, common=False), EVALUATOR, [])
    assert found.sources[1].figures["ssim"].difference == PairedDifference(0.0, 0.0, 0.0, 1.0)
    assert found.sources[1].figures["kid_colours"].difference == PairedDifference(0.0, 0.0, 0.0, None)
    assert [entry.identical for entry in found.entries] == [False, True, False, False]
    text = as_text(found)
    assert "b and a are identical: every image is the same." in text
    assert "Changed most" not in text


def test_one_other_pixel_is_not_identical(fill: Fill) -> None:
    """Mirrored, set and targets have the same L1 and PSNR, so only the pixels tell."""
    a, b, target = fill("a", ["1", "2"]), fill("b", ["1", "2"]), fill("t", ["1", "2"], seed=1)
    Image.new("RGB", (20, 16), (90, 90, 90)).save(target / "1.png")
    with Image.open(b / "1.png") as image:
        image.transpose(Image.Transpose.ROTATE_180).save(b / "1.png")
    evaluator = Evaluator({"l1": l1}, Colours(), torch.device("cpu"))
    found = compare(match([from_folder(a), from_folder(b)], target, common=False), evaluator, [])
    assert found.sources[1].figures["l1"].difference == PairedDifference(0.0, 0.0, 0.0, 1.0)
    assert not found.sources[1].identical


def test_a_sentence_says_on_what_a_set_is_better_or_worse_and_by_how_much(comparison: Comparison) -> None:
    near, far = comparison.sources
    [sentence] = conclusions(comparison)
    kernel = far.figures["kid_colours"].difference
    assert kernel and sentence.startswith(f"far is better on KID colours (by {number(abs(kernel.value))}), worse on L1 (by ")
    assert sentence.endswith(" than near")
    share = far.figures["l1"].value / near.figures["l1"].value - 1
    assert f"L1 (by {share:.0%})".replace("%", " %") in sentence
    assert "FD" not in sentence, "it has no test"


def test_the_kernel_distance_has_a_difference_with_an_interval_and_no_p_value(comparison: Comparison) -> None:
    near, far = (entry.figures["kid_colours"] for entry in comparison.sources)
    gap = far.difference
    assert gap and gap.value == pytest.approx(far.value - near.value) and gap.low <= gap.value <= gap.high
    [line] = [line for line in as_text(comparison).splitlines() if line.startswith("  far") and number(gap.low) in line]
    assert ", p" not in line and line.endswith(": better")


def test_a_single_image_is_measured_without_distances(fill: Fill) -> None:
    found = compare(match([from_folder(fill("a", ["1"]))], fill("t", ["1"], seed=1), common=False), EVALUATOR, ["a note"])
    assert set(found.sources[0].figures) == set(image_metrics({}, colouring=False))
    assert [entry.name for entry in found.entries] == ["a", MEAN]
    assert "Note: a note." in as_text(found)


def test_the_progress_bar_counts_every_image_of_every_pass(comparison: Comparison, fill: Fill, monkeypatch: pytest.MonkeyPatch) -> None:
    bars = []

    class Bar(tqdm):  # type: ignore[type-arg]
        def __init__(self, **how: Any) -> None:
            super().__init__(**{**how, "disable": False, "file": io.StringIO()})
            bars.append(self)

    monkeypatch.setattr("pix2pix.compare.compare.tqdm", Bar)
    compare(comparison.matched, EVALUATOR, [])
    target = fill("t", ["1"])
    fill("t", ["2"], size=(16, 30))
    compare(match([from_folder(target)], target, common=False), EVALUATOR, [])
    assert [(bar.n, bar.total) for bar in bars] == [(4 * len(STEMS), 4 * len(STEMS)), (2 * 2, 2 * 2)]


def test_targets_of_many_sizes_are_not_kept() -> None:
    averaged = Averaged([torch.ones(3, height, 7) for height in range(5, 25)])  # type: ignore[arg-type]
    for index in range(len(averaged)):
        averaged[index]
    assert averaged.mean() is None
    kept = [each for each in gc.get_objects() if type(each) is torch.Tensor and each.dtype == torch.float64 and each.shape[-1:] == (7,)]
    assert kept == []


def test_images_of_several_sizes_are_compared_without_a_mean(fill: Fill) -> None:
    for folder, seed in (("a", 0), ("t", 1)):
        fill(folder, STEMS[:6], seed=seed)
        fill(folder, STEMS[6:], seed=seed, size=(31, 17))
    [path] = {fill("a", []), fill("a", [])}
    found = compare(match([from_folder(path)], fill("t", []), common=False), EVALUATOR, [])
    assert [entry.name for entry in found.entries] == ["a", REAL]
