"""Every page can be built: no type checker follows the vars that pages and components name."""

from __future__ import annotations

from typing import Any

import pytest

from booking_ui import booking_ui as app_module
from booking_ui.edge.perimeter import PRIVATE

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
    "register",
    "code",
    "reset",
    "reset/new",
    "verify",
    "404",
}


def test_every_page_is_for_everybody_or_kept_by_no_browser() -> None:
    kept = {route for route in PAGES if not PRIVATE.fullmatch(f"/{route}")}
    assert kept == FOR_EVERYBODY
