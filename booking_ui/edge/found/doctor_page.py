"""A doctor's page as it is sent: the built page with what is known of the doctor, in the language of its address.

The facts come from memory until anybody commits anything (db/memory.py), and the page is made again when they differ from
those it was made of. So nothing has to be told that a doctor or a word has changed.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from urllib.parse import quote

from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Scope

from booking_ui.config.settings import Settings, settings
from booking_ui.domain.clock import utc_now
from booking_ui.domain.errors import NotFound
from booking_ui.edge.found import doctor_html, picture
from booking_ui.edge.found.kept import Kept, answer, kept
from booking_ui.edge.found.shell import Shell
from booking_ui.edge.threads import call
from booking_ui.languages import language_of, without_language
from booking_ui.services.schedule import doctor_search
from booking_ui.services.views import DoctorView

ASK_FIRST = "no-cache"  # a free time that is gone must not be shown
PAGES = 512  # about 25 KiB each

_ADDRESS = re.compile(rf"/doctor/(?P<slug>[^/]+)(?P<rest>|/|/{re.escape(picture.FILE)})")
_SLUG = re.compile(r"[a-z0-9-]{1,80}")


async def page(scope: Scope, shells: dict[str, Shell]) -> ASGIApp | None:
    """The answer at the address of a doctor or of their picture, 404 for a doctor who is not here; None at any other address.

    Raises DatabaseAway.
    """
    asked = _ADDRESS.fullmatch(without_language(scope["path"]))
    shell = shells.get(language_of(scope["path"]))
    if asked is None or shell is None:
        return None
    if not asked["rest"]:
        return _with_slash(scope)
    try:
        doctor = await _doctor(asked["slug"])
    except NotFound:
        return answer(scope, _not_found(settings(), shell), caching=ASK_FIRST, status=404)
    if asked["rest"] != "/":
        return await picture.of_doctor(scope, doctor)
    # Of the free times the page tells the first alone.
    facts = _Facts(replace(doctor, next_slots=doctor.next_slots[:1]))
    return answer(scope, _made(settings(), shell, facts), caching=ASK_FIRST)


def _with_slash(scope: Scope) -> RedirectResponse:
    query = scope.get("query_string", b"").decode("latin-1")
    address = f"{quote(scope['path'])}/"
    return RedirectResponse(f"{address}?{query}" if query else address, status_code=301)


async def _doctor(slug: str) -> DoctorView:
    if not _SLUG.fullmatch(slug):
        raise NotFound
    return await call(doctor_search.bookable_doctor, slug=slug, now=utc_now())


class _Facts:
    """A doctor as a key: equal while all of their facts are."""

    def __init__(self, doctor: DoctorView) -> None:
        self.doctor = doctor
        self.key = repr(doctor)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Facts) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


# A shell belongs to one language, so that the language is part of the keys; settings are frozen.


@lru_cache(maxsize=PAGES)
def _made(_now: Settings, shell: Shell, facts: _Facts) -> Kept:
    return _html(doctor_html.filled(shell, facts.doctor, picture.address_of(facts.doctor)))


@lru_cache(maxsize=8)
def _not_found(_now: Settings, shell: Shell) -> Kept:
    return _html(doctor_html.not_found(shell))


def _html(text: str) -> Kept:
    return kept(text.encode(), "text/html; charset=utf-8")
