"""The parts that the desk's lists share: numbers and addresses of pages, and what an address may name."""

from __future__ import annotations

import pytest

from booking_ui.domain.paging import Paging
from booking_ui.states.desk.lists import Pager, address, number_in, pager


def page(number: int) -> str:
    return f"/?page={number}"


@pytest.mark.parametrize(
    ("shown", "found"),
    [
        (Paging(0, 1, 2), Pager()),
        (Paging(2, 1, 2), Pager(2, 1, 2, 1)),
        (Paging(5, 1, 2), Pager(5, 1, 2, 3, next="/?page=2")),
        (Paging(5, 2, 2), Pager(5, 3, 4, 3, "/?page=1", "/?page=3")),
        (Paging(5, 3, 2), Pager(5, 5, 5, 3, "/?page=2")),
    ],
)
def test_a_pager_numbers_its_rows_and_leads_to_the_pages_beside_it(shown: Paging, found: Pager) -> None:
    assert pager(shown, page) == found


def test_an_address_names_only_what_is_given() -> None:
    assert address("/admin/", {"q": "", "doctor": None, "page": 0}) == "/admin/"
    assert address("/admin/", {"q": "asha & co", "doctor": 7}) == "/admin/?q=asha+%26+co&doctor=7"


@pytest.mark.parametrize("text", ["", "0", "-1", "1.0", " 1", "²", "१", "9999999999", "x"])
def test_what_no_row_can_have_is_no_number(text: str) -> None:
    assert number_in(text) is None


def test_a_number_is_read() -> None:
    assert number_in("7") == 7
