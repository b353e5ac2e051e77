"""`make crash`: the app is killed with SIGKILL a hundred times while patients pay, and every rupee must be accounted for.

Real processes: the app (and its worker, inside or beside it) die, the sandbox and the database live on. After the last
restart the clinic may settle; then its promises and the sandbox's own ledger are compared. Prints a table, writes it to
bench/results/crash.md; exits 1 on any fault.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import secrets
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.engine import make_url

from bench import books, patients, stand
from bench.crowd import looking_into
from bench.stand import Mortal
from booking_ui.config.settings import Settings
from tests.support.servers import Postgres, free_port, migrate, postgres_server, scratch

RESULTS = Path(__file__).parent / "results"
PACE = patients.PACE  # the sandbox's hours pass so much faster: its 6 seconds until a retry are 0.3
LIFE = (0.1, 2.5)  # seconds from an answering app to its death
HEADER = (
    "| database | worker | kills | requests | cut off | answers of 500 and more | payments | captured | kept | refunded "
    "| webhooks | sent again | settled after | violations |\n|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
)


@dataclass
class Stage:
    """A clinic with an app that is killed often. `mortals` are the app and, where it has its own process, the worker."""

    env: dict[str, str]
    mortals: list[Mortal]
    sandbox: Mortal
    rng: random.Random
    kills: int = 0
    done: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.env['PORT']}"

    @property
    def sandbox_url(self) -> str:
        return f"http://127.0.0.1:{self.env['SANDBOX_PORT']}"

    async def reap(self, kills: int) -> None:
        """Kill and restart; one time in ten before it is up again."""
        while self.kills < kills:
            if self.rng.random() < 0.9:
                await self.mortals[0].answering(self.base_url)
            await asyncio.sleep(self.rng.uniform(*LIFE))
            victims = self.rng.choice([self.mortals, *([one] for one in self.mortals)])
            for victim in victims:
                victim.kill()
                victim.start()
            self.kills += 1
            print(f"\r{self.kills} of {kills} kills", end="", flush=True)
        print("\r", end="")
        await self.mortals[0].answering(self.base_url)
        self.done.set()


def _environment(url: str, home: Path, *, worker_apart: bool) -> dict[str, str]:
    """The environment of every process. A hold lives one minute, so that many end during the run."""
    hook = "http://127.0.0.1:{}/api/appointments/razorpay-webhook"
    env = stand.environment(url, home, free_port(), sandbox_port=free_port())
    return env | {
        "PAYMENT_TIMEOUT_MINUTES": "1",
        "RUN_WORKER": str(not worker_apart).lower(),
        "SANDBOX_CLOCK": str(PACE),
        "SANDBOX_WEBHOOK_URLS": hook.format(env["PORT"]),
    }


@contextmanager
def stage(url: str, home: Path, *, worker_apart: bool, seed: int) -> Iterator[Stage]:
    """A migrated clinic with a running sandbox and app; all processes are stopped at the end."""
    env = _environment(url, home, worker_apart=worker_apart)
    sandbox = stand.sandbox(env, home)
    mortals = [stand.app(env, home), *([stand.worker(env, home)] if worker_apart else [])]
    migrate(url, data_dir=home)
    with looking_into(url), stand.running(sandbox, *mortals):
        stand.doctors()
        yield Stage(env, mortals, sandbox, random.Random(seed))


async def run(on: Stage, kills: int) -> tuple[patients.Tally, books.Books, float]:
    """Run patients and kills, then settle; returns the tally, the books, and the seconds until they agreed."""
    await on.mortals[0].answering(on.base_url)
    tally = patients.Tally()
    async with asyncio.TaskGroup() as group:
        group.create_task(on.reap(kills))
        for _ in range(patients.AT_ONCE):
            visitor = patients.Visitor(on.base_url, on.sandbox_url, random.Random(on.rng.random()), tally)
            group.create_task(visitor.visits(on.done))
    began = time.monotonic()
    settled = await books.settle(on.sandbox_url)
    return tally, settled, time.monotonic() - began


def _keep_logs(on: Stage) -> None:
    """Keep the logs of the processes for the search of a fault, and print their directory."""
    kept = Path(tempfile.mkdtemp(prefix="crash-logs-"))
    for one in (*on.mortals, on.sandbox):
        shutil.copy(one.log, kept)
    print(f"The logs are in {kept}")


def measured(url: str, kills: int, *, worker_apart: bool, seed: int) -> tuple[str, list[str]]:
    """One row of the table, and the faults."""
    with (
        scratch("crash") as home,
        stage(url or f"sqlite:///{home}/booking.db", home, worker_apart=worker_apart, seed=seed) as on,
    ):
        tally, found, seconds = asyncio.run(run(on, kills))
        faults = [*found.faults, *books.broken_promises(on.env)]
        sqlite = make_url(on.env["DATABASE_URL"]).get_backend_name() == "sqlite"
        cells = (
            "SQLite" if sqlite else "PostgreSQL", "by itself" if worker_apart else "in the app", on.kills,
            f"{tally.requests:,}", tally.cut_off, tally.server_errors, f"{found.payments:,}", f"{found.captured:,}",
            f"{found.kept:,}", f"{found.refunded:,}", f"{found.webhooks:,}", f"{found.sent_again:,}",
            f"{seconds:.0f} s", len(faults),
        )  # fmt: skip
        print(
            dict(tally.statuses.most_common()),
            dict(tally.stories.most_common()),
            *faults[:20],
            sep="\n",
            flush=True,
        )
        if faults or tally.server_errors:
            _keep_logs(on)
    return f"| {' | '.join(str(cell) for cell in cells)} |", faults


def plans(server: Postgres) -> Iterator[tuple[str, bool]]:
    """(database address or "" for a fresh SQLite file, True when the worker is a process of its own)."""
    for worker_apart in (False, True):
        yield "", worker_apart
        name = f"crash_{int(worker_apart)}"
        server.execute(f"CREATE DATABASE {name}")
        yield server.url(name), worker_apart


def _arguments(given: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.crash", description="SIGKILL in a flood of payments."
    )
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--only", type=int, choices=[0, 1, 2, 3], help="one of the four clinics instead of all"
    )
    return parser.parse_args(given)


def main(given: list[str]) -> int:
    asked = _arguments(given)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # leaves no process behind
    Settings.model_config["env_file"] = None  # nobody's own keys
    os.environ["SECRET_KEY"] = secrets.token_urlsafe(48)
    lines, faults = [], []
    with postgres_server() as server:
        for number, (url, worker_apart) in enumerate(plans(server)):
            if asked.only in (None, number):
                line, wrong = measured(url, asked.kills, worker_apart=worker_apart, seed=asked.seed + number)
                print(line, flush=True)
                lines.append(line)
                faults += wrong
    if asked.only is None:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / "crash.md").write_text("\n".join([HEADER, *lines]) + "\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
