"""What the report shows of a dataset, from the files of its stages."""

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from pix2pix.errors import UserError
from pix2pix.summary.chain import Chain, read_chain
from pix2pix.summary.summary import summarize, write_summary
from tests.inference.models import folder, model

NewChain = Callable[..., Chain]


def test_the_same_files_give_the_same_bytes_wherever_they_lie(tmp_path: Path, new_chain: NewChain) -> None:
    for place in ("x", "y"):
        write_summary(tmp_path / f"{place}.json", new_chain(under=place))
    text = (tmp_path / "x.json").read_text()
    assert text == (tmp_path / "y.json").read_text()
    assert str(tmp_path) not in text


def test_large_images_are_scaled_down_and_small_ones_left_alone(new_chain: NewChain) -> None:
    chain = new_chain(names=("small", "large"))
    for part in ("", "inputs", "targets"):
        Image.new("RGB", (700, 350), (200, 30, 40)).save(chain.predictions / part / "large.png")
    found = summarize(chain)
    sizes = {(image["width"], image["height"]) for example in found["examples"] for image in example["images"]}
    assert sizes == {(32, 32), (512, 256)}
    assert max(frame["image"]["width"] for frame in found["film"]) <= 640


def test_a_film_of_many_epochs_keeps_the_first_and_the_last(new_chain: NewChain) -> None:
    chain = new_chain(names=("p",))
    for epoch in range(1, 301):
        Image.new("RGB", (8, 8)).save(chain.samples / f"epoch-{epoch:04d}.png")
    epochs = [frame["epoch"] for frame in summarize(chain)["film"]]
    assert (epochs[0], epochs[-1], len(epochs)) == (1, 300, 10)
    assert epochs == sorted(epochs)


def test_of_large_images_fewer_are_shown_each_as_it_is(new_chain: NewChain, monkeypatch: pytest.MonkeyPatch) -> None:
    def images(found: dict[str, Any]) -> dict[str, list[str]]:
        shown = {kind: [image["src"] for example in found[kind] for image in example["images"]] for kind in ("examples", "extremes")}
        return shown | {"film": [frame["image"]["src"] for frame in found["film"]]}

    chain = new_chain()
    every = images(summarize(chain))
    size = sum(len(source) for sources in every.values() for source in sources)
    monkeypatch.setattr("pix2pix.summary.summary.MOST", size // 2)
    found = summarize(chain)
    some = images(found)
    assert size // 4 < sum(len(source) for sources in some.values() for source in sources) <= size // 2
    assert all(set(some[kind]) <= set(every[kind]) for kind in every)
    assert [len({example["role"] for example in found["extremes"]}), some["film"][-1]] == [2, every["film"][-1]]


@pytest.mark.parametrize("missing", ["facades/history.csv", "facades/predictions/targets/p.png"])
def test_a_missing_file_is_named_and_no_summary_is_left(tmp_path: Path, new_chain: NewChain, missing: str) -> None:
    chain = new_chain(names=("p",))
    (tmp_path / missing).unlink()
    with pytest.raises(UserError, match=Path(missing).name):
        write_summary(tmp_path / "out" / "facades.json", chain)
    assert not (tmp_path / "out").exists()


def test_a_damaged_image_is_named(new_chain: NewChain) -> None:
    chain = new_chain(names=("p",))
    data = (chain.predictions / "p.png").read_bytes()
    (chain.predictions / "p.png").write_bytes(data[: len(data) // 2])
    with pytest.raises(UserError, match=r"p\.png cannot be read"):
        summarize(chain)


def test_a_chain_is_read_from_what_its_stages_wrote(tmp_path: Path, new_chain: NewChain) -> None:
    made = new_chain(names=("p",))
    files = {
        "model": folder(tmp_path / "model", model()),
        "history": made.history,
        "predictions": made.predictions,
        "samples": made.samples,
    }
    with pytest.raises(UserError, match=r"e\.json cannot be read .*run the stage evaluate again"):
        read_chain("facades", "pairs", "BtoA", evaluation=tmp_path / "e.json", **files)
    (tmp_path / "e.json").write_text(json.dumps(made.evaluation))
    chain = read_chain("facades", "pairs", "BtoA", evaluation=tmp_path / "e.json", **files)
    assert chain.evaluation == made.evaluation
    assert chain.model_sha256 == sha256((tmp_path / "model/generator.safetensors").read_bytes()).hexdigest()
    assert (chain.settings["epochs"], chain.gallery) == (3, "../gallery/facades.html")
