"""The command that serves the app: granian, with a deadline for headers and room for many connections.

A connection takes one of granian's places before its first byte is read. With few places, a stranger who opens that many
and sends nothing closes the clinic.
"""

from __future__ import annotations

import resource
import sys
from contextlib import suppress

HEADER_SECONDS = 5  # also how long an idle connection stays open
PLACES = 8192  # connections of one process, its open tabs included
_FILES = 16_384  # a file for each connection; the rest for the database, Redis and pages
_OWN_FILES = 512


def command(host: str, port: int, workers: int, app: str) -> list[str]:
    """The command line; `app` is `module:factory`. Raises the limit of open files, which the server inherits."""
    places = min(PLACES, _open_files() - _OWN_FILES)
    return [
        sys.executable, "-m", "granian", "--interface", "asgi", "--factory", "--log-level", "warning",
        "--host", host, "--port", str(port), "--workers", str(workers),
        # Asked to find out the version of HTTP, granian waits for the first byte without a deadline.
        "--http", "1", "--http1-header-read-timeout", str(HEADER_SECONDS * 1000),
        "--backlog", "4096", "--backpressure", str(max(places, 128)),
        "--respawn-failed-workers",
        app,
    ]  # fmt: skip


def _open_files() -> int:
    """The number of files that a child may open, after asking for enough."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES if hard == resource.RLIM_INFINITY else min(_FILES, hard)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return _FILES
    with suppress(ValueError, OSError):  # macOS has a second limit, which no one may pass
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]
