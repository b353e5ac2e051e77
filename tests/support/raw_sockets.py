"""Many connections at once, held by hand: half a request, an endless body, or nothing at all."""

from __future__ import annotations

import errno
import selectors
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from booking_ui.commands.serving import server


@dataclass
class Crowd:
    """Open connections. `heard` is the first line that each was told, `ended` when each was closed by the other side."""

    sockets: list[socket.socket]
    began: float = field(default_factory=time.monotonic)
    heard: list[bytes] = field(default_factory=list)
    ended: list[float] = field(default_factory=list)

    def until_closed(self, *, seconds: float) -> None:
        """Read until every connection was closed. Raises TimeoutError."""
        deadline = time.monotonic() + seconds
        with selectors.DefaultSelector() as waiting:
            for one in self.sockets:
                waiting.register(one, selectors.EVENT_READ)
            while waiting.get_map():
                if time.monotonic() > deadline:
                    raise TimeoutError(f"{len(waiting.get_map())} connections are open after {seconds:g} s")
                for key, _ in waiting.select(0.2):
                    assert isinstance(key.fileobj, socket.socket)
                    if not self._read(key.fileobj):
                        waiting.unregister(key.fileobj)

    def _read(self, one: socket.socket) -> bool:
        """False once the other side has closed it."""
        try:
            told = one.recv(65_536)
        except ConnectionResetError:
            told = b""
        if told:
            self.heard.append(told.partition(b"\r\n")[0])
        else:
            self.ended.append(time.monotonic() - self.began)
        return bool(told)


@contextmanager
def crowd(port: int, size: int, said: bytes) -> Iterator[Crowd]:
    """`size` connections to a server on this machine, each of which says `said` and then nothing more."""
    assert server.command("", port, 1, ""), "raises this process's limit of open files"
    sockets = [_connecting(port) for _ in range(size)]
    try:
        _say(sockets, said)
        yield Crowd(sockets)
    finally:
        for one in sockets:
            one.close()


def _connecting(port: int) -> socket.socket:
    one = socket.socket()
    one.setblocking(False)
    assert one.connect_ex(("127.0.0.1", port)) in (0, errno.EINPROGRESS)
    return one


def _say(sockets: list[socket.socket], said: bytes) -> None:
    """Say it on each as soon as it is connected; one that the server's queue has no room for stays silent."""
    with selectors.DefaultSelector() as waiting:
        for one in sockets:
            waiting.register(one, selectors.EVENT_WRITE)
        deadline = time.monotonic() + 5
        while waiting.get_map() and time.monotonic() < deadline:
            for key, _ in waiting.select(0.2):
                assert isinstance(key.fileobj, socket.socket)
                key.fileobj.send(said)
                waiting.unregister(key.fileobj)
