"""The simulated time, the steps in progress, the points at which a process may die, and the story's lines."""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.support.cast import NOW


class Crash(BaseException):
    """The death of a process: what was not committed never happened, what was in memory is lost."""


class Broken(Exception):
    """A broken promise; the text says which."""


@dataclass(frozen=True)
class Step:
    """One action of a story. All its chances come from `seed`, so that leaving other steps out changes none of them.

    `crash_at` is the crash point (counted from 1) at which its process dies; 0 is never. `meanwhile` are the steps of others
    while this one waits between two transactions or for Razorpay, by the number of the pause.
    """

    action: str
    seed: int
    crash_at: int = 0
    meanwhile: tuple[tuple[int, Step], ...] = ()


@dataclass
class Turn:
    """A step that is being performed."""

    step: Step
    chance: random.Random
    points: int = 0
    pauses: int = 0


@dataclass
class Tally:
    """Counts for the summary."""

    steps: int = 0
    points: Counter[str] = field(default_factory=Counter)
    crashes: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    actions: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)

    def add(self, other: Tally) -> None:
        self.steps += other.steps
        for name in ("points", "crashes", "faults", "actions", "refusals"):
            getattr(self, name).update(getattr(other, name))


class Stage:
    """The simulated time and the processes on it; one of them moves at a time."""

    def __init__(self, perform: Callable[[Step], None]) -> None:
        self.now: datetime = NOW
        self.lines: list[str] = []
        self.tally = Tally()
        self.turns: list[Turn] = []
        self.writing = False  # true inside a transaction, when no other step may move
        self._perform = perform

    @property
    def chance(self) -> random.Random:
        """The chances of the step in progress."""
        return self.turns[-1].chance

    def say(self, text: str) -> None:
        passed = self.now - NOW
        self.lines.append(f"{_clock(passed)}  {'    ' * (len(self.turns) - 1)}{text}")

    def fault(self, kind: str, text: str = "") -> None:
        """Count a planned fault and tell it in the story."""
        self.tally.faults[kind] += 1
        self.say(f"  ! {text or kind}")

    def point(self, what: str) -> None:
        """A place where the process may die."""
        turn = self.turns[-1]
        turn.points += 1
        label = f"{what}, {_site()}"
        self.tally.points[label] += 1
        if turn.step.crash_at == turn.points:
            self.tally.crashes[label] += 1
            raise Crash(label)

    def pause(self) -> None:
        """A place where no lock is held, so that others may move before this step goes on."""
        if self.writing:
            return
        turn = self.turns[-1]
        turn.pauses += 1
        for at, step in turn.step.meanwhile:
            if at == turn.pauses:
                self._perform(step)


def _clock(passed: timedelta) -> str:
    hours, rest = divmod(passed.seconds, 3600)
    return f"day {passed.days} {hours:02}:{rest // 60:02}:{rest % 60:02}"


def _site() -> str:
    """The module and function of the service that is at work."""
    frame = sys._getframe(2)
    while frame.f_back is not None:
        module = str(frame.f_globals.get("__name__", ""))
        if module.startswith("booking_ui.services."):
            return f"{module.rpartition('.')[2]}.{frame.f_code.co_name}"
        frame = frame.f_back
    return "outside the services"
