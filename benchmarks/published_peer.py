"""The published PyTorch code itself, from a checkout, beside ours: `python -m benchmarks training --peer PATH`."""

import subprocess
import sys
import tempfile
from pathlib import Path

import torch

from benchmarks.images import draw_jpegs, store_of
from benchmarks.ours import OurTraining
from benchmarks.timing import Row, faster, take_turns
from pix2pix.config.model_settings import ModelSettings
from pix2pix.config.train_settings import TrainSettings

_NEEDED = ("train.py", "models/pix2pix_model.py", "options/train_options.py", "options/base_options.py")
_IMAGES, _EPOCHS = 12, 2  # measured; the time of a start and one more epoch is subtracted


def check(checkout: Path) -> None:
    """End the program with a message where `checkout` is not the published code."""
    missing = [name for name in _NEEDED if not (checkout / name).is_file()]
    if missing:
        sys.exit(
            f"benchmarks: {checkout} is no checkout of pytorch-CycleGAN-and-pix2pix: {', '.join(missing)} missing; "
            "git clone https://github.com/junyanz/pytorch-CycleGAN-and-pix2pix and give its path"
        )


def rows(checkout: Path, rounds: int = 3) -> list[Row]:
    """Its own train.py at batch 1 and 256 px, visuals off, loader in its process; the time of a start and one epoch is subtracted."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.backends.cudnn.benchmark = True  # as it has it
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        jpegs = draw_jpegs(folder / "pairs" / "train", count=_IMAGES, size=256)
        store = store_of(sorted(jpegs.glob("*.jpg")), folder / "store", load_size=286)
        settings = TrainSettings(epochs=1, batch_size=1, precision="tf32" if device.type == "cuda" else "fp32")
        ours = OurTraining(store, ModelSettings(ngf=64, ndf=64, crop_size=256), settings, device)

        def peer(epochs: int) -> None:
            _train(checkout, folder, epochs, device)

        contenders = {"start": lambda: peer(1), "longer": lambda: peer(1 + _EPOCHS), "ours": lambda: ours.steps(_IMAGES * _EPOCHS)}
        seconds = take_turns(contenders, rounds)
    theirs = [longer - start for longer, start in zip(seconds["longer"], seconds["start"], strict=True)]
    what = f"{device}, U-Net 256, batch 1, {settings.precision}: whole loop with data / the published code's own train.py"
    return [Row(what, faster(theirs, seconds["ours"]), "its start and first epoch not counted")]


def _train(checkout: Path, folder: Path, epochs: int, device: torch.device) -> None:
    wanted = {
        "dataroot": folder / "pairs",
        "checkpoints_dir": folder / "checkpoints",
        "name": "measured",
        "model": "pix2pix",
        "direction": "BtoA",
        "num_threads": 0,
        "n_epochs": epochs,
        "n_epochs_decay": 0,
        "display_id": -1,
        "gpu_ids": 0 if device.type == "cuda" else -1,
        **dict.fromkeys(("save_epoch_freq", "save_latest_freq", "display_freq", "print_freq", "update_html_freq"), 10**9),
    }
    # its versions differ in their options: pass only those that this one knows
    known = "".join((checkout / name).read_text() for name in _NEEDED[2:])
    words = [word for key, value in wanted.items() if f"--{key}'" in known or f'--{key}"' in known for word in (f"--{key}", str(value))]
    done = subprocess.run([sys.executable, "train.py", "--no_html", *words], cwd=checkout, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"benchmarks: train.py of {checkout} failed:\n{done.stderr[-2000:]}")
