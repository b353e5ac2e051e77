"""The language of a request, and of the visitor who chose one.

A page's language stands in its address. The API's is asked for by `?lang=`, else by Accept-Language. A page's address with
`?lang=` comes from the links to the other languages: the choice is kept in a cookie, which the clinic's first page follows.
"""

from __future__ import annotations

import re
from urllib.parse import quote, unquote_plus

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import RedirectResponse
from starlette.types import Scope

from booking_ui.config.settings import settings
from booking_ui.languages import FIRST, language_of, offered, speaking, to, without_language

COOKIE = "lang"
YEAR = 365 * 24 * 60 * 60  # seconds
PARAMETER = "lang"
# Addresses that are no pages of ours: programs', the websocket's, files'.
_NO_PAGE = re.compile(r"/(api|metrics|_\w+)(/.*)?|.*/[^/]*\.[^/]*", re.DOTALL)
_ENGLISH = ("/api/openapi.json", "/api/docs")  # the API's description has one language


def of_request(scope: Scope) -> str:
    """The language in which a request is answered."""
    if not _is_api(scope["path"]):
        return language_of(scope["path"])
    return _wanted(scope) or offered(
        Headers(scope=scope).get("accept-language", ""), settings().offered_languages
    )


def answer(scope: Scope) -> RedirectResponse | None:
    """The redirect that a page's address with a choice of language, or a visitor with one, is answered with; else None."""
    if scope["method"] != "GET" or _NO_PAGE.fullmatch(scope["path"]):
        return None
    if language := _wanted(scope):
        return _remembered(scope, language)
    if scope["path"] == "/" and not _parts(scope):
        chosen = cookie_parser(Headers(scope=scope).get("cookie", "")).get(COOKIE, "")
        if chosen != FIRST and chosen in settings().offered_languages:
            with speaking(chosen):
                return _see(to("/"))
    return None


def name_language(headers: MutableHeaders, path: str, language: str) -> None:
    """Say of an answer of the API in which language it is, and that another one could have been asked for."""
    if len(settings().offered_languages) == 1 or not _is_api(path) or path in _ENGLISH:
        return
    headers.add_vary_header("Accept-Language")
    # An answer that is told again has the language of the first time.
    if (
        headers.get("content-type", "").startswith("application/json")
        and "idempotency-replayed" not in headers
    ):
        headers["Content-Language"] = language


def _is_api(path: str) -> bool:
    return f"{path}/".startswith("/api/")


def _wanted(scope: Scope) -> str:
    """The language that `?lang=` asks for; empty for none that we offer."""
    asked = next((unquote_plus(part.partition("=")[2]) for part in _parts(scope) if _is_choice(part)), "")
    return asked if asked in settings().offered_languages else ""


def _parts(scope: Scope) -> list[str]:
    return [part for part in scope.get("query_string", b"").decode("latin-1").split("&") if part]


def _is_choice(part: str) -> bool:
    return unquote_plus(part.partition("=")[0]) == PARAMETER


def _remembered(scope: Scope, language: str) -> RedirectResponse:
    """To the same page in that language, which a cookie remembers."""
    # One slash: with two of them, the address would be another host's.
    page = "/" + without_language(scope["path"]).lstrip("/")
    query = "&".join(part for part in _parts(scope) if not _is_choice(part))
    with speaking(language):
        address = quote(to(page))
    found = _see(f"{address}?{query}" if query else address)
    found.set_cookie(COOKIE, language, max_age=YEAR, path="/", secure=settings().https, samesite="lax")
    return found


def _see(address: str) -> RedirectResponse:
    return RedirectResponse(address, status_code=303, headers={"Cache-Control": "no-store"})
