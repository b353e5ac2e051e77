"""The id of the request that is being answered, of the page's event or of the job's run: each line of log has it.

What a request leaves to the worker is stored with the id, and the worker takes the id up again, so that one search finds
all that came of a request.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import structlog

FIELD = "request_id"


@contextmanager
def known_by(request_id: str | None, **more: str) -> Iterator[None]:
    """Every line of log that is written inside the block, in threads too, carries this id; without one, that of before."""
    named = {FIELD: request_id} if request_id else {}
    with structlog.contextvars.bound_contextvars(**named, **more):
        yield


def current() -> str | None:
    found = structlog.contextvars.get_contextvars().get(FIELD)
    return str(found) if found else None
