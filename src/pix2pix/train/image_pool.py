"""Earlier fakes that the discriminator sees again: Shrivastava et al., Learning from Simulated and Unsupervised Images, 2017."""

import torch
from torch import Tensor


class ImagePool:
    """Up to `size` fakes; once full, each new one is swapped with an old one half of the time. Size 0 passes images through."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._images: list[Tensor] = []

    def exchange(self, fakes: Tensor) -> Tensor:
        """(N, C, H, W) new fakes -> (N, C, H, W), partly older ones."""
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
        """For `load_state`."""
        return {"images": torch.stack(self._images)} if self._images else {}

    def load_state(self, state: dict[str, Tensor]) -> None:
        """Restore what `state` returned."""
        self._images = list(state["images"]) if "images" in state else []
