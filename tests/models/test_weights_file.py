import hashlib
from pathlib import Path

import pytest
import torch

from pix2pix.errors import UserError
from pix2pix.models.weights_file import WeightsError, load_state, take


@pytest.fixture
def path(tmp_path: Path) -> Path:
    torch.save({"a": torch.ones(2)}, tmp_path / "w.pth")
    return tmp_path / "w.pth"


def test_a_state_dict_is_read_when_its_digest_fits(path: Path) -> None:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert torch.equal(load_state(path, "W", digest[:8])["a"], torch.ones(2))
    assert torch.equal(take(load_state(path, "W"), "a", path), torch.ones(2))


def test_mistakes_are_the_users_and_name_the_file(path: Path, tmp_path: Path) -> None:
    (tmp_path / "text.pth").write_text("not weights")
    torch.save([1, 2], tmp_path / "list.pth")
    for file, prefix, message in (
        ("absent.pth", "", "expected W"),
        ("w.pth", "0000", "instead of 0000"),
        ("text.pth", "", "cannot be read as W"),
        ("list.pth", "", "no state dict"),
    ):
        with pytest.raises(UserError, match=message) as caught:
            load_state(tmp_path / file, "W", prefix)
        assert file in str(caught.value)
    with pytest.raises(WeightsError, match=r"lacks the tensor 'b'"):
        take(load_state(path, "W"), "b", path)


def test_code_in_a_file_is_not_run(tmp_path: Path) -> None:
    marker = tmp_path / "ran"

    class Attack:
        def __reduce__(self) -> tuple[object, tuple[object, ...]]:
            return Path.touch, (marker,)

    torch.save({"a": Attack()}, tmp_path / "attack.pth")
    with pytest.raises(WeightsError):
        load_state(tmp_path / "attack.pth", "W")
    assert not marker.exists()
