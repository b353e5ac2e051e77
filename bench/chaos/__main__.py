"""`make chaos`: bad things are played at a running clinic, one after the other, while others look at the doctors.

For each: how long the others wait before, during and after it, the log it costs, and the words that a patient and the
desk have meanwhile. Afterwards the clinic must book and take money again, and keep its promises. Prints a table and, when
everything was played, writes it to docs/chaos.md with each aim that was missed; exits 1 on any fault.
"""

from __future__ import annotations

import argparse
import os
import secrets
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace

import httpx
from simple_websocket import ConnectionClosed

from bench import books
from bench.chaos import outages, strangers
from bench.chaos.stage import Refused, Stage, Told, large, small
from bench.chaos.watch import Looks, looked, watching
from booking_ui.config.settings import Settings, settings
from tests.support.servers import ROOT

PAGE = ROOT / "docs" / "chaos.md"
BEGIN, END = "<!-- make chaos writes from here -->", "<!-- to here -->"
QUIET_SECONDS, PAUSE_SECONDS = 3.0, 5.0
DURING, NORMAL = 1.0, 0.3  # seconds that 95 of 100 may wait while it lasts, and afterwards
LOUDEST = 100_000  # bytes of log a second
AGAIN_SECONDS = 60.0
BROKEN = (Refused, TimeoutError, httpx.TransportError, ConnectionClosed)
HEADER = (
    "| what happens | others wait before | during | 5 s after | not served | log | a patient | the desk |\n"
    "|---|---:|---:|---:|---|---:|---|---|"
)

Open = Callable[[], AbstractContextManager[Stage]]


@dataclass(frozen=True)
class Step:
    """A bad thing and the clinic at which it is played. `outage`: seconds in which nobody need be served, if it has to be so."""

    clinic: Open
    play: Callable[[Stage], Told]
    outage: float | None = None

    @property
    def does(self) -> str:
        return (self.play.__doc__ or "").partition("\n")[0]


STEPS = {
    "razorpay-hangs": Step(small, strangers.razorpay_hangs),
    "endless-bodies": Step(small, strangers.endless_bodies),
    "half-headers": Step(small, strangers.half_headers),
    "hard-passwords": Step(small, strangers.hard_passwords),
    "large-frames": Step(small, strangers.large_frames),
    "full-disk": Step(small, outages.disk_is_full),
    "redis-killed": Step(large, outages.redis_is_killed),
    "redis-hangs": Step(large, outages.redis_hangs),
    "postgres-restarts": Step(large, outages.postgres_restarts),
    "kill-app-process": Step(large, outages.app_process_is_killed),
    "kill-server": Step(large, outages.server_is_killed, outage=20.0),
    "kill-sandbox": Step(large, outages.sandbox_is_killed),
}


@dataclass
class Result:
    """The measurements of one bad thing. Seconds, and bytes of log a second."""

    name: str
    before: float
    during: Looks
    after: float = 0.0
    log: float = 0.0
    told: Told = field(default_factory=lambda: Told("", ""))
    faults: list[str] = field(default_factory=list)

    def row(self) -> str:
        cells = (
            f"**{self.name}**: {STEPS[self.name].does}", _ms(self.before), _ms(self.during.p95()), _ms(self.after), self._unserved(),
            f"{self.log / 1000:.1f} kB/s", self.told.patient, self.told.desk,
        )  # fmt: skip
        return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"

    def _unserved(self) -> str:
        count = self.during.unserved()
        share = f"{count} of {len(self.during.found)}"
        return f"{share}, {self.during.longest_gap():.1f} s" if count else share

    def judge(self) -> None:
        """Note each aim that was missed."""
        outage, gap, p95 = STEPS[self.name].outage, self.during.longest_gap(), self.during.p95()
        aims = [
            (
                self.after <= max(NORMAL, 2 * self.before),
                f"others waited {_ms(self.after)} five seconds after it",
            ),
            (self.log <= LOUDEST, f"{self.log:,.0f} bytes of log a second"),
            (p95 <= DURING, f"others waited {_ms(p95)} while it lasted")
            if outage is None
            else (gap <= outage, f"nobody was served for {gap:.0f} s"),
        ]
        self.faults += [said for right, said in aims if not right]


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:,.0f} ms"


