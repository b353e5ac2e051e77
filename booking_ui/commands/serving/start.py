"""Starts the clinic and keeps it together: `python -m booking_ui.commands.serve`, or with `--dev` for hot reload.

Settings are checked, the database migrated, the demo clinic loaded, the pages built if they changed; then the sandbox
(when no Razorpay key is set) and the app run until one of them ends or somebody asks to stop. Nobody is left behind,
not even by SIGKILL (lifeline.py).
"""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from types import FrameType

from sqlalchemy.exc import OperationalError

from booking_ui.commands import frontend
from booking_ui.commands.lifeline import Lifeline
from booking_ui.config.settings import Settings, SettingsError, settings
from booking_ui.db import own_files
from booking_ui.db.session import database
from booking_ui.services.accounts import authentication

GRACE = 10.0  # seconds a child may take to end by itself
PATIENCE = 60.0  # seconds a child may take until it answers
LOOPBACK = "127.0.0.1"


class Stopped(Exception):
    """Somebody asked us to stop."""


class Failed(Exception):
    """A step of the start failed, or a child ended; the text is for the operator."""


class Children:
    """Processes in groups of their own, so that one signal reaches whatever they started too."""

    def __init__(self) -> None:
        self._running: list[tuple[str, subprocess.Popen[bytes]]] = []
        self._asked = 0
        self._wake = threading.Event()
        self._lifeline: Lifeline | None = None

    def ask_to_stop(self, _signal: int = 0, _frame: FrameType | None = None) -> None:
        self._asked += 1
        self._wake.set()

    def pause(self, seconds: float) -> None:
        """Wait; raises Stopped as soon as somebody asks."""
        if self._wake.wait(seconds):
            raise Stopped

    def start(self, name: str, command: list[str], env: Mapping[str, str]) -> None:
        merged = {**os.environ, **env}
        process = subprocess.Popen(command, cwd=frontend.ROOT, env=merged, start_new_session=True)
        self._began(name, process)

    def run(self, name: str, command: list[str], env: Mapping[str, str]) -> None:
        """Run to the end, silently unless it fails."""
        with tempfile.TemporaryFile() as output:
            process = subprocess.Popen(
                command,
                cwd=frontend.ROOT,
                env={**os.environ, **env},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            self._began(name, process)
            while process.poll() is None:
                self.pause(0.05)
            self._ended(self._running.pop()[1])
            if process.returncode:
                output.seek(0)
                tail = output.read().decode(errors="replace").splitlines()[-40:]
                raise Failed("\n".join([*tail, "", f"{name} failed; the reason is above."]))

    def _began(self, name: str, process: subprocess.Popen[bytes]) -> None:
        self._running.append((name, process))
        self._lifeline = self._lifeline or Lifeline(GRACE)
        self._lifeline.started(process.pid)

    def _ended(self, process: subprocess.Popen[bytes]) -> None:
        if self._lifeline is not None:
            self._lifeline.ended(process.pid)

    def check(self) -> None:
        """Raises Failed when one has ended."""
        for name, process in self._running:
            if process.poll() is not None:
                raise Failed(f"{name} ended with status {process.returncode}; stopping everything.")

    def stop(self) -> None:
        """End them one after the other, the newest first, so that none asks one that is gone; whoever is left after GRACE,
        or at a second Ctrl-C, is killed."""
        asked, deadline = self._asked, time.monotonic() + GRACE
        for _, process in reversed(self._running):
            _signal_group(process, signal.SIGTERM)
            while process.poll() is None and self._asked == asked and time.monotonic() < deadline:
                with suppress(subprocess.TimeoutExpired):
                    process.wait(0.1)
        for _, process in self._running:
            _signal_group(process, signal.SIGKILL)
            process.wait()
            self._ended(process)
        self._running.clear()
        if self._lifeline is not None:
            self._lifeline.close()
            self._lifeline = None


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):  # macOS says so of a group of zombies
        os.killpg(process.pid, number)


