"""One real `dvc repro` of a tiny clone serves all test files; each works in a copy of its own."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from filelock import FileLock

from tests.pipeline.clone import Clone


@dataclass(frozen=True)
class Reproduced:
    """A clone whose results are committed, as a person commits them."""

    clone: Clone
    output: str  # what the first `dvc repro` printed

    def imported(self) -> dict[str, set[str]]:
        """Modules that each stage really imported."""
        return {file.stem: set(file.read_text().split()) for file in self.clone.apart.glob("*.modules")}


@pytest.fixture(scope="session")
def reproduced(shared: Path) -> Reproduced:
    """Made once for all processes of the test run."""
    clone, printed = Clone(shared / "reproduced" / "repo"), shared / "reproduced" / "output.txt"
    with FileLock(shared / "reproduced.lock"):
        if not printed.exists():
            Clone.make(clone.root)
            output = clone.dvc("repro")
            clone.commit("Its results")
            printed.write_text(output)
    return Reproduced(clone, printed.read_text())


@pytest.fixture(scope="module")
def clone(reproduced: Reproduced, tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """A clone with everything reproduced and committed, for one test file."""
    return reproduced.clone.copy(Path(tmp_path_factory.mktemp("clone")) / "repo")