def played(name: str, on: Stage) -> Result:
    """One bad thing from the quiet before it to the promises after it."""
    result = Result(name, looked(on.app.base_url, QUIET_SECONDS).p95(), Looks())
    began: list[tuple[float, int, int]] = []
    with watching(on.app.base_url) as looks:
        stage = replace(on, begin=lambda: began.append((time.monotonic(), on.log_size(), len(looks.found))))
        try:
            result.told = STEPS[name].play(stage)
        except BROKEN as fault:
            result.faults.append(f"it could not be played to its end: {fault!r}")
        ended = time.monotonic()
        log = on.log_size()
    since, size, seen = (began or [(ended, log, 0)])[-1]
    result.during = Looks(looks.found[seen:])
    result.log = (log - size) / max(ended - since, 1)
    alarms = on.alarms_since(size)
    result.told = replace(result.told, desk=f"{result.told.desk}; log: {alarms or 'no warning'}")
    threading.Event().wait(max(0.0, ended + PAUSE_SECONDS - time.monotonic()))
    result.after = looked(on.app.base_url, QUIET_SECONDS).p95()
    result.judge()
    result.faults += _books_again(on)
    result.faults += books.broken_promises(on.environment)
    return result


def _books_again(on: Stage) -> list[str]:
    """Faults, when no new patient can book and pay within a minute."""
    deadline, said = time.monotonic() + AGAIN_SECONDS, ""
    while time.monotonic() < deadline:
        try:
            on.book_and_pay()
        except BROKEN as fault:
            said = str(fault)
            threading.Event().wait(1)
        else:
            return []
    return [f"nobody can book and pay afterwards: {said}"]


def results(names: list[str]) -> Iterator[Result]:
    """Each clinic in turn, with its bad things in the order of STEPS."""
    for opened in (small, large):
        wanted = [name for name in names if STEPS[name].clinic is opened]
        if wanted:
            with opened() as on:
                on.book_and_pay()
                looked(on.app.base_url, QUIET_SECONDS)  # the first ones fill caches
                for name in wanted:
                    yield played(name, on)


def written(lines: list[str]) -> str:
    """The page with the table in its place."""
    before, _, rest = PAGE.read_text().partition(BEGIN)
    return "\n".join([f"{before}{BEGIN}", "", *lines, "", f"{END}{rest.partition(END)[2]}"])


def _arguments(given: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.chaos", description="Bad things at a running clinic."
    )
    parser.add_argument("--only", nargs="+", choices=list(STEPS), metavar="NAME", help=", ".join(STEPS))
    return parser.parse_args(given)


def main(given: list[str]) -> int:
    asked = _arguments(given)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # leaves no process behind
    Settings.model_config["env_file"] = None  # nobody's own keys
    os.environ["SECRET_KEY"] = secrets.token_urlsafe(48)
    settings.cache_clear()
    load = os.getloadavg()[0]
    heading = f"{os.cpu_count()} cores for clinic, databases, others and strangers together; load {load:.1f} before the start."
    print(heading, "", HEADER, sep="\n", flush=True)
    lines, faults = [heading, "", HEADER], []
    for result in results(asked.only or list(STEPS)):
        lines.append(result.row())
        found = [f"{result.name}: {fault}" for fault in result.faults]
        print(lines[-1], *(f"FAULT {fault}" for fault in found), sep="\n", flush=True)
        faults += found
    if asked.only is None:
        lines += ["", *([f"- missed by {fault}" for fault in faults] or ["Every aim was met."])]
        PAGE.write_text(written(lines))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
