"""Conditional GET: an ETag of the answer's bytes, and 304 to a client that has them already.

A cache must ask us each time before it shows its copy: a free time that is gone must not be offered.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

ASK_FIRST = "private, no-cache"


class Revalidated(APIRoute):
    """A GET route whose 200 carries an ETag: `APIRouter(route_class=Revalidated)`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        whole = super().get_route_handler()

        async def handler(request: Request) -> Response:
            answer = await whole(request)
            if request.method != "GET" or answer.status_code != 200:
                return answer
            tag = f'"{hashlib.sha256(bytes(answer.body)).hexdigest()[:32]}"'
            headers = {"ETag": tag, "Cache-Control": ASK_FIRST}
            if _has(request.headers.get("if-none-match", ""), tag):
                return Response(status_code=304, headers=headers)
            answer.headers.update(headers)
            return answer

        return handler


def _has(known: str, tag: str) -> bool:
    """True when `tag` is one of the listed ones (RFC 9110), compared without the W/ that a compressing proxy adds."""
    tags = {one.strip().removeprefix("W/") for one in known.split(",")}
    return tag in tags or "*" in tags


def applies(path: str, method: str) -> bool:
    return method == "GET" and path.startswith(("/api/doctors", "/api/availability"))
