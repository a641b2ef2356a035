"""Weights in the reference's names: the same outputs as the reference's network, back again, and nothing else taken for them."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from pix2pix.config.model_settings import ModelSettings
from pix2pix.models.build import build_networks
from pix2pix.models.inference_mode import prepare_for_inference
from pix2pix.models.reference_weights import NotTheReference, from_reference, to_reference
from tests.models.junyanz import JunyanzResNet, JunyanzUNet, drawn

NETWORKS: dict[str, tuple[Callable[[], nn.Module], int]] = {
    **{
        f"unet_{2**levels} {norm}": (lambda n=norm, k=levels: JunyanzUNet(3, 3, 4, n, k), 2**levels)
        for norm in ("batch", "instance")
        for levels in (7, 8)
    },
    **{
        f"resnet_9blocks {norm} dropout {dropout}": (lambda n=norm, d=dropout: JunyanzResNet(3, 3, 4, n, dropout=d), 64)
        for norm in ("batch", "instance")
        for dropout in (False, True)
    },
    "resnet_6blocks": (lambda: JunyanzResNet(3, 3, 4, "instance", blocks=6), 64),
    "colorization": (lambda: JunyanzUNet(1, 2, 4, "batch", 8), 256),
}


@pytest.fixture(params=NETWORKS)
def network(request: pytest.FixtureRequest) -> tuple[nn.Module, int]:
    build, size = NETWORKS[request.param]
    return drawn(build()), size


@pytest.mark.parametrize("norm", ["batch", "running"])
def test_imported_weights_give_the_references_outputs(network: tuple[nn.Module, int], norm: str) -> None:
    theirs, size = network
    generator, settings, (channels, _) = from_reference(theirs.state_dict())
    theirs.train(norm == "batch")
    for module in theirs.modules():
        if isinstance(module, nn.Dropout):
            module.eval()
    real_a = torch.rand(1, channels, size, size, generator=torch.Generator().manual_seed(1)) * 2 - 1
    with torch.no_grad():
        expected, found = theirs(real_a), prepare_for_inference(generator, norm)(real_a)
    assert expected.std() > 0.05 and (found - expected).abs().max() < 1e-5
    assert settings.dropout == (0.5 if any(isinstance(module, nn.Dropout) for module in theirs.modules()) else 0.0)


def test_the_way_back_gives_the_same_tensors(network: tuple[nn.Module, int]) -> None:
    state = network[0].state_dict()
    generator, settings, _ = from_reference(state)
    back = to_reference(generator, settings)
    assert back.keys() == state.keys() and all(torch.equal(back[name], value) for name, value in state.items())
    network[0].load_state_dict(back)


def test_files_of_old_versions_and_of_several_gpus_are_read() -> None:
    state = drawn(JunyanzUNet(3, 3, 4, "instance", 7)).state_dict()
    old: dict[str, Tensor] = {f"module.{name}": value for name, value in state.items()}
    for name in [name for name in old if ".1.bias" in name]:  # PyTorch 0.3 saved statistics of instance normalisation, which nobody used
        old[name.replace(".1.bias", ".2.running_mean")] = torch.zeros(8)
    settings = from_reference(old)[1]
    assert settings.norm == "instance" and settings.crop_size == 128
    batch = {name: value for name, value in drawn(JunyanzUNet(3, 3, 4, "batch", 7)).state_dict().items() if "num_batches" not in name}
    assert from_reference(batch)[1].norm == "batch"


@pytest.mark.parametrize("prefix", ["module.", "module.module.", "_orig_mod.", "netG.", "state_dict.generator."])
def test_a_checkpoint_gives_the_one_generator_in_it(prefix: str) -> None:
    for network, name in ((JunyanzUNet(3, 3, 4, "batch", 7), "last.1.bias"), (JunyanzResNet(3, 3, 4, "batch"), "26.bias")):
        state = drawn(network).state_dict()
        checkpoint = {f"{prefix}{name}": value for name, value in state.items()} | {"netD.model.0.weight": torch.zeros(4, 6, 4, 4)}
        assert torch.equal(from_reference(checkpoint)[0].state_dict()[name], [*state.values()][-1])
        with pytest.raises(NotTheReference, match=rf"it has 2 generators, with {prefix}\S+ and z.\S+: save the state dict of one"):
            from_reference(checkpoint | {f"z.{name}": value for name, value in state.items()})


def test_weights_of_half_and_double_precision_are_brought_to_single() -> None:
    state = drawn(JunyanzUNet(3, 3, 4, "batch", 7)).state_dict()
    for dtype in (torch.float16, torch.bfloat16, torch.float64):
        generator, _, _ = from_reference({name: value.to(dtype) if value.is_floating_point() else value for name, value in state.items()})
        found = generator.state_dict()["last.1.weight"]
        assert found.dtype == torch.float32 and torch.equal(found, state["model.model.3.weight"].to(dtype).float())


def less(state: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: value for name, value in state.items() if name != "model.model.1.model.3.model.1.weight"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda state: {}, "it has neither"),
        (less, "U-Net of 2 levels"),
        (lambda state: {**state, "model.model.3.bias": torch.zeros(3, 1)}, "model.model.3.bias has 2 dimensions instead of 1"),
        (
            lambda state: {**state, "model.model.1.model.1.weight": torch.zeros(8, 4, 3, 3)},
            r"is \[8, 4, 3, 3\] where a unet of ngf 4 has \[8, 4, 4, 4\]",
        ),
        (lambda state: {**state, "model.extra.weight": torch.zeros(1)}, "model.extra.weight has no place in a unet"),
        (lambda state: {f"net.{layer}.weight": torch.zeros(4, 4, 1, 1) for layer in (0, 2, 5)}, "a discriminator's, as in latest_net_D"),
        (lambda state: {"conv1.weight": torch.zeros(1)}, "its names are conv1.weight"),
        (lambda state: {**state, "model.model.3.bias": torch.zeros(3, dtype=torch.int8)}, "model.model.3.bias, of torch.int8, is not all"),
        (lambda state: {**state, "model.model.3.bias": torch.full((3,), torch.nan)}, "is not all finite floating-point numbers"),
        (lambda state: {**state, "model.model.0.weight": torch.zeros(4, 3, 4, 4).to_sparse()}, "is a sparse or quantised tensor"),
        (lambda state: {**state, "model.model.0.weight": torch.zeros(1).expand(4000, 3, 4, 4)}, "larger than what the file holds"),
    ],
)
def test_other_tensors_are_refused_by_name(change: Callable[[dict[str, Tensor]], dict[str, Tensor]], message: str) -> None:
    with pytest.raises(NotTheReference, match=message):
        from_reference(change(JunyanzUNet(3, 3, 4, "batch", 7).state_dict()))


@pytest.mark.parametrize("changes", [{"upsample": "resize"}, {"bottleneck_norm": True}, {"norm": "none"}, {"crop_size": 64}])
def test_what_the_reference_cannot_build_is_not_written(changes: dict[str, object]) -> None:
    settings = ModelSettings(**{"ngf": 4, "ndf": 4, "crop_size": 128, **changes})  # type: ignore[arg-type]
    with pytest.raises(NotTheReference, match=next(iter(changes))):
        to_reference(build_networks(3, 3, settings, 0)[0], settings)  # type: ignore[arg-type]
