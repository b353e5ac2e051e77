"""A request's body on its way in: at most 256 KiB, within ten seconds."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope

from booking_ui.domain.errors import TooLarge, TooSlow

LARGEST = 256 * 1024
SECONDS = 10.0  # from the last header to the last byte


class Body:
    """The `receive` of a request, bounded in size and in time whatever length was announced.

    `arrived` is called once, when the body is whole. Raises HTTPException 413 or 408.
    """

    def __init__(self, receive: Receive, *, arrived: Callable[[], None] | None = None) -> None:
        self._receive, self._arrived = receive, arrived
        self._left = LARGEST
        self._deadline = asyncio.get_running_loop().time() + SECONDS
        self._whole = False
        self._kept: deque[Message | HTTPException] = deque()

    async def comes_whole(self) -> bool:
        """Wait for all of it before anything is done about the request: one that never ends then costs next to nothing.

        False when it can't come: `receive` then says why, after the parts that came.
        """
        while not self._whole:
            try:
                self._kept.append(message := await self._next())
            except HTTPException as refusal:
                self._kept.append(refusal)
                return False
            if message["type"] != "http.request":  # the caller is gone
                return False
        return True

    async def receive(self) -> Message:
        if not self._kept:
            return await self._next()
        found = self._kept.popleft()
        if isinstance(found, HTTPException):
            raise found
        return found

    async def _next(self) -> Message:
        if self._whole:  # what is awaited now is the end of the connection
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._deadline):
                message = await self._receive()
        except TimeoutError:
            raise HTTPException(TooSlow.status) from None
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise HTTPException(TooLarge.status)
        if not message.get("more_body"):
            self._whole = True
            if self._arrived:
                self._arrived()
        return message


def announced(scope: Scope) -> int:
    """The length that the headers announce, in bytes; 0 when they announce none that can be read."""
    length = Headers(scope=scope).get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() and len(length) < 20 else 0
