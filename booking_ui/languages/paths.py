"""Addresses of pages: each language but English has its own, below its code: /hi/appointments/."""

from __future__ import annotations

from collections.abc import Iterable

from booking_ui.languages.catalogue import FIRST, known_languages, spoken


def to(path: str) -> str:
    """The address of the page `path` (such as "/appointments/") in the language that is spoken."""
    return path if spoken() == FIRST else f"/{spoken()}{path}"


def in_every_language(path: str, languages: Iterable[str]) -> dict[str, str]:
    """The page's address in each of these languages, by their codes."""
    return {one: path if one == FIRST else f"/{one}{path}" for one in languages}


def action(path: str) -> str:
    """The address of a form's route, "/api/session/sign-in", which then answers with pages in the language that is spoken."""
    return path if spoken() == FIRST else f"{path}?lang={spoken()}"


def language_of(path: str) -> str:
    """The language of a page's address."""
    first = path.lstrip("/").partition("/")[0]
    return first if first in known_languages() and first != FIRST else FIRST


def without_language(path: str) -> str:
    """The address of the same page in English."""
    language = language_of(path)
    return path if language == FIRST else path.lstrip("/").removeprefix(language) or "/"


def offered(header: str, languages: Iterable[str]) -> str:
    """The first of `languages` that an Accept-Language header prefers (RFC 9110, 12.5.4); English when it names none."""
    known = set(languages)
    wishes = [one.partition(";") for one in header[:400].split(",")]
    ranked = sorted(
        (-_weight(parameters), place, tag.strip().lower().partition("-")[0])
        for place, (tag, _sep, parameters) in enumerate(wishes)
    )
    return next((tag for weight, _place, tag in ranked if weight < 0 and tag in known), FIRST)


def _weight(parameters: str) -> float:
    name, _sep, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return min(max(float(value), 0.0), 1.0)
    except ValueError:
        return 0.0
