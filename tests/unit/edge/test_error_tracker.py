"""What an error tracker is told, over real HTTP to a listener on loopback."""

from __future__ import annotations

import gzip
import json
import logging
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from queue import Queue
from typing import Any

import pytest
import sentry_sdk
import structlog

from booking_ui.edge import logs


class Tracker:
    """Listens as a Sentry does and keeps the errors it was sent."""

    def __init__(self) -> None:
        self.heard: Queue[str] = Queue()
        tracker = self

        class Door(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                tracker.heard.put(body.decode())
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Says nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Door)
        self.dsn = f"http://key@127.0.0.1:{self.server.server_port}/7"


@pytest.fixture
def tracker() -> Iterator[Tracker]:
    one = Tracker()
    thread = threading.Thread(target=one.server.serve_forever, daemon=True)
    thread.start()
    logs.send_errors_to(one.dsn)
    yield one
    sentry_sdk.get_client().close(timeout=5)
    sentry_sdk.get_global_scope().set_client(None)
    one.server.shutdown()
    thread.join()
    one.server.server_close()


def _event(envelope: str) -> dict[str, Any]:
    """The error within an envelope: a line for the envelope, a line for the item, the item."""
    found: dict[str, Any] = json.loads(envelope.split("\n")[2])
    return found


def test_an_unexpected_error_reaches_the_tracker_without_what_names_pays_or_opens(tracker: Tracker) -> None:
    mail = "asha@example.com"
    try:
        raise ValueError(f"{mail} called from 9800000042")
    except ValueError:
        structlog.get_logger().exception("job.failed", job="mails", card="4100 2800 0000 1007", mail=mail)
    told = tracker.heard.get(timeout=10)
    fault = _event(told)["exception"]["values"][0]
    assert (fault["type"], fault["value"]) == ("ValueError", "…@… called from …phone…")
    assert fault["stacktrace"]["frames"][-1]["function"] == (
        "test_an_unexpected_error_reaches_the_tracker_without_what_names_pays_or_opens"
    )
    assert _event(told)["tags"] == {"event": "job.failed"}
    assert "vars" not in fault["stacktrace"]["frames"][-1]
    assert "request" not in _event(told)
    assert "user" not in _event(told)


def test_a_librarys_error_reaches_it_too(tracker: Tracker) -> None:
    logging.getLogger("library").error("mail to %s was lost", "asha@example.com")
    told = tracker.heard.get(timeout=10)
    assert _event(told)["logentry"]["message"] == "mail to …@… was lost"
    assert "asha" not in told


def test_what_is_only_said_goes_nowhere(tracker: Tracker) -> None:
    structlog.get_logger().error("payment.alarm", reason="paid twice")
    sentry_sdk.flush(timeout=5)
    assert tracker.heard.empty()
