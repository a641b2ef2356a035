"""A pytest plugin: small made-up chains, and a browser with the network cut, for the tests of the pages."""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from pix2pix.data.image_grid import grid
from pix2pix.metrics.labels import IDENTITY, MEAN, MODEL, REFERENCE
from pix2pix.metrics.verdict import BETTER
from pix2pix.summary.chain import Chain
from pix2pix.summary.summary import summarize

AXE = Path(__file__).parents[1] / "demo/node_modules/axe-core/axe.min.js"
FD = "fd_efficientnet_lite0"
HOSTILE = (
    "plain",
    "two words",
    "<script>alert(1)</script>".replace("/", "∕"),
    "\"quoted\" & 'single'",
    "a#b?c=d",
    "100%25%20",
    "façade 楼 ü",
    "{{ 7 * 7 }}",
    "data:x",
    "back\\slash",
    "<img src=x onerror=console.error(1)>",
)


def picture(seed: int, size: int = 32) -> Image.Image:
    """A smooth picture that differs from seed to seed."""
    tones = random.Random(seed)
    small = Image.frombytes("RGB", (4, 4), tones.randbytes(48))
    return small.resize((size, size), Image.Resampling.BILINEAR)


def fill_predictions(folder: Path, names: tuple[str, ...], size: int = 32) -> None:
    """What the infer stage leaves: outputs, `inputs/` and `targets/`."""
    for part in ("", "inputs", "targets"):
        (folder / part).mkdir(parents=True, exist_ok=True)
        for index, name in enumerate(names):
            picture(len(part) * 1000 + index, size).save(folder / part / f"{name}.png")


def make_chain(root: Path, dataset: str = "facades", *, names: tuple[str, ...] = HOSTILE, **changes: Any) -> Chain:
    """A chain whose files all exist, the model better than the baselines; `changes` are of the evaluation or the chain."""
    folder = root / dataset
    fill_predictions(folder / "predictions", names)
    lines = [f"{epoch},{1 + epoch / 10},{20 / epoch},0.5,0.4,{0.3 / epoch},0.0002" for epoch in (1, 2, 3)]
    header = "epoch,loss_g_gan,loss_g_l1,loss_d_real,loss_d_fake,val_l1,lr"
    (folder / "history.csv").write_text("\n".join([header, *lines, ""]), encoding="utf-8")
    (folder / "samples").mkdir()
    for epoch in (1, 2, 3):
        grid([[picture(epoch), picture(epoch + 9), picture(7)]] * 2).save(folder / "samples" / f"epoch-{epoch:04d}.png")
    model = {"l1": 0.1, "psnr": 20.0, "ssim": 0.7, FD: 30.0}
    evaluation: dict[str, Any] = {
        "metrics": {**model, "images": len(names), "epochs": 3},
        "rows": [
            {"name": MODEL, **model},
            {"name": IDENTITY, "l1": 0.3, "psnr": 9.0, "ssim": 0.2, FD: 90.0},
            {"name": MEAN, "l1": 0.2, "psnr": 12.0, "ssim": 0.3, FD: 120.0},
            {"name": REFERENCE, "l1": None, "psnr": None, "ssim": None, FD: 12.0},
        ],
        "intervals": {},
        "differences": {
            baseline: {
                key: {"value": -0.1, "low": -0.2, "high": -0.05, "p_value": 0.001, "verdict": BETTER} for key in ("l1", "psnr", "ssim")
            }
            for baseline in (IDENTITY, MEAN)
        },
        "resize": "",
        "caution": None,
        "images": [{"name": name, "l1": 0.1 + i / 100, "psnr": 20.5, "ssim": 0.8 - i / 50} for i, name in enumerate(names)],
    }
    values: dict[str, Any] = {
        "dataset": dataset,
        "kind": "pairs",
        "direction": "BtoA",
        "evaluation": {key: changes.pop(key, value) for key, value in evaluation.items()},
        "history": folder / "history.csv",
        "predictions": folder / "predictions",
        "samples": folder / "samples",
        "model_sha256": "0123456789abcdef" * 4,
        "settings": {"lr": 0.0002, "no_dropout": False, "init": None},
    }
    return Chain(**values | changes)


