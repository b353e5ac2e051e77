"""A request's id, which every line of log about it carries, and its line in the access log.

The id is the caller's own if it is well-formed (a proxy's, say), else made here; it goes back in the answer's header,
with the context into threads, and with what is stored for the worker into its lines and the mail. An event of a page and a run of a job have one as well. The line names the route by its
template: an address may hold a reference, a query a mail or a token.
"""

from __future__ import annotations

import re
import secrets

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import Scope

from booking_ui.edge.logs import redact
from booking_ui.services.journal import request_ids

log = structlog.get_logger("access")

HEADER = "X-Request-ID"
_WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{8,64}")


def id_of(scope: Scope) -> str:
    given = Headers(scope=scope).get(HEADER, "")
    return given if _WELL_FORMED.fullmatch(given) and _stays_in_the_log(given) else new_id("r")


def new_id(kind: str) -> str:
    """An id of 64 bits; its first letters say what was done: r for a request, e for an event, job for a job."""
    return next(filter(_stays_in_the_log, iter(lambda: f"{kind}-{secrets.token_hex(8)}", "")))


def _stays_in_the_log(made: str) -> bool:
    """False for one that looks like a telephone's or card's number: the log would hide it, and no search would find it."""
    return redact(made) == made


def name_event() -> None:
    """Every line of log about the event of a page that is handled in this task carries an id of its own."""
    structlog.contextvars.bind_contextvars(**{request_ids.FIELD: new_id("e")})


def write_event(handler: str) -> None:
    """The access line of a page's event that may run; of its arguments it says nothing."""
    log.info("event", handler=handler)


def name_answer(headers: MutableHeaders) -> None:
    headers[HEADER] = request_ids.current() or ""


def write(*, method: str, route: str, status: int, seconds: float) -> None:
    """The access line. A file that was served says nothing of interest, and a page loads thirty."""
    if route != "file" or status >= 400:
        log.info("request", method=method, route=route, status=status, ms=round(seconds * 1000, 1))
