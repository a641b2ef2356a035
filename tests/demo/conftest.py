"""The demo as a person meets it: exported models, the server, and a browser that reaches nothing else."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pix2pix.demo.catalogue import find_models
from pix2pix.demo.runtime import DIST, FILES
from pix2pix.demo.server import Server
from pix2pix.demo.site import Site, assemble
from tests.demo.onnx_models import write_model, write_samples
from tests.demo.open_page import AXE, HOSTILE, PAGE, Demo


@pytest.fixture(scope="session")
def models_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three exported models, and samples for two."""
    folder = tmp_path_factory.mktemp("export")
    write_model(folder / "facades/model.onnx")
    write_model(folder / "food/model.onnx", "food", "lab", noise="0")
    write_model(folder / "odd.onnx", "odd")
    for dataset in ("facades", "food"):
        write_samples(folder / "predictions" / dataset / "inputs")
    write_samples(folder / "predictions/facades/targets", flipped=True)
    return folder


@pytest.fixture(scope="session")
def runtime() -> dict[str, Path]:
    """onnxruntime-web as `npm ci` fetched it."""
    files = {name: PAGE / DIST / name for name in FILES}
    if not all(file.is_file() for file in (*files.values(), AXE)):
        pytest.skip("the browser's runtime is not there: run `npm ci` in demo/, with Node.js and a network")
    return files


@pytest.fixture(scope="session")
def site(models_folder: Path, runtime: dict[str, Path]) -> Site:
    """Everything that the page asks for."""
    *models, odd = find_models(models_folder, models_folder / "predictions")
    # a name that a file cannot bring, and that would break a careless page
    hostile = replace(odd, description=replace(odd.description, dataset=HOSTILE))
    return assemble(PAGE, runtime, [*models, hostile])


@pytest.fixture(scope="session")
def address(site: Site) -> Iterator[str]:
    """Of a running server."""
    with Server(site, 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.address
        server.shutdown()


@pytest.fixture(scope="session")
def visit(chromium: Any, address: str) -> Iterator[Callable[..., Demo]]:
    """`visit(url=the server's, width=1280, height=800, scheme="light", **context) -> Demo`: a new window, that reaches only the demo."""
    opened: list[tuple[Any, Demo]] = []

    def visited(
        url: str = address, *, width: int = 1280, height: int = 800, scheme: str = "light", prepare: Any = None, **how: Any
    ) -> Demo:
        context = chromium.new_context(viewport={"width": width, "height": height}, color_scheme=scheme, **how)
        context.set_default_timeout(20_000)
        demo = Demo(context.new_page())
        opened.append((context, demo))
        context.route(lambda asked: not asked.startswith((url.partition("#")[0], "blob:", "data:")), lambda route: refuse(demo, route))
        demo.page.on("console", lambda message: demo.problems.append(f"{message.type}: {message.text}"))
        demo.page.on("pageerror", lambda error: demo.problems.append(str(error)))
        if prepare:
            prepare(demo.page)
        demo.page.goto(url)
        if not prepare:
            demo.page.wait_for_selector("#result-stage[data-runs]:not([aria-busy])")
        return demo

    yield visited
    for context, demo in opened:
        context.close()
        assert demo.outside == []


@pytest.fixture(scope="session")
def window(visit: Callable[..., Demo]) -> Demo:
    """One window for many tests, as starting the runtime anew for each takes long."""
    return visit()


@pytest.fixture
def demo(window: Demo) -> Iterator[Demo]:
    """The page with a sample of the facades and all else as it opens. Whatever is done to it, it must not complain in the console."""
    close = window.page.get_by_role("button", name="Close")
    if close.is_visible():
        close.click()
    if not window.page.get_by_role("radio", name="facades", exact=True).is_checked():
        with window.new_result():  # of the sample that another model opens with
            window.pick("facades")
    for choice in ("Rectangle", "window"):
        window.pick(choice)
    window.page.get_by_role("checkbox", name="Live").check()
    window.page.get_by_label("Seed").fill("")
    with window.new_result():
        window.page.get_by_role("button", name="Random sample").click()
    window.problems.clear()
    yield window
    assert window.problems == []


def refuse(demo: Demo, route: Any) -> None:
    """Cut a request off, and remember it."""
    demo.outside.append(route.request.url)
    route.abort()
