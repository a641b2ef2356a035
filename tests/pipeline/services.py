"""The services of a team: PostgreSQL, an S3 bucket, and an MLflow server that uses both. On 127.0.0.1, as long as a test runs."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import requests

SECONDS = 60.0  # that a service may take to begin or to end
ADMIN, PASSWORD = "admin", "of-the-administrator"  # of the MLflow server
_DATABASE_PASSWORD = "of-the-database"


@dataclass(frozen=True)
class Bucket:
    """An S3 bucket: its server's address, its name, and the keys to it."""

    endpoint: str
    name: str
    keys: Mapping[str, str]


def free_port() -> int:
    """A port of 127.0.0.1 that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class FileServer:
    """A real MLflow server on the sqlite store in a folder, which can be killed and started again."""

    def __init__(self, root: Path) -> None:
        self.port = free_port()
        self.uri = f"http://127.0.0.1:{self.port}"
        self._root, self._process = root, None

    def start(self) -> None:
        self._root.mkdir(exist_ok=True)
        place = ["--backend-store-uri", f"sqlite:///{self._root}/mlflow.db", "--artifacts-destination", str(self._root / "served")]
        command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(self.port), "-w", "1", *place]
        lean = {**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_DISABLE_TELEMETRY": "true"}
        quiet = subprocess.DEVNULL
        self._process = subprocess.Popen(command, env=lean, stdout=quiet, stderr=quiet, start_new_session=True)
        for _ in range(600):
            try:
                requests.get(f"{self.uri}/health", timeout=1).raise_for_status()
                return
            except requests.RequestException:
                time.sleep(0.1)
        raise TimeoutError("the MLflow server did not start")

    def kill(self) -> None:
        if self._process:
            with suppress(ProcessLookupError):  # it may have been killed before
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


@contextmanager
def slowed(port: int, pause: float) -> Iterator[int]:
    """A port that passes everything on to `port`, each piece after `pause` seconds."""

    def passed(source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while piece := source.recv(65536):
                time.sleep(pause)
                target.sendall(piece)
            target.shutdown(socket.SHUT_WR)

    def accepted(listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                server = socket.create_connection(("127.0.0.1", port))
                for ends in ((client, server), (server, client)):
                    threading.Thread(target=passed, args=ends, daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=accepted, args=(listener,), daemon=True).start()
        yield int(listener.getsockname()[1])


def postgresql_programs() -> Path | None:
    """The folder of PostgreSQL's programs, which Debian keeps off the PATH; None where it is not installed."""
    on_path = shutil.which("initdb")
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    found = Path(on_path).resolve() if on_path else next(reversed(debian), None)
    return found.parent if found else None


@contextmanager
def postgresql(programs: Path) -> Iterator[str]:
    """A PostgreSQL with an empty database `mlflow` and a password. Yields its address for SQLAlchemy."""
    account = _account()
    # not in pytest's folder, which only the user who runs the tests can enter
    with tempfile.TemporaryDirectory(prefix="postgresql-") as place:
        port, data, password = free_port(), Path(place) / "data", Path(place) / "password"
        password.write_text(_DATABASE_PASSWORD)
        for path in (place, password):
            os.chown(path, account.pw_uid, account.pw_gid)
        other = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}
        made = [programs / "initdb", "--no-sync", "--auth=scram-sha-256", "--username=mlflow", f"--pwfile={password}", data]
        subprocess.run(made, check=True, cwd=place, stdout=subprocess.DEVNULL, timeout=SECONDS, **other)
        where = {"listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": place, "fsync": "off"}
        command = [programs / "postgres", "-D", data, *(f"--{key}={value}" for key, value in where.items())]
        how = {"host": "127.0.0.1", "port": port, "user": "mlflow", "password": _DATABASE_PASSWORD}
        with _started(
            command, Path(place) / "log.txt", lambda: _answers(how), end=signal.SIGINT, cwd=place, **other
        ):  # SIGINT: PostgreSQL shuts down without waiting for clients
            connection = psycopg2.connect(dbname="postgres", **how)
            connection.autocommit = True
            connection.cursor().execute("CREATE DATABASE mlflow")
            connection.close()
            yield f"postgresql+psycopg2://mlflow:{_DATABASE_PASSWORD}@127.0.0.1:{port}/mlflow"


