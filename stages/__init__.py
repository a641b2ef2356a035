"""One room for each stage of the pipeline; `python -m stages.<stage> <dataset>` is what dvc.yaml runs."""

import sys
from pathlib import Path

# The package beside this folder, not an installed copy: `dvc exp run --temp` and the queue work in a copy of the repository,
# and what they run must be the code of that copy.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))
