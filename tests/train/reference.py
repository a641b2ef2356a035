"""The PyTorch reference's update, written plainly: no modules, one line for each layer, one tensor for each weight.

After the paper (Isola et al. 2017, sections 3 and 6) and the behaviour of junyanz/pytorch-CycleGAN-and-pix2pix: U-Net with batch
normalisation and dropout, PatchGAN, cross-entropy with halved D loss, D updated first and then asked anew for G, Adam one weight at a time.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

Weights = dict[str, Tensor]


def _norm(x: Tensor, w: Weights, name: str) -> Tensor:
    return F.batch_norm(x, w[f"{name}.running_mean"], w[f"{name}.running_var"], w[f"{name}.weight"], w[f"{name}.bias"], True, 0.1, 1e-5)


def generator(w: Weights, x: Tensor, levels: int) -> Tensor:
    """U-Net: real_a (N, 3, 2^levels, 2^levels) -> fake_b."""
    skips = []
    for level in range(levels):
        x = F.conv2d(x if level == 0 else F.leaky_relu(x, 0.2), w[f"downs.{level}.{min(level, 1)}.weight"], stride=2, padding=1)
        if 0 < level < levels - 1:
            x = _norm(x, w, f"downs.{level}.2")
        skips.append(x)
    x = skips.pop()
    for up in range(levels - 1):
        x = F.conv_transpose2d(F.relu(x), w[f"ups.{up}.1.weight"], stride=2, padding=1)
        x = _norm(x, w, f"ups.{up}.2")
        # the reference drops its blocks of full width, all but the innermost
        if 1 <= up <= levels - 5:
            x = F.dropout(x, 0.5, training=True)
        x = torch.cat([skips.pop(), x], 1)
    return torch.tanh(F.conv_transpose2d(F.relu(x), w["last.1.weight"], w["last.1.bias"], stride=2, padding=1))


def discriminator(w: Weights, pair: Tensor) -> Tensor:
    """70x70 PatchGAN: C64-C128-C256-C512, then one logit for each patch."""
    x = F.leaky_relu(F.conv2d(pair, w["0.weight"], w["0.bias"], stride=2, padding=1), 0.2)
    x = F.leaky_relu(_norm(F.conv2d(x, w["2.weight"], stride=2, padding=1), w, "3"), 0.2)
    x = F.leaky_relu(_norm(F.conv2d(x, w["5.weight"], stride=2, padding=1), w, "6"), 0.2)
    x = F.leaky_relu(_norm(F.conv2d(x, w["8.weight"], stride=1, padding=1), w, "9"), 0.2)
    return F.conv2d(x, w["11.weight"], w["11.bias"], stride=1, padding=1)


class Reference:
    """Both networks' weights and optimisers."""

    def __init__(self, weights_g: Weights, weights_d: Weights, levels: int) -> None:
        self.g, self.d, self.levels = _own(weights_g), _own(weights_d), levels
        self.adam_g = torch.optim.Adam([p for p in self.g.values() if p.requires_grad], lr=2e-4, betas=(0.5, 0.999), foreach=False)
        self.adam_d = torch.optim.Adam([p for p in self.d.values() if p.requires_grad], lr=2e-4, betas=(0.5, 0.999), foreach=False)

    def update(self, real_a: Tensor, real_b: Tensor) -> None:
        """One update of D, then of G."""
        fake_b = generator(self.g, real_a, self.levels)
        self.adam_d.zero_grad()
        on_fake = discriminator(self.d, torch.cat([real_a, fake_b.detach()], 1))
        on_real = discriminator(self.d, torch.cat([real_a, real_b], 1))
        loss_fake = F.binary_cross_entropy_with_logits(on_fake, torch.zeros_like(on_fake))
        loss_real = F.binary_cross_entropy_with_logits(on_real, torch.ones_like(on_real))
        ((loss_fake + loss_real) * 0.5).backward()
        self.adam_d.step()
        for parameter in self.d.values():
            parameter.requires_grad_(False)
        self.adam_g.zero_grad()
        on_fake = discriminator(self.d, torch.cat([real_a, fake_b], 1))
        gan = F.binary_cross_entropy_with_logits(on_fake, torch.ones_like(on_fake))
        (gan + F.l1_loss(fake_b, real_b) * 100).backward()
        self.adam_g.step()
        for name, parameter in self.d.items():
            parameter.requires_grad_("running" not in name)


def _own(weights: Weights) -> Weights:
    return {name: value.detach().clone().requires_grad_("running" not in name) for name, value in weights.items()}
