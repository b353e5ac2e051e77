"""A process that outlives its supervisor and ends the children it left behind: `python reaper.py` with a pipe as its input.

A supervisor that gets SIGKILL can't stop its children. It writes each group that it starts ("+123") and ends ("-123")
into a pipe that only it holds; when the pipe ends while groups are still open, they get SIGTERM, and SIGKILL after a
grace. A pipe, because macOS has no parent-death signal. The reaper imports nothing of the clinic.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from contextlib import suppress

GRACE = 10.0  # seconds a group may take to end by itself


class Lifeline:
    """The supervisor's end."""

    def __init__(self, grace: float = GRACE) -> None:
        # A session of its own: what kills the supervisor's whole group must not reach it.
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", __file__, str(grace)], stdin=subprocess.PIPE, start_new_session=True
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    def has_ended(self) -> bool:
        return self._process.poll() is not None

    def started(self, group: int) -> None:
        self._write(f"+{group}")

    def ended(self, group: int) -> None:
        self._write(f"-{group}")

    def close(self) -> None:
        """Let the reaper end: no group is left."""
        assert self._process.stdin is not None  # opened above
        with suppress(BrokenPipeError):  # it may have been killed before us
            self._process.stdin.close()
        self._process.wait()

    def _write(self, line: str) -> None:
        assert self._process.stdin is not None  # opened above
        with suppress(BrokenPipeError):  # without it the clinic runs all the same
            self._process.stdin.write(f"{line}\n".encode())
            self._process.stdin.flush()


def left_behind(lines: Iterable[str]) -> list[int]:
    """The groups that were started and not ended, in order, once the pipe has ended."""
    groups: dict[int, None] = {}
    for line in lines:
        if line.startswith("+"):
            groups[int(line[1:])] = None
        else:
            groups.pop(int(line[1:]), None)
    return list(groups)


def _signal(groups: Iterable[int], number: int) -> list[int]:
    """Send it to each; those that were still there."""
    found = []
    for group in groups:
        with suppress(ProcessLookupError, PermissionError):  # macOS says so of a group of zombies
            os.killpg(group, number)
            found.append(group)
    return found


def main(grace: float) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # only the end of the pipe counts
    groups = _signal(left_behind(sys.stdin), signal.SIGTERM)
    deadline = time.monotonic() + grace
    while groups and time.monotonic() < deadline:
        time.sleep(0.05)
        groups = _signal(groups, 0)
    _signal(groups, signal.SIGKILL)


if __name__ == "__main__":
    main(float(sys.argv[1]))
