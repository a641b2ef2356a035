"""The fault campaign: the pipeline is killed, stopped and starved at random moments, and the same command always ends in the same bytes.

`python -m tests.campaign` runs it to the end, one fault after the other, and writes a table as it goes. Each fault strikes one stage, in a
repository where everything before it is done: `dvc repro STAGE` runs until the fault, then again as a person would run it. Nothing may be
lost, half-written, locked or left running, and dvc.lock and data/ must be what an undisturbed run makes.
"""

import argparse
import hashlib
import os
import random
import re
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path

from pix2pix.system.interrupts import raise_interrupts
from tests.pipeline.clone import SECONDS, Clone
from tests.pipeline.clone import STAGES as CHAIN
from tests.pipeline.services import FileServer, slowed

STAGES = ("check", *(f"{name}@facades" for name in CHAIN), "report")
RECORDED = ("train@facades", "evaluate@facades", "export@facades")  # in MLflow
EPOCHS = 4
CALM = 20.0  # seconds in which the processes of a run must have ended after it was killed
PAUSE = 0.3  # seconds that a slow network takes for each piece
CLOCK = """import time
_now, _ns, _start = time.time, time.time_ns, time.monotonic()
_jump = lambda: {jump} if time.monotonic() > _start + 1 else 0
time.time, time.time_ns = lambda: _now() + _jump(), lambda: _ns() + _jump() * 10**9
"""  # of every Python process, a second after it began


@dataclass(frozen=True)
class Fault:
    """What happens.

    Attributes:
        stage: the stage that is run.
        kind: `kill`, `signal`, `full`, `server`, `starts` or `clock`.
        what: the victim of a kill (`dvc`, `stage` or `all`), a signal's name, bytes of the largest file, what a server does, the jump.
        when: share of an undisturbed run's time; below 0 at the -n-th temporary file, so while an output is written.
    """

    stage: str
    kind: str
    what: str
    when: float = 0.0


@dataclass(frozen=True)
class Lab:
    """For a stage: a repository in which everything before it is done, what an undisturbed run makes of it, and in how many seconds."""

    before: Path
    right: Mapping[str, str]
    seconds: float


Row = tuple[Fault, list[str], float]  # what struck, what was wrong then, seconds


def laboratory(clone: Clone, stages: Sequence[str], folder: Path) -> dict[str, Lab]:
    """Run the stages in order in the clone, undisturbed, and keep a copy from before each in `folder`."""
    labs = {}
    for stage in stages:
        before = folder / stage / "repo"
        shutil.copytree(clone.root, before, symlinks=True)
        began = time.monotonic()
        clone.run("dvc", "repro", stage)
        labs[stage] = Lab(before, outputs(clone), time.monotonic() - began)
        assert not left_behind(clone, stage)
    return labs


def faults(seed: int) -> list[Fault]:
    """The whole campaign, in random order."""
    draw = random.Random(seed)

    def moment() -> float:
        return draw.choice((draw.random(), draw.random(), -draw.randint(1, 3)))

    found = [Fault(draw.choice(STAGES), "kill", draw.choice(("stage", "stage", "dvc", "all")), moment()) for _ in range(100)]
    found += [Fault(draw.choice(STAGES), "signal", name, draw.random()) for name in ("SIGINT", "SIGTERM", "SIGHUP") for _ in range(10)]
    found += [Fault(stage, "full", str(int(10 ** draw.uniform(2.5, 5.5)))) for stage in draw.sample(STAGES, 5)]
    found += [Fault("train@facades", "server", what) for what in ("away", "slow")]
    found += [Fault(f"{stage}@facades", "server", "dies", draw.random()) for stage in ("train", "train", "evaluate")]
    found += [Fault("train@facades", "starts", "8"), Fault("train@facades", "clock", "86400"), Fault("evaluate@facades", "clock", "-86400")]
    draw.shuffle(found)
    return found


def suffer(lab: Lab, fault: Fault, root: Path) -> list[str]:
    """Run into the fault in a copy of the repository, run the same command again, and return what is wrong then."""
    shutil.copytree(lab.before, root, symlinks=True)
    clone = Clone(root)
    command = ("dvc", "repro", fault.stage)
    with surroundings(fault, clone) as (env, strike, recover):
        first = disturbed(lab, fault, clone, command, env, strike)
        wrong = [f"still running: {name}" for name in survivors(clone)]
        if fault.kind != "kill" and "Traceback" in first and f'File "{clone.root}' in first:  # DVC's own are not ours
            wrong.append(f"a traceback at the fault: {first[-600:]}")
        recover()
        repeat = clone.attempt if env else clone.forked
        again = repeat(*command, **env)
        if "Unable to read RWLock-file" in again.stdout:  # a kill of DVC within its own write: docs/troubleshooting.md says what to do
            print("DVC's lock file is damaged, and removed by hand", flush=True)
            (clone.root / ".dvc/tmp/rwlock").unlink()
            again = repeat(*command, **env)
        if again.returncode != 0 or "Traceback" in again.stdout:
            wrong.append(f"the same command ends with {again.returncode}: {again.stdout[-600:]}")
        if fault.kind == "server":  # a training that ended without its server is delivered by the next one, or by this
            clone.attempt("pix2pix", "runs", "sync", PYTHONPATH=str(clone.root / "src"), **env)
        now = outputs(clone)
        wrong += [f"differs: {name}" for name in sorted(now.keys() | lab.right.keys()) if now.get(name) != lab.right.get(name)]
        return wrong + left_behind(clone, fault.stage)