def _refuse_taken(name: str, host: str, port: int) -> None:
    """The server itself would share a taken port without a word."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as exc:
            raise SettingsError(f"{name}: port {port} on {host} cannot be used ({exc.strerror}).") from exc


def _nearest(host: str) -> str:
    """Where we reach a server that listens on `host`: everywhere includes loopback."""
    return LOOPBACK if host in {"", "0.0.0.0", "::"} else host  # noqa: S104 - compared, not bound


def _answers(host: str, port: int, path: str) -> bool:
    connection = http.client.HTTPConnection(_nearest(host), port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _await_answer(children: Children, name: str, host: str, port: int, path: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not _answers(host, port, path):
        children.check()
        if time.monotonic() > deadline:
            raise Failed(f"{name} did not answer on port {port} within {PATIENCE:g} seconds.")
        children.pause(0.1)


def _common(now: Settings) -> dict[str, str]:
    data = now.data_dir.absolute()
    # States in DATA_DIR: two clinics started from one folder must not share their visitors' pages.
    return frontend.environment() | {"DATA_DIR": str(data), "REFLEX_STATES_WORKDIR": str(data / "states")}


def _reach_database() -> None:
    """A server that is not there, or does not know us, is told in a sentence; a file needs no reaching."""
    engine = database().engine
    if engine.dialect.name == "sqlite":
        return
    try:
        with engine.connect():
            pass
    except OperationalError as exc:
        raise Failed(f"DATABASE_URL can't be reached: {str(exc.orig).strip().splitlines()[-1]}") from exc
    finally:
        engine.dispose()


def _prepare_database(now: Settings, children: Children) -> None:
    common = _common(now)
    _reach_database()
    children.run(
        "The migration of DATABASE_URL", [sys.executable, "-m", "alembic", "upgrade", "head"], common
    )
    if now.live and (known := authentication.demo_logins()):
        raise Failed(
            f"DEMO logins can still sign in ({', '.join(known)}): remove them before using a live key."
        )
    if now.demo_mode:
        children.run("Loading the demo clinic", [sys.executable, "-m", "booking_ui.demo"], common)


def _start_sandbox(now: Settings, children: Children) -> None:
    webhook = f"http://{_nearest(now.host)}:{now.port}/api/appointments/razorpay-webhook"
    told = {
        "SANDBOX_PORT": str(now.sandbox_port),
        "SANDBOX_KEY_ID": now.key_id,
        "SANDBOX_KEY_SECRET": now.key_secret,
        "SANDBOX_WEBHOOK_SECRET": now.webhook_secrets[0],
        "SANDBOX_WEBHOOK_URLS": webhook,
        "SANDBOX_STATE": str(now.data_dir.absolute() / "sandbox.db"),
    }
    children.start("The sandbox", [sys.executable, "-m", "booking_ui.sandbox"], _common(now) | told)


def _built_app(now: Settings, children: Children) -> tuple[list[str], dict[str, str]]:
    """The built pages and the app on one port, without Node and without compiling anything."""

    def run(command: list[str], env: Mapping[str, str]) -> None:
        children.run("Building the pages", command, env)

    place = frontend.ensure(now, run, _say)
    counters = now.data_dir.absolute() / "metrics"
    shutil.rmtree(counters, ignore_errors=True)  # those of the last run
    counters.mkdir()
    server = [sys.executable, "-m", "granian", "--interface", "asgi", "--factory", "--log-level", "warning"]
    address = ["--host", now.host, "--port", str(now.port), "--workers", str(now.workers)]
    return [*server, *address, "booking_ui.booking_ui:app"], {
        "REFLEX_ENV_MODE": "prod",
        "REFLEX_WEB_WORKDIR": str(place),
        "__REFLEX_SKIP_COMPILE": "true",
        "__REFLEX_MOUNT_FRONTEND_COMPILED_APP": "true",
        **({"PROMETHEUS_MULTIPROC_DIR": str(counters)} if now.workers > 1 else {}),
    }


def _reloading_app(now: Settings) -> tuple[list[str], dict[str, str]]:
    """Reflex's preview: one port as in production, rebuilt at every saved file."""
    return [sys.executable, "-m", "reflex", "run", "--env", "preview", "--backend-host", now.host], {}


def _start_app(now: Settings, children: Children, *, reload: bool) -> None:
    command, env = _reloading_app(now) if reload else _built_app(now, children)
    children.start("The app", command, _common(now) | env)
    _await_answer(children, "The app", now.host, now.port, "/ping")


def _say(text: str) -> None:
    print(text, flush=True)


def welcome(now: Settings) -> str:
    lines = ["", f"  The clinic is open: {now.base_url}", ""]
    if now.demo_mode:
        lines += [
            "  Sign in   patients  asha@example.com, bilal@example.com",
            "            admin     devi@example.com",
            "            doctor    chandra@example.com",
            "            password  demo-clinic",
        ]
    if not now.live:
        lines += ["  Pay       card 4100 2800 0000 1007, any future date, any CVV; or UPI success@razorpay"]
    return "\n".join([*lines, "  Stop      Ctrl-C", ""])


def serve(children: Children, *, reload: bool) -> None:
    """Returns never: raises SettingsError, Failed or Stopped."""
    now = settings()
    _refuse_taken("PORT", now.host, now.port)
    if now.sandbox:
        _refuse_taken("SANDBOX_PORT", LOOPBACK, now.sandbox_port)
    now.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    own_files.keep(now.data_dir, now.database)
    if now.sandbox:
        _start_sandbox(now, children)  # it gets ready while the rest is prepared
    _prepare_database(now, children)
    _start_app(now, children, reload=reload)
    if now.sandbox:
        _await_answer(children, "The sandbox", LOOPBACK, now.sandbox_port, "/")
    _say(welcome(now))
    while True:
        children.check()
        children.pause(0.3)


def main(arguments: list[str]) -> int:
    children = Children()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, children.ask_to_stop)
    try:
        serve(children, reload="--dev" in arguments)
    except Stopped:
        _say("Stopping …")
        return 0
    except SettingsError as exc:
        print(exc, file=sys.stderr)
        return 2
    except Failed as exc:
        print(exc, file=sys.stderr)
        return 1
    finally:
        children.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
