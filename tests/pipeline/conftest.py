"""One real `dvc repro` of a tiny clone serves all test files; each works in a copy of its own."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from filelock import FileLock

from tests.pipeline.clone import Clone


@dataclass(frozen=True)
class Reproduced:
    """A clone whose results are committed, as a person commits them."""

    clone: Clone
    output: str  # what the first `dvc repro` printed, with the modules that Python imported

    def imported(self) -> dict[str, set[str]]:
        """Modules that each stage really imported."""
        _, *parts = re.split(r"^Running stage '(.+?)'", self.output, flags=re.MULTILINE)
        texts = zip(parts[::2], parts[1::2], strict=True)
        return {stage: set(re.findall(r"^import time:.*\| +(\S+)$", text, re.MULTILINE)) for stage, text in texts}


@pytest.fixture(scope="session")
def reproduced(shared: Path) -> Reproduced:
    """Made once for all processes of the test run."""
    folder, printed = shared / "reproduced" / "repo", shared / "reproduced" / "output.txt"
    with FileLock(shared / "reproduced.lock"):
        if not printed.exists():
            clone = Clone.make(folder)
            output = clone.run("dvc", "repro", PYTHONPROFILEIMPORTTIME="1")
            clone.commit("Its results")
            printed.write_text(output)
    return Reproduced(Clone(folder), printed.read_text())


@pytest.fixture(scope="module")
def clone(reproduced: Reproduced, tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """A clone with everything reproduced and committed, for one test file."""
    return reproduced.clone.copy(Path(tmp_path_factory.mktemp("clone")) / "repo")
