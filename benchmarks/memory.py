"""Peak memory of a training does not grow with the number of its images: two processes, one with twenty times as many."""

import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.timing import Row

COUNTS = (1_000, 20_000)
_SIZE, _LOAD = 64, 72


def rows() -> list[Row]:
    """As a part of `python -m benchmarks`."""
    return [row()]


def row(small: bool = False) -> Row:
    """Peak resident memory after one epoch over small pairs from the packed store, each count in a process of its own."""
    counts = tuple(count // 100 for count in COUNTS) if small else COUNTS
    peaks = [_peak(count) for count in counts]
    stored = [count * 6 * _LOAD**2 / 2**20 for count in counts]
    note = "; ".join(f"{n:,} pairs ({s:.0f} MiB stored): {p:.0f} MiB" for n, s, p in zip(counts, stored, peaks, strict=True))
    return Row(f"CPU, peak memory of one epoch at {_SIZE} px, mapped pages of the store not counted", None, note)


def _peak(count: int) -> float:
    done = subprocess.run([sys.executable, "-m", "benchmarks.memory", str(count)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"the measurement of {count} pairs failed:\n{done.stderr}")
    return float(done.stdout)


def _measure(count: int) -> None:
    import numpy as np
    import torch

    from benchmarks.ours import OurTraining
    from pix2pix.config.model_settings import ModelSettings
    from pix2pix.config.train_settings import TrainSettings
    from pix2pix.data.colour_planes import ColourPlanes
    from pix2pix.data.dataset import ImageDataset, write_dataset

    torch.set_num_threads(1)
    draw = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as name:
        shape = (10, 6, _LOAD, _LOAD)
        chunks = (draw.integers(0, 256, shape, dtype=np.uint8) for _ in range(count // 10))
        write_dataset(Path(name) / "store", chunks, [str(i) for i in range(count)], ColourPlanes("rgb", "rgb"), _LOAD)
        settings = TrainSettings(epochs=1, batch_size=min(100, count))
        # the narrowest networks; a PixelGAN, which never downsamples, would take three times as long
        model = ModelSettings(ngf=1, ndf=1, crop_size=_SIZE)
        training = OurTraining(ImageDataset(Path(name) / "store"), model, settings, torch.device("cpu"))
        training.steps(count // settings.batch_size)
        print(_anonymous_peak())


def _anonymous_peak() -> float:
    """Peak resident memory in MiB without the mapped pages of the dataset, which the kernel can drop at any time."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
    status = Path("/proc/self/status")
    mapped = next((line for line in status.read_text().splitlines() if line.startswith("RssFile")), "") if status.exists() else ""
    return peak - float(mapped.split()[1]) / 2**10 if mapped else peak


if __name__ == "__main__":
    _measure(int(sys.argv[1]))
