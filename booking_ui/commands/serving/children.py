"""The processes that a clinic is made of: started together, started again when one ends by itself, ended together.

None is left behind, not even when this process gets SIGKILL (reaper.py).
"""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from types import FrameType

import structlog

from booking_ui.commands.serving.bundle import ROOT
from booking_ui.commands.serving.reaper import Lifeline

GRACE = 10.0  # seconds a child may take to end by itself
PAUSES = (
    0.0,
    1.0,
    2.0,
    5.0,
    10.0,
    30.0,
)  # seconds before a child is started again, the first time, the second …
STEADY = 120.0  # a child that ran for so many seconds is given every pause anew

log = structlog.get_logger(__name__)


class Stopped(Exception):
    """SIGINT, SIGTERM or SIGHUP came."""


class Failed(Exception):
    """A step of the start failed, or a child does not stay up; the text is for the operator."""


@dataclass
class _Child:
    """A process that runs until the clinic ends, and how often it has ended before its time."""

    name: str
    command: list[str]
    env: Mapping[str, str]
    process: subprocess.Popen[bytes]
    began: float = field(default_factory=time.monotonic)
    ends: int = 0
    due: float | None = None  # when it is started again


class Children:
    """Processes in groups of their own, so that one signal reaches their own children too."""

    def __init__(self) -> None:
        self._running: list[_Child] = []
        self._step: subprocess.Popen[bytes] | None = None
        self._asked = 0
        self._wake = threading.Event()
        self._lifeline: Lifeline | None = None

    def ask_to_stop(self, _signal: int = 0, _frame: FrameType | None = None) -> None:
        self._asked += 1
        self._wake.set()

    def pause(self, seconds: float) -> None:
        """Wait. Raises Stopped as soon as that is asked for."""
        if self._wake.wait(seconds):
            raise Stopped

    def start(self, name: str, command: list[str], env: Mapping[str, str]) -> None:
        self._running.append(_Child(name, command, env, self._spawn(command, env)))

    def _spawn(self, command: list[str], env: Mapping[str, str]) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **env}, start_new_session=True)
        self._note_start(process)
        return process

    def run(self, name: str, command: list[str], env: Mapping[str, str]) -> None:
        """Run to the end, silently unless it fails."""
        with tempfile.TemporaryFile() as output:
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**os.environ, **env},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            self._note_start(process)
            self._step = process
            while process.poll() is None:
                self.pause(0.05)
            self._note_end(process)
            self._step = None
            if process.returncode:
                output.seek(0)
                tail = output.read().decode(errors="replace").splitlines()[-40:]
                raise Failed("\n".join([*tail, "", f"{name} failed; the reason is above."]))

    def _note_start(self, process: subprocess.Popen[bytes]) -> None:
        self._lifeline = self._lifeline or Lifeline(GRACE)
        self._lifeline.started(process.pid)

    def _note_end(self, process: subprocess.Popen[bytes]) -> None:
        if self._lifeline is not None:
            self._lifeline.ended(process.pid)

    def check(self) -> None:
        """Raises Failed when one has ended."""
        for child in self._running:
            if child.process.poll() is not None:
                raise Failed(
                    f"{child.name} ended with status {child.process.returncode}; stopping everything."
                )

    def tend(self) -> None:
        """Start again what has ended, each time after a longer pause. Raises Failed when a child does not stay up."""
        self._replace_lifeline()
        for child in self._running:
            if child.due is not None and time.monotonic() >= child.due:
                child.process, child.began, child.due = (
                    self._spawn(child.command, child.env),
                    time.monotonic(),
                    None,
                )
            elif child.due is None and child.process.poll() is not None:
                self._bury(child)

    def _replace_lifeline(self) -> None:
        """Tell a new lifeline of every child once the old one was killed."""
        if self._lifeline is None or not self._lifeline.has_ended():
            return
        log.error("process.ended", process="The lifeline", again_in_seconds=0.0)
        self._lifeline.close()
        self._lifeline = Lifeline(GRACE)
        for child in self._running:
            if child.due is None:
                self._lifeline.started(child.process.pid)

    def _bury(self, child: _Child) -> None:
        """Say that it ended, end what it left behind, and say when it is started again. Raises Failed."""
        status = child.process.returncode
        if time.monotonic() - child.began >= STEADY:
            child.ends = 0
        if child.ends == len(PAUSES):
            raise Failed(f"{child.name} ended with status {status}, once more; stopping everything.")
        pause = PAUSES[child.ends]
        log.error("process.ended", process=child.name, status=status, again_in_seconds=pause)
        _signal_group(
            child.process, signal.SIGKILL
        )  # an app's workers outlive a kill -9 of the process that leads them
        self._note_end(child.process)
        child.ends, child.due = child.ends + 1, time.monotonic() + pause

    def stop(self) -> None:
        """End them one after the other, the newest first, so that none calls one that is gone. Kill those that are left
        after GRACE, or at a second Ctrl-C."""
        asked, deadline = self._asked, time.monotonic() + GRACE
        processes = [child.process for child in self._running] + ([self._step] if self._step else [])
        for process in reversed(processes):
            _signal_group(process, signal.SIGTERM)
            while process.poll() is None and self._asked == asked and time.monotonic() < deadline:
                with suppress(subprocess.TimeoutExpired):
                    process.wait(0.1)
        for process in processes:
            _signal_group(process, signal.SIGKILL)
            process.wait()
            self._note_end(process)
        self._step = None
        self._running.clear()
        if self._lifeline is not None:
            self._lifeline.close()
            self._lifeline = None


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):  # macOS says so of a group of zombies
        os.killpg(process.pid, number)
