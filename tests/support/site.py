"""The clinic as crawlers and browsers ask for it: an ASGI application, without a socket in between."""

from __future__ import annotations

import asyncio

import httpx
from starlette.types import ASGIApp


def ask(app: ASGIApp, address: str, method: str = "GET", **headers: str) -> httpx.Response:
    """One request; redirects are not followed."""

    async def answer() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost:3000") as client:
            return await client.request(method, address, headers=headers)

    return asyncio.run(answer())