@pytest.fixture
def hostile() -> tuple[str, ...]:
    """File names that would break a careless page."""
    return HOSTILE


@pytest.fixture
def predictions(tmp_path: Path) -> Path:
    """A predictions folder with hostile names, without its page."""
    fill_predictions(tmp_path / "predictions", HOSTILE)
    return tmp_path / "predictions"


@pytest.fixture
def new_chain(tmp_path: Path) -> Callable[..., Chain]:
    """`new_chain("food", under="folder", names=(...), kind="lab", ...) -> Chain`, with all its files."""
    return lambda dataset="facades", *, under="", **changes: make_chain(tmp_path / under, dataset, **changes)


@pytest.fixture
def new_summary(new_chain: Callable[..., Chain]) -> Callable[..., dict[str, Any]]:
    """`new_summary("food", examples=8, kind="lab", ...)`: the summary of such a chain, as it is after a trip through its file."""
    return lambda *names, examples=8, **changes: json.loads(json.dumps(summarize(new_chain(*names, **changes), examples=examples)))


@dataclass
class Visit:
    """An open page and what it did: console messages, errors, addresses it asked for."""

    page: Any
    problems: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def see_every_image(self) -> list[int]:
        """Scroll through the page, wait for each image, and return their natural widths."""
        widths: list[int] = self.page.evaluate(
            """async () => {
                const widths = [];
                const frame = () => new Promise(done => requestAnimationFrame(() => setTimeout(done)));
                for (let top = 0; top < document.documentElement.scrollHeight; top += innerHeight / 2) {
                    scrollTo({top, behavior: "instant"});
                    await frame();
                }
                for (const image of document.querySelectorAll("main img")) {
                    if (!image.complete) await new Promise(done => { image.onload = image.onerror = done; });
                    widths.push(image.naturalWidth);
                }
                return widths;
            }"""
        )
        return widths

    def violations(self) -> list[Any]:
        """What axe finds: rule and elements. None where the demo's packages, which have axe, are not installed."""
        if not AXE.exists():
            return []
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = "axe.run().then(result => result.violations.map(one => [one.id, one.nodes.map(node => node.html)]))"
        return list(self.page.evaluate(found))

    def overflow(self) -> int:
        """By how many pixels the page is wider than its window."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


@pytest.fixture
def visit(chromium: Any) -> Iterator[Any]:
    """Open a file with the network cut: `visit(path, width=1280, zoom=1, scheme="light", javascript=True, fragment="") -> Visit`.

    width: of the window, which is 800 pixels high; at a zoom of 2 the page has half of both.
    """
    contexts = []

    def opened(
        path: Path, *, width: int = 1280, zoom: int = 1, scheme: str = "light", javascript: bool = True, fragment: str = ""
    ) -> Visit:
        context = chromium.new_context(
            viewport={"width": width // zoom, "height": 800 // zoom},
            device_scale_factor=zoom,
            color_scheme=scheme,
            offline=True,
            java_script_enabled=javascript,
        )
        contexts.append(context)
        seen = Visit(context.new_page())
        seen.page.on("console", lambda message: seen.problems.append(f"{message.type}: {message.text}"))
        seen.page.on("pageerror", lambda error: seen.problems.append(str(error)))
        seen.page.on("requestfailed", lambda request: seen.problems.append(f"failed: {request.url}"))
        seen.page.on("request", lambda request: seen.requests.append(request.url))
        seen.page.goto(path.resolve().as_uri() + (fragment and f"#{fragment}"))
        return seen

    yield opened
    for context in contexts:
        context.close()
