"""What a tab may say on its websocket, looked at before Reflex, which writes a page of log for each packet it can't read.

A packet that none of our pages sends ends the connection; an event that nobody handles (a page of yesterday's) is passed
over in silence. The gate judges what is left.
"""

from __future__ import annotations

import json
import re
from enum import Enum
from typing import Any

from reflex_base.registry import RegistrationContext

LARGEST = 1_000_000  # Engine.IO's own bound
NAMESPACE = "/_event"
# Engine.IO: pings, pongs, no-ops, an upgrade; a page sends no more of its own.
_TRANSPORT = re.compile(r"[1236](probe)?|5")
# Socket.IO inside: connect, disconnect, event; nothing binary, nothing to acknowledge.
_PACKET = re.compile(rf"4([012]){NAMESPACE}(?:,(.*))?", re.DOTALL)
_BOOT = "event"  # what a page asks for together with the connection


class Verdict(Enum):
    PASS = "pass"  # noqa: S105 - not a password
    SKIP = "skip"
    HANG_UP = "hang up"


def judged(frame: str | bytes | None) -> Verdict:
    """What becomes of one frame of a tab."""
    if not isinstance(frame, str) or len(frame) > LARGEST:
        return Verdict.HANG_UP
    if _TRANSPORT.fullmatch(frame):
        return Verdict.PASS
    found = _PACKET.fullmatch(frame)
    if found is None:
        return Verdict.HANG_UP
    try:
        said = json.loads(found[2]) if found[2] else None
    except (ValueError, RecursionError):
        return Verdict.HANG_UP
    return {"0": _connects, "1": _leaves, "2": _says}[found[1]](said)


def _connects(auth: Any) -> Verdict:
    if auth is None:
        return Verdict.PASS
    if not isinstance(auth, dict):
        return Verdict.HANG_UP
    first = _event(auth[_BOOT]) if auth.get(_BOOT) is not None else Verdict.PASS
    return Verdict.HANG_UP if first is Verdict.HANG_UP else Verdict.PASS


def _leaves(said: Any) -> Verdict:
    return Verdict.PASS if said is None else Verdict.HANG_UP


def _says(said: Any) -> Verdict:
    """An event's name and what it carries. "connect" would be one too: Reflex would believe whatever it tells of the caller."""
    match said:
        case ["event", event]:
            return _event(event)
        case ["ping"] | ["client_error", dict()]:
            return Verdict.PASS
    return Verdict.HANG_UP


def _event(event: Any) -> Verdict:
    match event:
        case {"name": str(name)} if _fits(event):
            known = name in RegistrationContext.ensure_context().event_handlers
            return Verdict.PASS if known else Verdict.SKIP
    return Verdict.HANG_UP


def _fits(event: dict[str, Any]) -> bool:
    """Whether the parts that Reflex reads before the gate have the types it takes for granted."""
    place = event.get("router_data", {})
    if not isinstance(place, dict) or not isinstance(event.get("payload", {}), dict):
        return False
    words = (place.get(name, "") for name in ("pathname", "asPath"))
    return all(isinstance(word, str) for word in words) and isinstance(place.get("query", {}), dict)
