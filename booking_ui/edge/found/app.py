"""ASGI middleware that answers what search engines and chats ask for, and passes everything else on."""

from __future__ import annotations

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from booking_ui.domain.errors import DatabaseAway
from booking_ui.edge.found import sitemap
from booking_ui.edge.found.kept import answer


class Found:
    """Stands between the perimeter, which adds the headers, and Reflex, which knows files and routes alone."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        reads = scope["type"] == "http" and scope["method"] in ("GET", "HEAD")
        found = await self._found(scope) if reads else None
        await (found or self.app)(scope, receive, send)

    async def _found(self, scope: Scope) -> ASGIApp | None:
        if scope["path"] == "/robots.txt":
            return answer(scope, sitemap.robots(), caching=sitemap.HOUR)
        if scope["path"] == "/sitemap.xml":
            return await _sitemap(scope)
        return None


async def _sitemap(scope: Scope) -> Response:
    try:
        return answer(scope, await sitemap.sitemap(), caching=sitemap.HOUR)
    except DatabaseAway as away:  # an empty list would take the doctors out of every search engine
        return Response(
            away.message, status_code=away.status, headers={"Retry-After": str(away.retry_after_seconds)}
        )
