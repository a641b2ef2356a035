"""onnxruntime-web, which runs the models in the browser: fetched once by npm, as package-lock.json pins it, and never committed."""

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from pix2pix.errors import UserError

DIST = Path("node_modules/onnxruntime-web/dist")
# The bundle holds the loader of the WebAssembly too, so that two files are enough, and the same two for a single file.
FILES = ("ort.wasm.bundle.min.mjs", "ort-wasm-simd-threaded.wasm")


def runtime_files(page: Path) -> Mapping[str, Path]:
    """The runtime's files by name, fetched into `page`/node_modules if they are not there yet.

    Raises UserError where they cannot be fetched.
    """
    files = {name: page / DIST / name for name in FILES}
    if not all(file.is_file() for file in files.values()):
        _fetch(page)
    missing = [str(file) for file in files.values() if not file.is_file()]
    if missing:
        raise UserError(
            f"npm fetched onnxruntime-web, but {', '.join(missing)} is not there: delete {page / 'node_modules'} and start again"
        )
    return files


def _fetch(page: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise UserError(
            "npm is missing, which fetches the browser's runtime (onnxruntime-web) once: install Node.js "
            "(Debian and Ubuntu: apt install npm; macOS: brew install node), then start again"
        )
    print(f"fetching onnxruntime-web into {page / 'node_modules'}, once", flush=True)
    # Scripts of packages stay off: nothing of theirs has to run here.
    command = [npm, "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(command, cwd=page, capture_output=True, text=True)
    if done.returncode:
        said = "\n".join((done.stderr or done.stdout).strip().splitlines()[:6])  # what went wrong; after it npm explains its options
        raise UserError(
            f"npm could not fetch onnxruntime-web: {said}\n"
            f"With a connection to the network, `npm ci` in {page} says more; it is needed once"
        )
