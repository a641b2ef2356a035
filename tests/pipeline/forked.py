"""`dvc`, and the stages that it runs, in processes forked from one that has the libraries imported: they take longer than most stages.

Nothing of the program is imported here, so that a stage imports that of its own clone.
"""

import multiprocessing
import os
import re
import runpy
import shlex
import sys
from collections.abc import Mapping
from multiprocessing.context import ForkServerContext
from pathlib import Path

LIBRARIES = [
    __name__,
    "dvc.cli",
    "dvc.repo",
    "mlflow.store.tracking.sqlalchemy_store",
    "onnxruntime",
    "onnxscript",
    "pytest",
    "torch",
    "torchvision",
]


def server() -> ForkServerContext:
    """Starts processes that have the libraries imported. What these read of the environment is that of the tests, with its `SAME_BITS`."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(LIBRARIES)
    return context


def run(words: tuple[str, ...], folder: Path, env: Mapping[str, str], printed: Path, seconds: float) -> int:
    """Run `dvc …` or `python -m …` in a folder; returns its exit code. What it prints goes to the file `printed`.

    Each stage that DVC runs writes the names of the modules that it imported to the file `<stage>.modules` beside that.
    """
    process = server().Process(target=_run, args=(words, folder, dict(env), printed))
    process.start()
    process.join(seconds)
    if process.exitcode is None:
        process.kill()
        raise TimeoutError(f"{shlex.join(words)} is not done after {seconds} s")
    return process.exitcode


def _run(words: tuple[str, ...], folder: Path, env: Mapping[str, str], printed: Path) -> None:
    """Become the command, which ends with SystemExit."""
    file = os.open(printed, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(file, 1)
    os.dup2(file, 2)
    os.chdir(folder)
    sys.path[:] = [str(folder), *(path for path in sys.path if re.search(r"/lib\d*/python", path))]
    for name in [name for name in sys.modules if name.partition(".")[0] in ("pix2pix", "stages")]:
        del sys.modules[name]  # of the program that is the parent's `__main__`, if that is not pytest
    if words[0] != "dvc":
        _be_module(words, env)
        return
    os.environ.clear()
    os.environ.update(env)
    from dvc.cli import main
    from dvc.stage import run as stages

    stages._run = lambda _shell, command, **how: _fork(shlex.split(command), how["env"], printed.parent)
    sys.exit(main(words[1:]))


def _fork(words: list[str], env: Mapping[str, str], folder: Path) -> None:
    """What DVC does with the command of a stage."""
    from dvc.stage.exceptions import StageCmdFailedError

    sys.stdout.flush()
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        if code := os.waitstatus_to_exitcode(status):
            raise StageCmdFailedError(shlex.join(words), code)
        return
    code = 1
    try:
        _be_module(words, env)
        code = 0
    except SystemExit as end:
        code = int(end.code or 0)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        (folder / f"{env['DVC_STAGE']}.modules").write_text("\n".join(sys.modules))
        sys.stdout.flush()
        os._exit(code)


def _be_module(words: tuple[str, ...] | list[str], env: Mapping[str, str]) -> None:
    """`python -m MODULE ARGUMENTS`."""
    _, option, module, *arguments = words
    os.environ.clear()
    os.environ.update(env)
    sys.argv[:] = [option, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
