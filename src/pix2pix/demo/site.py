"""The files of the demo by URL path. Only listed files are served."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from pix2pix.demo.catalogue import DemoModel

Site = Mapping[str, Path | bytes]  # URL path, relative to the page -> file, or its content

START = "index.html"
PAGE_FILES = (START, "*.css", "*.svg", "js/*.js", "licences/*.txt")
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".wasm": "application/wasm",
    ".onnx": "application/octet-stream",
}  # explicit: systems' own tables differ on .mjs and .wasm, which browsers run only with the right type


def assemble(page: Path, runtime: Mapping[str, Path], models: Sequence[DemoModel]) -> Site:
    """The site: files of the folder `page`, the runtime's files, models and samples, and `models.json`, which lists the last two."""
    site: dict[str, Path | bytes] = {
        file.relative_to(page).as_posix(): file for pattern in PAGE_FILES for file in sorted(page.glob(pattern)) if file.is_file()
    }
    site |= {f"vendor/{name}": file for name, file in runtime.items()}
    # numbers, not names: names of datasets and files need no escaping in URLs
    listed = []
    for number, model in enumerate(models):
        samples = []
        for place, sample in enumerate(model.samples):
            files = {"input": sample.input} if sample.target is None else {"input": sample.input, "target": sample.target}
            site |= {f"samples/{number}/{place}-{part}.png": file for part, file in files.items()}
            samples.append({part: f"samples/{number}/{place}-{part}.png" for part in files})
        site[f"models/{number}.onnx"] = model.file
        listed.append({**model.as_dict(), "file": f"models/{number}.onnx", "bytes": model.file.stat().st_size, "samples": samples})
    site["models.json"] = json.dumps({"models": listed}, ensure_ascii=False).encode()
    return site


def content(resource: Path | bytes) -> bytes:
    """The content of a resource of a `Site`."""
    return resource if isinstance(resource, bytes) else resource.read_bytes()


def media_type(address: str) -> str:
    """The media type of a URL path, by its suffix. Raises KeyError for an unknown suffix."""
    return TYPES[Path(address).suffix]
