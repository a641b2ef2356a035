"""The fused losses are the plain ones, and their gradients autograd's."""

import pytest
import torch

from pix2pix.training.losses import discriminator_losses, generator_loss

pytest.importorskip("triton", "3.9")  # the interpreter of 3.6 does not go with this NumPy
from pix2pix.training.fused.losses import MODES, adversarial_d, adversarial_g, l1_loss


@pytest.mark.parametrize("shape", [(1, 1, 2, 2), (3, 1, 30, 30)], ids=str)
@pytest.mark.parametrize("mode", MODES)
def test_what_the_discriminator_pays(mode: str, shape: tuple[int, ...]) -> None:
    draw = torch.Generator().manual_seed(0)
    fake, real = (torch.randn(shape, generator=draw) * 4 for _ in range(2))
    logits = torch.cat([fake, real]).requires_grad_()
    total, of_fake, of_real = adversarial_d(mode, logits, 0.5)
    exact = logits.detach().double().requires_grad_()
    expected = discriminator_losses(mode, *exact.chunk(2))
    for found, plain in zip((of_fake, of_real, total), (*expected, sum(expected) * 0.5), strict=True):
        torch.testing.assert_close(found.double(), plain, rtol=1e-5, atol=1e-6)
    (total * 3).backward()
    (sum(expected) * 0.5 * 3).backward()  # type: ignore[union-attr]
    torch.testing.assert_close(logits.grad.double(), exact.grad, rtol=1e-5, atol=1e-7)  # type: ignore[union-attr]


@pytest.mark.parametrize("mode", MODES)
def test_what_the_generator_pays_for_being_found_out(mode: str) -> None:
    logits = (torch.randn((2, 1, 6, 6), generator=torch.Generator().manual_seed(1)) * 4).requires_grad_()
    total, loss = adversarial_g(mode, logits, 2.0)
    exact = logits.detach().double().requires_grad_()
    expected = generator_loss(mode, exact)
    torch.testing.assert_close(loss.double(), expected, rtol=1e-5, atol=1e-6)
    total.backward()
    (expected * 2.0).backward()
    torch.testing.assert_close(logits.grad.double(), exact.grad, rtol=1e-5, atol=1e-7)  # type: ignore[union-attr]


@pytest.mark.filterwarnings("ignore:overflow encountered in exp")  # in the interpreter's sigmoid, which is 0 then, as it should be
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("far", [60.0, 200.0])
def test_logits_far_from_0_overflow_nowhere(mode: str, far: float) -> None:
    logits = torch.tensor([-far, far, far, -far]).view(4, 1, 1, 1).requires_grad_()
    total, of_fake, of_real = adversarial_d(mode, logits, 1.0)
    expected = discriminator_losses(mode, *logits.detach().double().chunk(2))
    torch.testing.assert_close(torch.stack([of_fake, of_real]).double(), torch.stack(expected), rtol=1e-5, atol=1e-6)
    total.backward()
    assert torch.isfinite(logits.grad).all()  # type: ignore[arg-type]


@pytest.mark.parametrize("mode", MODES)
def test_what_is_no_number_is_not_hidden(mode: str) -> None:
    logits = torch.zeros(2, 1, 2, 2)
    logits[:, :, 1, 1] = torch.nan
    assert torch.isnan(torch.stack(adversarial_d(mode, logits, 1.0))).all()
    assert torch.isnan(torch.stack(adversarial_g(mode, logits, 1.0))).all()
    fake = torch.zeros(1, 3, 2, 2)
    fake[0, 0, 0, 0] = torch.nan
    assert torch.isnan(torch.stack(l1_loss(fake, torch.zeros(1, 3, 2, 2), 1.0))).all()


@pytest.mark.parametrize("shape", [(1, 3, 8, 8), (2, 3, 40, 40)], ids=str)
def test_l1_and_its_gradient_lie_where_the_picture_does(shape: tuple[int, ...]) -> None:
    draw = torch.Generator().manual_seed(2)
    fake, real = (torch.randn(shape, generator=draw).contiguous(memory_format=torch.channels_last) for _ in range(2))
    fake[0, 0, 0, 0] = real[0, 0, 0, 0]  # no slope where nothing is apart
    fake.requires_grad_()
    total, loss = l1_loss(fake, real, 100.0)
    (total * 3).backward()
    found, fake.grad = fake.grad, None
    expected = (fake - real).abs().mean()
    (300.0 * expected).backward()
    torch.testing.assert_close(loss, expected)
    torch.testing.assert_close(found, fake.grad)
    assert found is not None and found.is_contiguous(memory_format=torch.channels_last)
