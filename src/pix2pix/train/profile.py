"""A PyTorch trace of some updates, to be opened in chrome://tracing or Perfetto."""

from pathlib import Path

import torch
from torch.profiler import ProfilerActivity, profile

_WARM_UP = 3  # updates before the recording: they choose kernels and capture the graph


class StepProfiler:
    """Records `steps` updates after the first few of this process; 0 records nothing, at no cost."""

    def __init__(self, steps: int, device: torch.device, folder: Path) -> None:
        self._left, self._warm_up, self._folder = steps, _WARM_UP, folder
        activities = [ProfilerActivity.CPU, *([ProfilerActivity.CUDA] if device.type == "cuda" else [])]
        self._profile = profile(activities=activities) if steps else None

    def step(self) -> Path | None:
        """An update is done; the file with the trace once the last of them is."""
        if self._profile is None:
            return None
        if self._warm_up:
            self._warm_up -= 1
            if not self._warm_up:
                self._profile.start()
            return None
        self._left -= 1
        return None if self._left else self.finish()

    def finish(self) -> Path | None:
        """End the recording, also before it is full; None where there is none or it was ended before."""
        if self._profile is None or self._warm_up:
            return None
        self._profile.stop()
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / "trace.json"
        self._profile.export_chrome_trace(str(path))
        self._profile = None
        return path
