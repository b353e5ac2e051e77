"""A provider of SMS on loopback that accepts, refuses, delays, lies or hangs up, and keeps whatever reached it."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Answer:
    """One answer; a `delay` is in seconds, and `hang_up` closes the connection after the text was taken.

    `endless` writes a body until nobody reads it any more.
    """

    status: int = 200
    body: str = '{"status": "queued"}'
    delay: float = 0
    hang_up: bool = False
    location: str = ""
    endless: bool = False


ACCEPTED = Answer()
LIE = Answer(body='{"type": "error", "message": "template id missing"}')


@dataclass(frozen=True)
class Taken:
    """One request as it came: path with query, headers in lower case, JSON body."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def text(self) -> str:
        return str(self.body["message"])

    @property
    def key(self) -> str:
        return self.headers["idempotency-key"]


@dataclass
class Provider:
    """`script` are its next answers, ACCEPTED after them; `delivered` is what it accepted or took before it hung up.

    `written` are the bytes of an endless answer; `let_go` is set at its end.
    """

    port: int = 0
    script: deque[Answer] = field(default_factory=deque)
    taken: list[Taken] = field(default_factory=list)
    delivered: dict[str, Taken] = field(default_factory=dict)
    let_go: threading.Event = field(default_factory=threading.Event)
    written: int = 0

    @property
    def address(self) -> str:
        return f"json://127.0.0.1:{self.port}/texts"

    def _take(self, taken: Taken) -> Answer:
        answer = self.script.popleft() if self.script else ACCEPTED
        self.taken.append(taken)
        if answer.hang_up or answer.delay or answer == ACCEPTED:
            self.delivered.setdefault(
                taken.key, taken
            )  # a repeated key is the same text, as with real providers
        return answer


@contextmanager
def text_provider() -> Iterator[Provider]:
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            answer = provider._take(Taken(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            if answer.delay:
                provider.let_go.wait(answer.delay)
            if answer.hang_up:
                self.close_connection = True
                return
            said = answer.body.encode()
            self.send_response(answer.status)
            self.send_header("Content-Type", "application/json")
            if answer.location:
                self.send_header("Location", answer.location)
            if answer.endless:
                self._write_without_end()
                return
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def _write_without_end(self) -> None:
            self.end_headers()
            self.close_connection = True
            with suppress(OSError):
                while provider.written < 200_000_000:
                    provider.written += self.wfile.write(b" " * 100_000)
            provider.let_go.set()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name is the base class's
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    provider.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        provider.let_go.set()
        server.shutdown()
        server.server_close()
        thread.join()