def disturbed(lab: Lab, fault: Fault, clone: Clone, command: Sequence[str], env: Mapping[str, str], strike: Callable[[int], None]) -> str:
    """Run the command into its fault, and return what it printed."""
    limit = int(fault.what) if fault.kind == "full" else resource.RLIM_INFINITY
    started = [
        subprocess.Popen(
            command, cwd=clone.root, env=clone.env | env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            start_new_session=True, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY)),
        )
        for _ in range(int(fault.what) if fault.kind == "starts" else 1)
    ]  # fmt: skip
    wait_for(fault.when, lab.seconds, clone, started[0])
    strike(started[0].pid)
    return "".join(process.communicate(timeout=SECONDS)[0] for process in started)


def wait_for(when: float, seconds: float, clone: Clone, process: subprocess.Popen[str]) -> None:
    """Wait until the share `when` of the time is over, or until the -`when`-th temporary file appears; not beyond the end."""
    until, seen = time.monotonic() + (when if when >= 0 else 1.0) * seconds, set[str]()
    while time.monotonic() < until and len(seen) < max(-when, 1) and process.poll() is None:
        for folder in ("data", ".resume") if when < 0 else ():
            for _, folders, files in os.walk(clone.root / folder):
                seen |= {name for name in (*folders, *files) if name.endswith(".partial")}
        time.sleep(0.002)


@contextmanager
def surroundings(fault: Fault, clone: Clone) -> Iterator[tuple[dict[str, str], Callable[[int], None], Callable[[], None]]]:
    """The environment of the command, what strikes it (given its process), and what is done before the same command runs again."""

    def nothing(*_: object) -> None:
        return

    if fault.kind == "kill":
        yield {}, lambda process: kill(fault.what, process, clone), nothing
    elif fault.kind == "signal":
        yield {}, lambda process: send(process, signal.Signals[fault.what]), nothing
    elif fault.kind == "clock":
        folder = clone.root.with_name("clock")
        folder.mkdir()
        (folder / "sitecustomize.py").write_text(CLOCK.format(jump=fault.what))
        env = {"PYTHONPATH": str(folder)}
        yield env, nothing, env.clear
    elif fault.kind == "server":
        server = FileServer(clone.root.with_name("served"))
        with slowed(server.port, PAUSE) if fault.what == "slow" else nullcontext(server.port) as port:
            if fault.what != "away":
                server.start()
            try:
                strike = (lambda _: server.kill()) if fault.what == "dies" else nothing
                yield {"MLFLOW_TRACKING_URI": f"http://127.0.0.1:{port}"}, strike, nothing if fault.what == "slow" else server.start
            finally:
                server.kill()
    else:
        yield {}, nothing, nothing


def kill(victim: str, process: int, clone: Clone) -> None:
    """Kill the command, the newest of its stages, or its whole group, as for lack of memory."""
    stages = [number for number, name in running(clone.root) if "stages." in name]
    with suppress(ProcessLookupError):
        if victim == "stage" and stages:
            os.kill(max(stages), signal.SIGKILL)
        elif victim == "dvc":
            os.kill(process, signal.SIGKILL)
        else:
            os.killpg(process, signal.SIGKILL)


def send(process: int, number: signal.Signals) -> None:
    """Signal the command and its stage, as a terminal does."""
    with suppress(ProcessLookupError):
        os.killpg(process, number)


