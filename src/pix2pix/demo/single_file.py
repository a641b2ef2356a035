"""Write the demo as one HTML file that works from the disk, without network.

A page opened from the disk must not load modules, workers or data from other files. So the HTML file contains the data (gzip, then base64),
which the page's own code unpacks, and the modules, which become Blob URLs, each created after those that it imports.
"""

import base64
import gzip
import re
from pathlib import Path

from pix2pix.demo.site import START, Site, content
from pix2pix.errors import UserError
from pix2pix.system.atomic_write import write_text

ENTRY = "js/app.js"
WORKER = "js/worker.js"
IMPORT = re.compile(r'from "\./([\w.]+)"')
# forbids network access too: connect-src falls back to default-src 'none'
POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' 'wasm-unsafe-eval' blob:; worker-src blob:; style-src 'unsafe-inline'; "
    "img-src data: blob:; base-uri 'none'; form-action 'none'"
)
LOADER = """
const addresses = {};
for (const script of document.querySelectorAll("script[data-module]")) {
  const source = script.textContent.replace(/from "\\.\\/([\\w.]+)"/g, (_, name) => `from "${addresses[name]}"`);
  addresses[script.dataset.module] = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
}
document.addEventListener("DOMContentLoaded", () => import(addresses["app.js"]));
"""


def write_single_file(site: Site, file: Path) -> None:
    """Write the whole site into one HTML file, atomically. Raises UserError if it cannot be written, or does not end in .html or .htm."""
    if file.suffix.lower() not in (".html", ".htm"):
        raise UserError(f"--single-file {file}: a page's name ends in .html, by which browsers know it")
    try:
        write_text(file, single_file(site))
    except OSError as problem:
        raise UserError(f"{file} cannot be written ({problem.strerror}): choose another place for --single-file") from None


def single_file(site: Site) -> str:
    """The site as one HTML page. Raises ValueError if index.html lacks an element that must be replaced."""
    page = _text(site, START)
    icon = "data:image/svg+xml;base64," + base64.b64encode(content(site["icon.svg"])).decode()
    modules = [_script(_text(site, f"js/{name}"), f'type="text/plain" data-module="{name}"') for name in _in_order(site)]
    packed = [_pack(address, content(resource)) for address, resource in site.items() if _is_data(address)]
    notice = "\n".join(_text(site, address) for address in site if address.startswith("licences/"))
    for old, new in (
        ('<meta charset="utf-8">', f'<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="{POLICY}">'),
        ('<link rel="stylesheet" href="style.css">', f"<style>\n{_text(site, 'style.css')}</style>"),
        (f'<script type="module" src="{ENTRY}"></script>\n', ""),
        ('href="icon.svg"', f'href="{icon}"'),
        ('src="icon.svg"', f'src="{icon}"'),
        ('<a href="licences/onnxruntime-web.txt" id="licence">Licences</a>', "<span>Its licences are in its source text.</span>"),
        ("<!doctype html>", f"<!doctype html>\n<!--\n{notice.replace('--', '- -')}-->"),
        ("</body>", "\n".join((*packed, *modules, _script(LOADER, ""), "</body>"))),
    ):
        if old not in page:
            raise ValueError(f"{START} has no {old}")
        page = page.replace(old, new, 1)
    return page


def _in_order(site: Site) -> list[str]:
    """Names of the page's modules in dependency order: each after those that it imports."""
    done: list[str] = []

    def visit(name: str) -> None:
        for needed in IMPORT.findall(_text(site, f"js/{name}")):
            if needed not in done:
                visit(needed)
        done.append(name)

    visit(Path(ENTRY).name)
    return done


def _is_data(address: str) -> bool:
    return address == WORKER or address == "models.json" or address.startswith(("vendor/", "models/", "samples/"))


def _pack(address: str, data: bytes) -> str:
    text = base64.b64encode(gzip.compress(data, 6, mtime=0)).decode()
    return _script(text, f'type="application/octet-stream" data-file="{address}" data-bytes="{len(data)}"')


def _script(text: str, attributes: str) -> str:
    return f"<script {attributes}>{text}</script>"


def _text(site: Site, address: str) -> str:
    return content(site[address]).decode()
