"""ASGI middleware that answers what search engines and chats ask for, and passes everything else on."""

from __future__ import annotations

from pathlib import Path

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from booking_ui.config.settings import settings
from booking_ui.domain.errors import DatabaseAway
from booking_ui.edge.found import doctor_page, picture, sitemap
from booking_ui.edge.found.kept import answer
from booking_ui.edge.found.shell import shells
from booking_ui.languages import without_language


class Found:
    """Stands between the perimeter, which adds the headers, and Reflex, which knows files and routes alone."""

    def __init__(self, app: ASGIApp, client: Path | None) -> None:
        """`client` holds the built pages; None while they are being developed: doctors' pages are Reflex's then."""
        self.app = app
        self.shells = shells(client, settings().offered_languages) if client else {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        reads = scope["type"] == "http" and scope["method"] in ("GET", "HEAD")
        found = await self._found(scope) if reads else None
        await (found or self.app)(scope, receive, send)

    async def _found(self, scope: Scope) -> ASGIApp | None:
        if scope["path"] == "/robots.txt":
            return answer(scope, sitemap.robots(), caching=sitemap.HOUR)
        if scope["path"] == "/sitemap.xml":
            return await _sitemap(scope)
        if without_language(scope["path"]) == f"/{picture.FILE}":
            return await picture.of_clinic(scope)
        try:
            return await doctor_page.page(scope, self.shells)
        except DatabaseAway:  # Reflex's page says so, and tries again by itself
            return None


async def _sitemap(scope: Scope) -> Response:
    try:
        return answer(scope, await sitemap.sitemap(), caching=sitemap.HOUR)
    except DatabaseAway as away:  # an empty list would take the doctors out of every search engine
        return Response(
            away.message, status_code=away.status, headers={"Retry-After": str(away.retry_after_seconds)}
        )
