"""Every page can be built: no type checker follows the vars that pages and components name."""

from __future__ import annotations

from typing import Any

import pytest

from booking_ui import booking_ui as app_module

PAGES = app_module.app._unevaluated_pages


@pytest.mark.parametrize("route", sorted(PAGES))
def test_a_page_names_only_vars_that_exist(route: str) -> None:
    page: Any = PAGES[route].component
    assert page().render()