def outputs(clone: Clone) -> dict[str, str]:
    """SHA-256 of dvc.lock and of every file in data/."""
    files = [clone.root / "dvc.lock", *(path for path in (clone.root / "data").rglob("*") if path.is_file())]
    return {str(path.relative_to(clone.root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files if path.exists()}


def running(folder: Path) -> list[tuple[int, str]]:
    """Number and command line of every process that works in the folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (process / "cwd").readlink().is_relative_to(folder):
                found.append((int(process.name), (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()))
    return found


def survivors(clone: Clone) -> list[str]:
    """Processes that still run some seconds after the command ended; they are ended here."""
    until = time.monotonic() + CALM
    while running(clone.root) and time.monotonic() < until:
        time.sleep(0.1)
    return end_all(clone.root)


def end_all(folder: Path) -> list[str]:
    """Kill every process that works in the folder; returns their command lines."""
    left = running(folder)
    for number, _ in left:
        with suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)
    return [name for _, name in left]


def left_behind(clone: Clone, stage: str) -> list[str]:
    """What a run must not leave: temporary files, locks, records that wait, states of trainings, runs in MLflow that did not end."""
    wrong = [f"left: {path.relative_to(clone.root)}" for path in (clone.root / "data").rglob("*.partial")]
    wrong += [f"left: {path.relative_to(clone.root)}" for path in (clone.root / ".resume").rglob("state.pt")]
    wrong += [f"waits: {path.name}" for path in (clone.root / ".resume/mlflow-outbox").glob("*") if path.suffix != ".sync"]
    rwlock = clone.root / ".dvc/tmp/rwlock"  # of processes that are dead by now, DVC itself takes entries away
    holders = set(re.findall(r'"pid": (\d+)', rwlock.read_text())) if rwlock.exists() else set()
    wrong += [f"locked by {holder}" for holder in holders if Path("/proc", holder).exists()]
    if stage not in RECORDED:
        return wrong
    database = next(path for path in (clone.root.with_name("served") / "mlflow.db", clone.root / "mlflow.db") if path.exists())
    with closing(sqlite3.connect(database)) as store:
        runs = dict(store.execute("SELECT run_uuid, status FROM runs").fetchall())
        metrics = store.execute("SELECT run_uuid, key, step FROM metrics WHERE key IN ('val/L1_loss', 'test/SSIM')").fetchall()
    wrong += [f"run {run[:8]} is {status}" for run, status in runs.items() if status not in ("FINISHED", "KILLED", "FAILED")]
    due = {("val/L1_loss", step) for step in range(1, EPOCHS + 1) if stage == "train@facades"} | {
        ("test/SSIM", 0) for _ in "1" if stage == "evaluate@facades"
    }
    whole = [
        run for run, status in runs.items() if status == "FINISHED" and due <= {(key, step) for owner, key, step in metrics if owner == run}
    ]
    return wrong if whole else [*wrong, f"no run is complete: {runs}, {metrics}"]


def set_up(clone: Clone) -> None:
    """Let the clone have one chain that is recorded, and a training of some checkpoints."""
    changes = {"active": ["facades"], "tracking.enabled": True, "tracking.register_if": "ssim>=-1", "train.checkpoint_seconds": 0.01}
    for key, value in {**changes, "scales.sample.facades.epochs": EPOCHS}.items():
        clone.set(key, value)
    clone.commit("Recorded")


def main() -> int:
    """Run the campaign; write its table after each fault. Returns 1 if anything was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.campaign", description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="draws the faults and their moments (default: 0)")
    parser.add_argument("--first", type=int, metavar="N", help="only the first N faults")
    parser.add_argument("--table", type=Path, default=Path("data/campaign.md"), help="file of the table (default: data/campaign.md)")
    chosen = parser.parse_args()
    raise_interrupts()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="campaign-") as name:
        folder = Path(name).resolve()
        try:
            campaign(folder, faults(chosen.seed)[: chosen.first], chosen.table, rows)
        except KeyboardInterrupt:
            end_all(folder)
            print(f"stopped after {len(rows)} faults" + (f", which are in {chosen.table}" if rows else ""))
            return 130
    return 1 if any(wrong for _, wrong, _ in rows) else 0


def campaign(folder: Path, planned: Sequence[Fault], path: Path, rows: list[Row]) -> None:
    """Suffer the faults in copies below the folder; after each, add to `rows` and write them to the file `path`."""
    clone = Clone.make(folder / "whole" / "repo")
    set_up(clone)
    labs = laboratory(clone, STAGES, folder)
    for number, fault in enumerate(planned, 1):
        began, place = time.monotonic(), folder / str(number)
        wrong = suffer(labs[fault.stage], fault, place / "repo")
        rows.append((fault, wrong, time.monotonic() - began))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(table(rows), encoding="utf-8")
        print(f"{number}: {fault}: {'; '.join(wrong) or 'right'}", flush=True)
        shutil.rmtree(place, ignore_errors=True)


def table(rows: Sequence[Row]) -> str:
    """The summary by kind, and what was wrong, as Markdown."""
    lines = [f"{len(rows)} faults", "", "| fault | times | right | seconds |", "|---|---|---|---|"]
    kinds: dict[str, list[tuple[bool, float]]] = {}
    for fault, wrong, took in rows:
        what = fault.what if fault.kind in ("kill", "signal", "server") else ""
        kinds.setdefault(f"{fault.kind} {what}".strip(), []).append((not wrong, took))
    for kind, mine in sorted(kinds.items()):
        lines.append(f"| {kind} | {len(mine)} | {sum(right for right, _ in mine)} | {sum(took for _, took in mine):.0f} |")
    problems = [f"* {number}: {fault}: {'; '.join(wrong)}".replace("\n", " ") for number, (fault, wrong, _) in enumerate(rows, 1) if wrong]
    return "\n".join([*lines, "", *(problems or ["Nothing was wrong."]), ""])


if __name__ == "__main__":
    sys.exit(main())
