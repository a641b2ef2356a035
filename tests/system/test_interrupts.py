import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pix2pix.system.interrupts import Stop

# An extension module calls Python through C, where an exception is printed and dropped, as by NumPy's import_array
MODULE = """
import ctypes, os, signal
ctypes.CFUNCTYPE(None)(lambda: os.kill(os.getpid(), signal.{name}))()
"""
PROGRAM = """
import time
from pix2pix.system.interrupts import Stop, raise_interrupts
raise_interrupts()
try:
    import extension
    time.sleep(60)
except KeyboardInterrupt:
    print("stopped by", Stop.by)
"""


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_an_interrupt_within_an_import_comes_through_at_its_end(name: str, tmp_path: Path) -> None:
    (tmp_path / "extension.py").write_text(MODULE.format(name=name))
    (tmp_path / "program.py").write_text(PROGRAM)
    done = subprocess.run([sys.executable, "program.py"], cwd=tmp_path, capture_output=True, text=True, timeout=50)
    assert (done.stdout, done.stderr) == (f"stopped by {getattr(signal, name)}\n", "")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_training_that_catches_them_stops_where_it_can_and_ends_with_the_signal_s_code(
    number: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Stop, "by", None)  # of the whole process: put back afterwards
    before = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        stop = Stop()
        stop.catch()
        assert not stop()
        signal.raise_signal(number)
        assert stop() and Stop.by == number
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
