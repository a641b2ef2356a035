"""The usual way to train pix2pix, written plainly: the peer that speed is measured against.

For every image of every epoch: open the file, cut the pair, resize, crop, flip, normalise; in a DataLoader. Eager fp32 in NCHW, one Adam
tensor by tensor on the CPU and by groups on CUDA, and the losses read after every step.
"""

import random
from collections.abc import Iterator
from pathlib import Path

import torch
import torch.nn.functional as F
from PIL import Image, ImageOps
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset
from torchvision.transforms import functional as T

from pix2pix.config.model_settings import ModelSettings
from pix2pix.models.build import build_networks


class PairFolder(Dataset[tuple[Tensor, Tensor]]):
    """Side-by-side images of a folder, decoded and transformed anew each time."""

    def __init__(self, folder: Path, load_size: int, crop_size: int) -> None:
        self.files, self.load_size, self.crop_size = sorted(folder.glob("*.jpg")), load_size, crop_size

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        """real_a (right half) and real_b (left half), CHW in [-1, 1]."""
        pair = Image.open(self.files[index]).convert("RGB")
        width, height = pair.size
        halves = pair.crop((width // 2, 0, width, height)), pair.crop((0, 0, width // 2, height))
        margin = self.load_size - self.crop_size
        left, top, flip = random.randint(0, margin), random.randint(0, margin), random.random() > 0.5
        tensors = []
        for half in halves:
            image = half.resize((self.load_size, self.load_size), Image.Resampling.BICUBIC)
            image = image.crop((left, top, left + self.crop_size, top + self.crop_size))
            image = ImageOps.mirror(image) if flip else image
            tensors.append(T.normalize(T.to_tensor(image), [0.5] * 3, [0.5] * 3))
        return tensors[0], tensors[1]


class PeerTraining:
    """Networks, optimisers and loader in the usual way; the same architecture as ours."""

    def __init__(self, folder: Path, model: ModelSettings, *, load_size: int, batch_size: int, workers: int, device: torch.device) -> None:
        self.device = device
        self.generator, self.discriminator = (network.to(device).train() for network in build_networks(3, 3, model, seed=0))
        each = False if device.type == "cpu" else None
        self.adam_g = torch.optim.Adam(self.generator.parameters(), lr=2e-4, betas=(0.5, 0.999), foreach=each)
        self.adam_d = torch.optim.Adam(self.discriminator.parameters(), lr=2e-4, betas=(0.5, 0.999), foreach=each)
        images = PairFolder(folder, load_size, model.crop_size)
        self.loader = DataLoader(images, batch_size=batch_size, shuffle=True, num_workers=workers, drop_last=True)
        self._batches = self._endless()

    def _endless(self) -> Iterator[tuple[Tensor, Tensor]]:
        while True:
            yield from self.loader

    def steps(self, count: int) -> None:
        """`count` updates of both networks, with data."""
        torch.backends.cudnn.allow_tf32 = True  # PyTorch's default, which ours switches as its precision asks
        for _ in range(count):
            real_a, real_b = (half.to(self.device) for half in next(self._batches))
            fake_b = self.generator(real_a)
            _require(self.discriminator, True)
            self.adam_d.zero_grad()
            on_fake = self.discriminator(torch.cat([real_a, fake_b.detach()], 1))
            on_real = self.discriminator(torch.cat([real_a, real_b], 1))
            fake = F.binary_cross_entropy_with_logits(on_fake, torch.zeros_like(on_fake))
            real = F.binary_cross_entropy_with_logits(on_real, torch.ones_like(on_real))
            ((fake + real) * 0.5).backward()
            self.adam_d.step()
            _require(self.discriminator, False)
            self.adam_g.zero_grad()
            fake_logits = self.discriminator(torch.cat([real_a, fake_b], 1))
            gan = F.binary_cross_entropy_with_logits(fake_logits, torch.ones_like(fake_logits))
            l1 = F.l1_loss(fake_b, real_b) * 100
            (gan + l1).backward()
            self.adam_g.step()
            _ = [loss.item() for loss in (fake, real, gan, l1)]


def _require(network: nn.Module, wanted: bool) -> None:
    for parameter in network.parameters():
        parameter.requires_grad_(wanted)
