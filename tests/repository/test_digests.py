import hashlib
from pathlib import Path

import pytest

from pix2pix.errors import UserError
from pix2pix.repository.digests import model_sha256


def test_the_models_hash_is_sha256_of_its_weights(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"generator\.safetensors is missing"):
        model_sha256(tmp_path)
    (tmp_path / "generator.safetensors").write_bytes(b"weights")
    assert model_sha256(tmp_path) == hashlib.sha256(b"weights").hexdigest()
