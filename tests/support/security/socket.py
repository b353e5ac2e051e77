"""A browser tab by hand: Socket.IO packets over a websocket, also ones that no page would send."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from uuid import uuid4

from simple_websocket import Client, ConnectionClosed
from socketio import packet

NOTICE = "reflex___state____state.booking_ui___states___shared___session____notice_state.tell"  # an event that every page may send
NAMESPACE = "/_event"
PATIENCE = 20.0
_marks = count(1)


@dataclass
class Tab:
    """One open socket. `frames` is everything that the server has sent, as text."""

    address: str
    cookie: str = ""
    origin: str = ""
    token: str = field(default_factory=lambda: str(uuid4()))
    headers: dict[str, str] = field(default_factory=dict)
    place: dict[str, Any] = field(default_factory=lambda: {"pathname": "/", "asPath": "/", "query": {}})
    frames: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        host = self.address.removeprefix("http://")
        told = {"Cookie": f"theme=dark; sid={self.cookie}"} if self.cookie else {}
        url = f"ws://{host}/_event/?EIO=4&transport=websocket&token={self.token}"
        origin = {"Origin": self.origin or self.address}
        self._socket = Client.connect(url, headers={**origin, **told, **self.headers})
        self.raw("0" + NAMESPACE + ",")  # Socket.IO CONNECT; a page would put its first event here

    def raw(self, text: str) -> None:
        """A Socket.IO packet as it is."""
        self._socket.send(f"4{text}")

    def send(self, name: str, payload: object = None, **more: object) -> None:
        """An event, also one that has no handler."""
        event = {"name": name, "payload": {} if payload is None else payload, "router_data": self.place}
        self.raw(packet.Packet(packet.EVENT, ["event", {**event, **more}], NAMESPACE).encode())

    def until(self, text: str, *, seconds: float = PATIENCE) -> None:
        """Read until a frame contains `text`. Raises TimeoutError, ConnectionClosed."""
        while True:
            frame = self._socket.receive(timeout=seconds)
            if frame is None:
                raise TimeoutError(f"no frame with {text!r}; the last were {self.frames[-3:]}")
            if frame == "2":  # Engine.IO's ping
                self._socket.send("3")
                continue
            self.frames.append(str(frame))
            if text in str(frame):
                return

    def settle(self, notice: str) -> list[str]:
        """The frames since the last time. A tab's events are answered in their order, so a mark sent last ends them.

        A page that loads in between may wipe the mark away; then another is sent. Raises TimeoutError, ConnectionClosed.
        """
        before = len(self.frames)
        for last in (False, False, False, True):
            mark = f"mark-{next(_marks)}."
            self.send(notice, {"text": mark})
            try:
                self.until(mark, seconds=PATIENCE if last else PATIENCE / 4)
                break
            except TimeoutError:
                if last:
                    raise
        return self.frames[before:-1]

    def close(self) -> None:
        with suppress(ConnectionClosed):
            self._socket.close()


def deltas(frames: list[str]) -> dict[str, Any]:
    """The values that the frames carry, by state."""
    found: dict[str, Any] = {}
    for frame in frames:
        _, bracket, rest = frame.partition("[")
        if bracket and frame.startswith("42"):
            update = json.loads(bracket + rest)[1]
            for state, values in (update.get("delta") or {}).items():
                found.setdefault(state, {}).update(values)
    return found
