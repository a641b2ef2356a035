"""System metrics of the machine during training, by MLflow's monitors."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlflow.system_metrics.metrics.base_metrics_monitor import BaseMetricsMonitor


class SystemMetrics(threading.Thread):
    """Samples CPU, memory, disk, network and GPU, and passes each sample to `record` as `{"system/<name>": value}`.

    MLflow's own `SystemMetricsMonitor` is not used: it sends directly, and stops for good after one failure of the server.

    Args:
        record: receives a sample; called from this thread.
        interval: seconds between samples; `MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL` wins, as in MLflow.
    """

    def __init__(self, record: Callable[[dict[str, float]], None], interval: float = 10.0) -> None:
        super().__init__(name="system-metrics", daemon=True)

        self._record = record
        self._interval = float(os.environ.get("MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL") or interval)
        self._monitors = _monitors()
        self._stopping = threading.Event()

    def run(self) -> None:
        self._sample()  # CPU load is measured since the previous call, so the first sample is discarded
        while not self._stopping.wait(self._interval):
            self._record(self._sample())
        self._record(self._sample())

    def stop(self) -> None:
        """Record a last sample and end the thread."""
        self._stopping.set()
        self.join(timeout=2)

    def _sample(self) -> dict[str, float]:
        values: dict[str, float] = {}
        for monitor in self._monitors:
            monitor.collect_metrics()
            values |= {f"system/{name}": float(value) for name, value in monitor.aggregate_metrics().items()}
            monitor.clear_metrics()
        return values


def _monitors() -> list[BaseMetricsMonitor]:
    """Monitors for this machine; NVIDIA's only with such a GPU and its library."""
    from mlflow.system_metrics.metrics.cpu_monitor import CPUMonitor
    from mlflow.system_metrics.metrics.disk_monitor import DiskMonitor
    from mlflow.system_metrics.metrics.gpu_monitor import GPUMonitor
    from mlflow.system_metrics.metrics.network_monitor import NetworkMonitor

    monitors: list[BaseMetricsMonitor] = [CPUMonitor(), DiskMonitor(), NetworkMonitor()]
    with suppress(ImportError, RuntimeError):
        monitors.append(GPUMonitor())
    return monitors
