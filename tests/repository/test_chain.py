import hashlib
import json
from pathlib import Path

import pytest

from pix2pix.repository.chain import chain_hashes, parse_hashes
from pix2pix.repository.digests import folder_digest


def made(root: Path) -> dict[str, list[Path]]:
    """A chain's last outputs on the disk, relative to `root`."""
    model = root / "data/models/facades"
    model.mkdir(parents=True)
    (model / "generator.safetensors").write_bytes(b"weights")
    (root / "scores.json").write_text("{}")
    return {"train": [Path("data/models/facades")], "evaluate": [Path("scores.json")]}


def lock(root: Path, **trained: str) -> Path:
    """A `dvc.lock` that knows these outputs of the training."""
    stages = {
        "check": {"deps": [{"path": "c.py", "md5": "0"}], "outs": [{"path": "data/.checked", "md5": "9"}]},
        "download@facades": {"deps": [{"path": "a.py", "md5": "1"}], "outs": [{"path": "data/raw/facades", "md5": "2.dir"}]},
        "train@facades": {"deps": [{"path": "b.py", "md5": "3"}], "outs": [{"path": path, "md5": md5} for path, md5 in trained.items()]},
        "train@food": {"outs": [{"path": "data/models/food", "md5": "4.dir"}]},
    }
    path = root / "dvc.lock"
    path.write_text(json.dumps({"schema": "2.0", "stages": stages}))
    return path


def test_a_chain_has_the_hashes_that_dvc_would_give_and_those_that_led_to_it(tmp_path: Path) -> None:
    outputs = made(tmp_path)
    model = folder_digest(tmp_path / "data/models/facades")
    found = chain_hashes(lock(tmp_path, **{"data/models/facades": model}), "facades", outputs)
    assert found == {
        "check": {"deps": {"c.py": "0"}, "outs": {"data/.checked": "9"}},
        "download": {"deps": {"a.py": "1"}, "outs": {"data/raw/facades": "2.dir"}},
        "train": {"deps": {"b.py": "3"}, "outs": {"data/models/facades": model}},
        "evaluate": {"deps": {}, "outs": {"scores.json": hashlib.md5(b"{}").hexdigest()}},
    }


def test_a_lock_that_tells_of_another_model_is_not_believed(tmp_path: Path) -> None:
    outputs = made(tmp_path)
    found = chain_hashes(lock(tmp_path, **{"data/models/facades": "other.dir"}), "facades", outputs)
    assert list(found) == ["train", "evaluate"]
    assert found["train"] == {"deps": {}, "outs": {"data/models/facades": folder_digest(tmp_path / "data/models/facades")}}


def test_without_a_lock_there_are_the_outputs_alone(tmp_path: Path) -> None:
    assert list(chain_hashes(tmp_path / "dvc.lock", "facades", made(tmp_path))) == ["train", "evaluate"]


def test_the_lock_is_believed_where_the_caller_has_only_some_of_a_stages_outputs(tmp_path: Path) -> None:
    outputs = made(tmp_path)
    outs = {"data/models/facades": folder_digest(tmp_path / "data/models/facades"), "data/samples/facades": "5.dir"}
    found = chain_hashes(lock(tmp_path, **outs), "facades", outputs)
    assert found["train"]["outs"] == outs, "what the caller did not name comes from the lock, not from the disk"


MD5 = "0123456789abcdef0123456789abcdef"


def test_a_record_of_hashes_reads_back() -> None:
    chain = {"check": {"deps": {"src/pix2pix/config": f"{MD5}.dir"}, "outs": {"data/.checked": MD5}}, "train": {"deps": {}, "outs": {}}}
    assert parse_hashes(json.dumps(chain)) == chain


def test_a_model_outside_that_a_training_started_from_has_a_place_in_a_rebuild() -> None:
    deps = {"src/pix2pix/config": f"{MD5}.dir", "/elsewhere/food": f"{MD5}.dir"}
    assert parse_hashes(json.dumps({"train": {"deps": deps}}))["train"]["deps"] == {
        "src/pix2pix/config": f"{MD5}.dir",
        "data/start_from": f"{MD5}.dir",
    }
    with pytest.raises(ValueError, match="'/elsewhere/food'"):
        parse_hashes(json.dumps({"train": {"deps": {**deps, "../other": MD5}}}))


@pytest.mark.parametrize(
    "chain",
    [
        *({"download": {"outs": {path: MD5}}} for path in ("/tmp/x", "data/../x", "data//x", "src/x", "data/weights/x", "data/\0", "")),
        *({"download": {"deps": {path: MD5}}} for path in ("/etc/passwd", "../x", "a/./b")),
        *({"train": {"outs": {"data/x": md5}}} for md5 in (f"../{MD5}", f"{MD5}.x", MD5.upper(), MD5[1:], None, 3, [], f"{MD5}\n")),
        {"x": {}}, {"train": 3}, {"train": {"outs": [1]}}, {}, [], 3, None,
    ],
)  # fmt: skip
def test_a_record_that_could_name_other_files_is_refused(chain: object) -> None:
    with pytest.raises(ValueError):
        parse_hashes(json.dumps(chain))
    with pytest.raises(ValueError):
        parse_hashes("{" + json.dumps(chain))
