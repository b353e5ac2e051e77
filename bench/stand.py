"""The app, its worker and the sandbox as single processes without the supervisor, to be killed and restarted."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

from booking_ui.commands.serving import bundle, server
from booking_ui.config.settings import Settings, settings
from booking_ui.db.session import write
from booking_ui.demo import clinic
from booking_ui.domain import clock
from booking_ui.services.schedule import slots
from tests.support.servers import ROOT, TRUSTED, stop_group

OPEN_SECONDS = 60.0  # an app may take to answer


@dataclass
class Mortal:
    """A process in a group of its own that can be killed and started again; its output is kept in `log`."""

    command: list[str]
    env: Mapping[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env={**os.environ, **self.env},
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def kill(self) -> None:
        """Send SIGKILL to the whole group."""
        assert self.process is not None
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        if self.process is not None:
            stop_group(self.process)

    async def answering(self, base_url: str) -> None:
        """Wait for this app. Raises TimeoutError, with its last words, after a minute."""
        deadline = time.monotonic() + OPEN_SECONDS
        async with httpx.AsyncClient(base_url=base_url, trust_env=False) as client:
            while time.monotonic() < deadline:
                with suppress(httpx.TransportError):
                    if (await client.get("/api/health")).status_code == 200:
                        return
                await asyncio.sleep(0.05)
        raise TimeoutError("the app does not answer:\n" + self.log.read_text()[-4000:])


def environment(url: str, home: Path, port: int, *, sandbox_port: int) -> dict[str, str]:
    """Every setting by name, so that neither a `.env` nor the shell changes one."""
    plain = bundle.build_settings(Settings(_env_file=None, demo=True))
    return {
        **bundle.environment(),
        **plain,
        "PUBLIC_URL": "",
        "RATE_LIMIT_TRUSTED_IPS": TRUSTED,
        "SECRET_KEY": settings().signing_key(),
        "DATA_DIR": str(home),
        "DATABASE_URL": url,
        "PORT": str(port),
        "SANDBOX_PORT": str(sandbox_port),
        "REFLEX_STATES_WORKDIR": str(home / f"states-{port}"),
    }


def app(env: dict[str, str], home: Path) -> Mortal:
    """The app as `python -m booking_ui serve` starts it, with the pages of the default settings."""
    port = env["PORT"]
    pages = bundle.ensure(Settings(_env_file=None, demo=True, port=int(port)), _build)
    command = server.command("127.0.0.1", int(port), 1, "booking_ui.booking_ui:app")
    told = {
        "REFLEX_ENV_MODE": "prod",
        "REFLEX_WEB_WORKDIR": str(pages),
        "__REFLEX_SKIP_COMPILE": "true",
        "__REFLEX_MOUNT_FRONTEND_COMPILED_APP": "true",
    }
    return Mortal(command, env | told, home / f"app-{port}.log")


def worker(env: dict[str, str], home: Path) -> Mortal:
    return Mortal([sys.executable, "-m", "booking_ui", "worker"], env, home / "worker.log")


def sandbox(env: dict[str, str], home: Path) -> Mortal:
    return Mortal([sys.executable, "-m", "booking_ui", "sandbox"], env, home / "sandbox.log")


@contextmanager
def running(*mortals: Mortal) -> Iterator[None]:
    """Start all of them; none runs after the block."""
    try:
        for one in mortals:
            one.start()
        yield
    finally:
        for one in mortals:
            one.stop()


def doctors() -> None:
    """The demo's doctors and their times, and nobody else, in this process's database."""
    now = clock.utc_now()
    with write() as tx:
        clinic.doctors(tx, clinic.facts(), clock.today(now, settings().zone))
    slots.extend_horizon(now=now)


def _build(command: list[str], extra: Mapping[str, str]) -> None:
    subprocess.run(command, cwd=ROOT, env={**os.environ, **extra}, check=True, stdout=subprocess.DEVNULL)
