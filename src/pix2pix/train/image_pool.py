"""Pool of earlier fakes for the discriminator: Shrivastava et al., Learning from Simulated and Unsupervised Images, 2017."""

import torch
from torch import Tensor


class ImagePool:
    """Holds up to `size` fakes. When full, each new fake is swapped with a random old one with probability 1/2. Size 0 turns it off."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._images: list[Tensor] = []

    def exchange(self, fakes: Tensor) -> Tensor:
        """Add new fakes, (N, C, H, W), and return as many for the discriminator, (N, C, H, W), some of them older."""
        if not self.size:
            return fakes
        mixed = []
        for fake in fakes:
            if len(self._images) < self.size:
                self._images.append(fake)
                mixed.append(fake)
            elif torch.rand(()) < 0.5:
                place = int(torch.randint(self.size, ()))
                mixed.append(self._images[place])
                self._images[place] = fake
            else:
                mixed.append(fake)
        return torch.stack(mixed)

    def state(self) -> dict[str, Tensor]:
        """Return the pooled images, for `load_state`."""
        return {"images": torch.stack(self._images)} if self._images else {}

    def load_state(self, state: dict[str, Tensor]) -> None:
        """Restore a state from `state`."""
        self._images = list(state["images"]) if "images" in state else []
