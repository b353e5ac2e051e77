"""An address that the sandbox delivers to by itself: a server in front of our API that can be told to misbehave."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.support.sandbox_control import control
from tests.unit.scenarios.steps import HOOK, Scene

PASSED_ON = ("Content-Type", "X-Razorpay-Event-Id", "X-Razorpay-Signature")


@dataclass
class Receiver:
    """Answers deliveries well, except the next ones that `moods` names: "500" stores nothing, "lost" stores and hangs up.

    While `down` is set, every delivery gets 500.
    """

    url: str = ""
    down: bool = False
    moods: deque[str] = field(default_factory=deque)
    answers: list[int] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)


@contextmanager
def receiving(scene: Scene) -> Iterator[Receiver]:
    """Subscribe our webhook route at the sandbox for a while."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.bodies.append(body)
            receiver.ids.append(self.headers["X-Razorpay-Event-Id"])
            mood = "500" if receiver.down else receiver.moods.popleft() if receiver.moods else ""
            status = 500
            if mood != "500":
                headers = {name: self.headers[name] for name in PASSED_ON if name in self.headers}
                status = scene.door.request("POST", HOOK, content=body, headers=headers).status_code
            receiver.answers.append(status)
            self.close_connection = mood == "lost"
            if mood != "lost":
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name is the base class's
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
    control(scene.sandbox, "webhooks/urls", {"urls": [receiver.url]})
    try:
        yield receiver
    finally:
        control(scene.sandbox, "webhooks/urls", {"urls": []})
        server.shutdown()
        server.server_close()
        thread.join()
