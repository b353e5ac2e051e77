"""Faults on purpose, on the way in (HTTP) and on the way out (webhooks)."""

from __future__ import annotations

import json
import os
import socket
import stat
import struct
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TypeVar

from booking_ui.sandbox.errors import Refusal

BENT = ("misshapen", "nameless")
HTTP_KINDS = ("drop", "reset", "hang", "401", "429", "500", "502", *BENT)
_AFTER = ("drop", *BENT)  # an answer can only be lost or spoiled once the work is done
SIGNATURES = ("", "wrong", "old", "none")
_HTML = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n"


@dataclass
class HttpFault:
    """`times` 0: until cleared. `when` after: the request takes effect, then the answer is spoiled."""

    kind: str
    times: int = 1
    method: str = "*"
    path: str = "*"
    when: str = ""
    seconds: float = 60.0

    def __post_init__(self) -> None:
        self.when = self.when or ("after" if self.kind in _AFTER else "before")
        if self.kind not in HTTP_KINDS or self.when not in ("before", "after"):
            raise Refusal(
                f"A fault is one of {', '.join(HTTP_KINDS)}; when is before or after.", field="kind"
            )


class HttpFaults:
    def __init__(self) -> None:
        self.planned: list[HttpFault] = []

    def take(self, method: str, path: str, header: str = "") -> HttpFault | None:
        """`header` is X-Sandbox-Fault: a kind, or kind;after."""
        if header:
            kind, _, when = header.partition(";")
            return HttpFault(kind.strip(), when=when.strip())
        for fault in self.planned:
            if fnmatchcase(method, fault.method) and fnmatchcase(path, fault.path):
                _spend(self.planned, fault)
                return fault
        return None


@dataclass
class WebhookFault:
    """One plan for the next `times` events (0: until cleared) whose name matches `event`."""

    event: str = "*"
    times: int = 1
    duplicate: int = 0
    delay: float = 0.0
    drop: bool = False
    reorder: bool = False
    signature: str = ""
    no_event_id: bool = False

    def __post_init__(self) -> None:
        if self.signature not in SIGNATURES:
            raise Refusal("signature is wrong, old or none.", field="signature")
        if self.reorder and self.times < 2:
            raise Refusal(
                "reorder needs times of 2 or more: that many events are sent in reverse.", field="times"
            )


_Fault = TypeVar("_Fault", HttpFault, WebhookFault)


class WebhookFaults:
    def __init__(self) -> None:
        self.planned: list[WebhookFault] = []

    def take(self, name: str) -> tuple[WebhookFault | None, bool]:
        """The plan for this event, and whether it was the last one the plan covers."""
        for fault in self.planned:
            if fnmatchcase(name, fault.event):
                return fault, _spend(self.planned, fault)
        return None, False


def _spend(planned: list[_Fault], fault: _Fault) -> bool:
    if fault.times == 0:
        return False
    fault.times -= 1
    if fault.times == 0:
        planned.remove(fault)
    return fault.times == 0


def canned(kind: str) -> tuple[int, bytes, bytes]:
    """Status, content type and body of a fault that is an answer."""
    if kind == "502":
        return 502, b"text/html", _HTML.encode()
    error = {
        "401": {"code": "BAD_REQUEST_ERROR", "description": "Authentication failed"},
        "429": {"code": "BAD_REQUEST_ERROR", "description": "Too many requests"},
        "500": {
            "code": "SERVER_ERROR",
            "description": "We are facing some trouble completing your request at the moment. Please try again shortly.",
            "source": "NA",
            "step": "NA",
            "reason": "NA",
            "metadata": {},
        },
    }[kind]
    return int(kind), b"application/json", json.dumps({"error": error}).encode()


def bent(kind: str, body: bytes) -> bytes:
    """An answer whose payments and refunds have an unknown status, and with `nameless` no id either."""
    answer = json.loads(body)
    for entity in answer.get("items", [answer]):
        if entity.get("entity") in ("payment", "refund"):
            entity["status"] = "in_review"
            if kind == "nameless":
                del entity["id"]
    return json.dumps(answer).encode()


def break_connection(client: tuple[str, int | str], *, reset: bool) -> None:
    """Close the client's connection without an answer, with a TCP reset or an orderly end.

    ASGI has no call for this, so the connection is found among this process's sockets by its peer.
    """
    found = _socket_of((client[0], int(client[1])))
    if found is None:
        return
    with found:
        if reset:
            # The server sees the end of input, closes, and with no linger time the kernel sends a reset.
            found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            found.shutdown(socket.SHUT_RD)
        else:
            found.shutdown(socket.SHUT_RDWR)


def _socket_of(peer: tuple[str, int]) -> socket.socket | None:
    for number in _open_files():
        try:
            if not stat.S_ISSOCK(os.fstat(number).st_mode):
                continue
            candidate = socket.socket(fileno=os.dup(number))
        except OSError:
            continue
        try:
            if candidate.getpeername()[:2] == peer:
                return candidate
        except OSError:
            pass  # a listening or half-closed socket has no peer
        candidate.close()
    return None


def _open_files() -> list[int]:
    for folder in (Path("/proc/self/fd"), Path("/dev/fd")):
        if folder.is_dir():
            return sorted(int(entry.name) for entry in folder.iterdir())
    return list(range(3, 1024))
