"""The clinic's pages as search engines are told of them: routes without a language, as pages are added."""

from __future__ import annotations

import re

LISTED = ("/", "/sign-in", "/register")
"""Pages of one address that are worth finding."""

DOCTOR = "/doctor/[doctor_slug]"
"""The page of each doctor, found by their name."""

STEPS = ("/sign-in/phone", "/code", "/reset", "/reset/new", "/verify", "404")
"""Pages for everybody that lead nowhere by themselves: a crawler may open them, and is asked not to list them."""

PRIVATE = ("account", "admin", "appointment", "appointments", "checkout", "day", "family", "v")
"""First parts of the addresses that show what is one person's own."""

_PRIVATE = re.compile(rf"/({'|'.join(PRIVATE)})(/.*)?", re.DOTALL)


SHELL = "_"
"""In place of a doctor's slug: the page that is prerendered without its doctor. No doctor's slug has an underscore."""


def doctor_path(slug: str) -> str:
    """The address of a doctor's page in English."""
    return f"{DOCTOR.replace('[doctor_slug]', slug)}/"


def is_private(path: str) -> bool:
    """True for the address of a page, without its language, that shows what is one person's own."""
    return _PRIVATE.fullmatch(path) is not None
