import os
import pkgutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pix2pix import cli
from pix2pix.cli.main import _NO_COMMANDS, main

COMMAND = [sys.executable, "-m", "pix2pix.cli.main"]


def test_help_lists_every_command_with_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    told = capsys.readouterr().out
    for module in pkgutil.iter_modules(cli.__path__):
        if module.name in _NO_COMMANDS:
            continue
        assert f"\n    {module.name.rstrip('_')} " in told  # import is a keyword


def test_a_users_mistake_is_one_message_and_exit_code_1(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pix2pix.cli.main", "datasets", "facade"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("pix2pix: there is no dataset 'facade'") and done.stderr.count("\n") == 1


@pytest.mark.parametrize("arguments", [[], ["unknown"], ["compare"], ["compare", "a", "--unknown"]])
def test_a_wrong_command_line_shows_how_and_ends_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage: pix2pix" in capsys.readouterr().err


def test_the_console_script_is_this_function() -> None:
    script = Path(sys.executable).with_name("pix2pix")
    if not script.exists():
        pytest.skip("the package is not installed in this environment, as on a machine that runs from src/")
    done = subprocess.run([script, "compare", "--help"], capture_output=True, text=True, check=True)
    for option in ("RUN_OR_FOLDER", "--target DIR", "--html FILE", "--json FILE", "--lpips-weights FILE", "--dataset", "--common"):
        assert option in done.stdout


def test_help_imports_neither_torch_nor_mlflow_nor_dvc() -> None:
    heavy = "sorted({'torch', 'mlflow', 'dvc'} & set(sys.modules))"
    code = f"import sys; from pix2pix.cli.main import main\ntry: main(['--help'])\nfinally: print({heavy})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_reader_who_wants_no_more_ends_it_quietly(tmp_path: Path) -> None:
    """As in `pix2pix runs list | head`."""
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([*COMMAND, "runs", "list"], cwd=tmp_path, stdout=writing, stderr=subprocess.PIPE, text=True)
    os.close(writing)
    assert (done.returncode, done.stderr) == (128 + signal.SIGPIPE, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_an_output_on_a_full_disk_is_a_message(tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([*COMMAND, "datasets"], cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True)
    assert (done.returncode, done.stderr) == (1, "pix2pix: the output cannot be written: No space left on device\n")


def test_without_an_output_a_command_still_works(tmp_path: Path) -> None:
    done = subprocess.run(["bash", "-c", '"$@" >&-', "bash", *COMMAND, "datasets"], cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_ctrl_c_while_it_starts_prints_no_traceback() -> None:
    program = """
import os, signal, sys
class CtrlC:
    def find_spec(self, name, path, target=None):
        if name == "pix2pix.cli.predict":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, CtrlC())
sys.argv = ["/bin/pix2pix"]
from pix2pix.cli.main import main
main(["--help"])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (-signal.SIGINT, "")
