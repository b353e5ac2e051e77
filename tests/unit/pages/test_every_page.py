"""Every page can be built: no type checker follows the vars that pages and components name."""

from __future__ import annotations

from typing import Any

import pytest

from booking_ui import booking_ui as app_module
from booking_ui.edge.perimeter import PRIVATE
from booking_ui.languages import without_language

PAGES = app_module.app._unevaluated_pages


@pytest.mark.parametrize("route", sorted(PAGES))
def test_a_page_names_only_vars_that_exist(route: str) -> None:
    page: Any = PAGES[route].component
    assert page().render()


# These show nothing of whoever looks at them but the name in the header.
FOR_EVERYBODY = {
    "index",
    "doctor/[doctor_slug]",
    "sign-in",
    "sign-in/phone",
    "register",
    "code",
    "reset",
    "reset/new",
    "verify",
    "404",
}


def test_every_page_is_for_everybody_or_kept_by_no_browser() -> None:
    english = {without_language(f"/{route}") for route in PAGES}
    kept = {address.strip("/") or "index" for address in english if not PRIVATE.fullmatch(address)}
    assert kept == FOR_EVERYBODY
