"""A circuit breaker before a service that may hang: who waits for it is refused at once while it is known to be away.

A service that hangs costs every caller a thread for seconds. After a few failures in a row the circuit opens; from then
on callers are refused without asking, and after a pause one of them at a time is let through to try.

Our own, because the libraries do not fit calls that run side by side in threads: pybreaker 1.4 holds one lock during the
whole call, circuitbreaker 2.1 lets every caller through after the pause, and both read the machine's clock, so that
their rules can't be tested. The rules here are pure; `Breaker` alone has a lock and a clock.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from threading import Lock

import structlog

log = structlog.get_logger()

FULL = 8
PAUSE_SECONDS = 10.0


class Outcome(IntEnum):
    """The end of a call, with its weight: a timeout held a thread for seconds, a quick failure did not."""

    ANSWERED = 0
    FAILED = 1
    TIMED_OUT = 3


@dataclass(frozen=True)
class Circuit:
    """Closed: `shut_at` is None, and `trouble` is the weight of the failures since the last answer.

    Open: `shut_at` is the instant of the opening or of the last try, in seconds of a clock that never goes back.
    """

    trouble: int = 0
    shut_at: float | None = None

    @property
    def is_open(self) -> bool:
        return self.shut_at is not None

    def asked(self, now: float) -> tuple[bool, Circuit]:
        """True when a caller may go through. While open that is one caller, PAUSE_SECONDS after the last try began."""
        if self.shut_at is None:
            return True, self
        if now - self.shut_at < PAUSE_SECONDS:
            return False, self
        return True, Circuit(self.trouble, now)

    def after(self, outcome: Outcome, now: float, *, tried: bool) -> Circuit:
        """The circuit after a call. Any answer closes it.

        While it is open only a caller that was let through (`tried`) can keep it open: others, who never ask whether
        they may, fail for reasons of their own.
        """
        if outcome is Outcome.ANSWERED:
            return Circuit()
        if self.shut_at is not None:
            return Circuit(self.trouble, now) if tried else self
        trouble = self.trouble + outcome
        return Circuit(trouble, now if trouble >= FULL else None)


class Breaker:
    """The circuit of one service, shared by threads."""

    def __init__(self, name: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._name, self._clock = name, clock
        self._guard = Lock()
        self._circuit = Circuit()

    def lets_through(self) -> bool:
        with self._guard:
            may, self._circuit = self._circuit.asked(self._clock())
            return may

    def note(self, outcome: Outcome, *, tried: bool) -> None:
        """Count the end of a call, and tell of a circuit that opened or closed by it."""
        with self._guard:
            before, self._circuit = (
                self._circuit,
                self._circuit.after(outcome, self._clock(), tried=tried),
            )
            opened, changed = self._circuit.is_open, self._circuit.is_open != before.is_open
        if changed:
            _tell(self._name, opened=opened)


_listeners: list[Callable[[str, bool], None]] = []


def listen(listener: Callable[[str, bool], None]) -> None:
    """Call `listener(name, opened)` whenever a circuit of this process opened or closed."""
    _listeners.append(listener)


def _tell(name: str, *, opened: bool) -> None:
    if opened:
        log.warning("circuit.opened", service=name, tried_again_after_seconds=PAUSE_SECONDS)
    else:
        log.info("circuit.closed", service=name)
    for listener in _listeners:
        listener(name, opened)
