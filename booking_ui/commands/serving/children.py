"""The processes that a clinic is made of: started, watched and ended together.

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
from types import FrameType

from booking_ui.commands.serving.bundle import ROOT
from booking_ui.commands.serving.reaper import Lifeline

GRACE = 10.0  # seconds a child may take to end by itself


class Stopped(Exception):
    """SIGINT, SIGTERM or SIGHUP came."""


class Failed(Exception):
    """A step of the start failed, or a child ended; the text is for the operator."""


class Children:
    """Processes in groups of their own, so that one signal reaches their own children too."""

    def __init__(self) -> None:
        self._running: list[tuple[str, subprocess.Popen[bytes]]] = []
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
        merged = {**os.environ, **env}
        process = subprocess.Popen(command, cwd=ROOT, env=merged, start_new_session=True)
        self._note_start(name, process)

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
            self._note_start(name, process)
            while process.poll() is None:
                self.pause(0.05)
            self._note_end(self._running.pop()[1])
            if process.returncode:
                output.seek(0)
                tail = output.read().decode(errors="replace").splitlines()[-40:]
                raise Failed("\n".join([*tail, "", f"{name} failed; the reason is above."]))

    def _note_start(self, name: str, process: subprocess.Popen[bytes]) -> None:
        self._running.append((name, process))
        self._lifeline = self._lifeline or Lifeline(GRACE)
        self._lifeline.started(process.pid)

    def _note_end(self, process: subprocess.Popen[bytes]) -> None:
        if self._lifeline is not None:
            self._lifeline.ended(process.pid)

    def check(self) -> None:
        """Raises Failed when one has ended."""
        for name, process in self._running:
            if process.poll() is not None:
                raise Failed(f"{name} ended with status {process.returncode}; stopping everything.")

    def stop(self) -> None:
        """End them one after the other, the newest first, so that none calls one that is gone. Kill those that are left
        after GRACE, or at a second Ctrl-C."""
        asked, deadline = self._asked, time.monotonic() + GRACE
        for _, process in reversed(self._running):
            _signal_group(process, signal.SIGTERM)
            while process.poll() is None and self._asked == asked and time.monotonic() < deadline:
                with suppress(subprocess.TimeoutExpired):
                    process.wait(0.1)
        for _, process in self._running:
            _signal_group(process, signal.SIGKILL)
            process.wait()
            self._note_end(process)
        self._running.clear()
        if self._lifeline is not None:
            self._lifeline.close()
            self._lifeline = None


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):  # macOS says so of a group of zombies
        os.killpg(process.pid, number)
