"""Answers that may be asked for again cheaply: an ETag of the bytes, and 304 to whoever has them already.

Never shown from a cache without asking us first: a free time that is gone must not be offered.
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
    """RFC 9110: any of the listed tags, compared without their mark of weakness (a proxy that compresses adds it)."""
    tags = {one.strip().removeprefix("W/") for one in known.split(",")}
    return tag in tags or "*" in tags


def applies(path: str, method: str) -> bool:
    """Which operations answer so, for their description."""
    return method == "GET" and path.startswith(("/api/doctors", "/api/availability"))