@contextmanager
def s3_bucket(folder: Path) -> Iterator[Bucket]:
    """An S3 server with one empty bucket, in memory. It accepts any keys."""
    port = free_port()
    bucket = Bucket(f"http://127.0.0.1:{port}", "team", {"AWS_ACCESS_KEY_ID": "a-key", "AWS_SECRET_ACCESS_KEY": "its-secret"})
    command = [Path(sys.executable).with_name("moto_server"), "-H", "127.0.0.1", "-p", str(port)]
    with _started(command, folder / "s3.log", lambda: requests.get(bucket.endpoint, timeout=5).ok):
        requests.put(f"{bucket.endpoint}/{bucket.name}", timeout=5).raise_for_status()
        yield bucket


@contextmanager
def mlflow_server(folder: Path, database: str, bucket: Bucket) -> Iterator[str]:
    """An MLflow server with runs in the database, artifacts in the bucket, and accounts. Yields its address."""
    rules = (
        folder / "mlflow-rules.ini"
    )  # every account may write to what others began; a password is hashed once a minute, not at every request
    rules.write_text(
        f"[mlflow]\ndefault_permission = EDIT\ndatabase_uri = {database}\nauth_cache_ttl_seconds = 60\nadmin_username = {ADMIN}\n"
        "authorization_function = mlflow.server.auth:authenticate_request_basic_auth\n"
    )
    env = {
        **os.environ,
        **bucket.keys,
        "AWS_DEFAULT_REGION": "us-east-1",
        "MLFLOW_S3_ENDPOINT_URL": bucket.endpoint,
        "MLFLOW_BACKEND_STORE_URI": database,
        "MLFLOW_AUTH_CONFIG_PATH": str(rules),
        "MLFLOW_AUTH_ADMIN_PASSWORD": PASSWORD,
        "MLFLOW_FLASK_SERVER_SECRET_KEY": "a-secret-of-the-server",
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        "MLFLOW_DISABLE_TELEMETRY": "true",
    }
    port = free_port()
    place = ["--host", "127.0.0.1", "--port", str(port), "--artifacts-destination", f"s3://{bucket.name}/mlflow", "--serve-artifacts"]
    command = [sys.executable, "-m", "mlflow", "server", "--app-name", "basic-auth", "-w", "1", *place]
    address = f"http://127.0.0.1:{port}"
    with _started(command, folder / "mlflow.log", lambda: requests.get(f"{address}/health", timeout=5).ok, env=env, cwd=folder):
        yield address


def add_user(address: str, name: str, password: str) -> None:
    """Create a user's account on the MLflow server."""
    person = {"username": name, "password": password}
    requests.post(f"{address}/api/2.0/mlflow/users/create", json=person, auth=(ADMIN, PASSWORD), timeout=30).raise_for_status()


def _account() -> pwd.struct_passwd:
    """The account that runs PostgreSQL, which refuses to run as root."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid())
    known = {account.pw_name: account for account in pwd.getpwall()}
    return known.get("postgres") or known["nobody"]


def _answers(how: Mapping[str, object]) -> bool:
    try:
        psycopg2.connect(dbname="postgres", connect_timeout=5, **how).close()
    except psycopg2.OperationalError:
        return False
    return True


@contextmanager
def _started(command: list[object], log: Path, ready: Callable[[], bool], *, end: int = signal.SIGTERM, **how: object) -> Iterator[None]:
    """Run a program until the block ends, then end it and all processes that it started."""
    words = [str(word) for word in command]
    with log.open("wb") as said, subprocess.Popen(words, stdout=said, stderr=said, start_new_session=True, **how) as process:
        try:
            until = time.monotonic() + SECONDS
            while not _true(ready):
                ended, late = process.poll() is not None, time.monotonic() > until
                assert not (ended or late), f"{words[0]} {'ended' if ended else 'is not there'}:\n{log.read_text()[-3000:]}"
                time.sleep(0.1)
            yield
        finally:
            process.send_signal(end)
            with suppress(subprocess.TimeoutExpired):
                process.wait(SECONDS / 4)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # what is left of them


def _true(ready: Callable[[], bool]) -> bool:
    try:
        return ready()
    except requests.RequestException:
        return False
