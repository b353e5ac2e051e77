"""A request's id, which every line of log about it carries, and its line in the access log.

The id is the caller's own if it is well-formed (a proxy's, say), else made here; it goes back in the answer's header, and
with the context into threads. An event of a page and a run of a job have one as well. The line names the route by its
template: an address may hold a reference, a query a mail or a token.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import Scope

log = structlog.get_logger("access")

HEADER = "X-Request-ID"
FIELD = "request_id"
_WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{8,64}")


def id_of(scope: Scope) -> str:
    given = Headers(scope=scope).get(HEADER, "")
    return given if _WELL_FORMED.fullmatch(given) else new_id("r")


def new_id(kind: str) -> str:
    """An id of 64 bits; its first letters say what was done: r for a request, e for an event, job for a job."""
    return f"{kind}-{secrets.token_hex(8)}"


@contextmanager
def known_by(request_id: str, **more: str) -> Iterator[None]:
    """Every line of log that is written inside the block, in threads too, carries this id."""
    with structlog.contextvars.bound_contextvars(**{FIELD: request_id}, **more):
        yield


def name_event() -> None:
    """Every line of log about the event of a page that is handled in this task carries an id of its own."""
    structlog.contextvars.bind_contextvars(**{FIELD: new_id("e")})


def name_answer(headers: MutableHeaders) -> None:
    headers[HEADER] = str(structlog.contextvars.get_contextvars()[FIELD])


def write(*, method: str, route: str, status: int, seconds: float) -> None:
    """The access line. A file that was served says nothing of interest, and a page loads thirty."""
    if route != "file" or status >= 400:
        log.info("request", method=method, route=route, status=status, ms=round(seconds * 1000, 1))
