"""Every page can be built: no type checker follows the vars that pages and components name."""

from __future__ import annotations

from typing import Any

import pytest

from booking_ui import booking_ui as app_module
from booking_ui.domain.listing import DOCTOR, LISTED, PRIVATE, STEPS, is_private
from booking_ui.languages import without_language

PAGES = app_module.app._unevaluated_pages


@pytest.mark.parametrize("route", sorted(PAGES))
def test_a_page_names_only_vars_that_exist(route: str) -> None:
    page: Any = PAGES[route].component
    assert page().render()


def test_every_page_is_listed_a_step_or_kept_by_no_browser() -> None:
    """A new page says what search engines are told of it: domain/listing.py."""
    english = {without_language(f"/{route}") for route in PAGES}
    for_everybody = {address.strip("/") or "index" for address in english if not is_private(address)}
    assert for_everybody == {route.strip("/") or "index" for route in (*LISTED, DOCTOR, *STEPS)}


def test_no_kind_of_private_page_is_kept_in_vain() -> None:
    first = {without_language(f"/{route}").split("/")[1] for route in PAGES}
    assert set(PRIVATE) - first == set()
