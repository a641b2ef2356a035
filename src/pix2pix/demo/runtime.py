"""Fetch onnxruntime-web, which runs the models in the browser: once, by npm, in the version of package-lock.json. It is not committed."""

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from pix2pix.errors import UserError
from pix2pix.system.terminal import say

DIST = Path("node_modules/onnxruntime-web/dist")
# The bundle contains the WebAssembly loader, so that two files are enough, also for the single-file version.
FILES = ("ort.wasm.bundle.min.mjs", "ort-wasm-simd-threaded.wasm")


def runtime_files(page: Path) -> Mapping[str, Path]:
    """File name -> path of the runtime's files, fetched into `page`/node_modules if they are missing.

    Raises UserError if they cannot be fetched.
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
    say(f"fetching onnxruntime-web into {page / 'node_modules'}, once")
    # --ignore-scripts: no install script of a package needs to run
    command = [npm, "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(command, cwd=page, capture_output=True, text=True)
    if done.returncode:
        said = "\n".join((done.stderr or done.stdout).strip().splitlines()[:6])  # the error; the rest is npm's usage
        raise UserError(
            f"npm could not fetch onnxruntime-web: {said}\n"
            f"With a connection to the network, `npm ci` in {page} says more; it is needed once"
        )
