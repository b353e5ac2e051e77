"""Frames from a tab's websocket, judged before Reflex reads them: it writes a page of log for each packet it can't read.

A packet that none of our pages sends ends the connection; an event that no handler takes (a page of yesterday's) is left
out in silence, but not for ever. What passes is parsed on the event loop that everybody shares, so a connection has a budget
of bytes. The gate judges the rest.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from enum import Enum
from typing import Any

from reflex_base.registry import RegistrationContext

LARGEST = 64 * 1024  # bytes of a frame; a page's largest form is a tenth of it
BURST, BYTES_PER_SECOND = 512 * 1024, 64 * 1024  # of a connection; a click is about 1 KiB
STALE = 50  # events of a connection that no handler takes; a page of yesterday's sends a few when it loads
NAMESPACE = "/_event"
# Engine.IO: pings, pongs, no-ops, an upgrade; a page sends no more of its own.
_TRANSPORT = re.compile(r"[1236](probe)?|5")
# Socket.IO inside: connect, disconnect, event; nothing binary, nothing to acknowledge.
_PACKET = re.compile(rf"4([012]){NAMESPACE}(?:,(.*))?", re.DOTALL)
_BOOT = "event"  # the first event, which a page sends together with the connection


class Verdict(Enum):
    PASS = "pass"  # noqa: S105 - not a password
    SKIP = "skip"
    HANG_UP = "hang up"


class Ear:
    """The events of one connection so far, counted. `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._at = clock, clock()
        self._budget = float(BURST)
        self._stale = 0

    def hear(self, frame: str | bytes | None) -> Verdict:
        if not isinstance(frame, str):
            return Verdict.HANG_UP
        size = len(frame) if frame.isascii() else len(frame.encode(errors="replace"))
        if size > LARGEST or not self._afford(size):
            return Verdict.HANG_UP
        verdict = verdict_on(frame)
        if verdict is Verdict.SKIP:
            self._stale += 1
        return Verdict.HANG_UP if self._stale > STALE else verdict

    def _afford(self, size: int) -> bool:
        now = self._clock()
        self._budget = min(BURST, self._budget + (now - self._at) * BYTES_PER_SECOND) - size
        self._at = now
        return self._budget >= 0


def verdict_on(frame: str) -> Verdict:
    """The verdict on a frame by itself, whatever came before it."""
    if _TRANSPORT.fullmatch(frame):
        return Verdict.PASS
    found = _PACKET.fullmatch(frame)
    if found is None:
        return Verdict.HANG_UP
    try:
        content = json.loads(found[2]) if found[2] else None
    except (ValueError, RecursionError):
        return Verdict.HANG_UP
    return {"0": _connect, "1": _disconnect, "2": _message}[found[1]](content)


def _connect(auth: Any) -> Verdict:
    if auth is None:
        return Verdict.PASS
    if not isinstance(auth, dict):
        return Verdict.HANG_UP
    first = _event(auth[_BOOT]) if auth.get(_BOOT) is not None else Verdict.PASS
    return Verdict.HANG_UP if first is Verdict.HANG_UP else Verdict.PASS


def _disconnect(content: Any) -> Verdict:
    return Verdict.PASS if content is None else Verdict.HANG_UP


def _message(content: Any) -> Verdict:
    """Of a named message with its argument. "connect" is not let through: Reflex would believe its account of the caller."""
    match content:
        case ["event", event]:
            return _event(event)
        case ["ping"] | ["client_error", dict()]:
            return Verdict.PASS
    return Verdict.HANG_UP


def _event(event: Any) -> Verdict:
    match event:
        case {"name": str(name)} if _well_formed(event):
            known = name in RegistrationContext.ensure_context().event_handlers
            return Verdict.PASS if known else Verdict.SKIP
    return Verdict.HANG_UP


def _well_formed(event: dict[str, Any]) -> bool:
    """True when the parts that Reflex reads before the gate have the types it takes for granted."""
    place = event.get("router_data", {})
    if not isinstance(place, dict) or not isinstance(event.get("payload", {}), dict):
        return False
    words = (place.get(name, "") for name in ("pathname", "asPath"))
    return all(isinstance(word, str) for word in words) and isinstance(place.get("query", {}), dict)
