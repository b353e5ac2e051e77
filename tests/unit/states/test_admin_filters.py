"""The desk's filters in the address: a link reproduces the view, and no address breaks the page."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest

from booking_ui.states import admin_filters
from booking_ui.states.admin_filters import NONE, Chip, Filters, StatusChoice

EVERYTHING = Filters(
    status="confirmed",
    doctor="7",
    date_from="2026-11-20",
    date_to="2026-11-30",
    q="asha & co",
    sort="-amount",
    page=3,
)


def reread(address: str) -> Filters:
    return admin_filters.read(dict(parse_qsl(urlsplit(address).query)))


@pytest.mark.parametrize("filters", [NONE, EVERYTHING, Filters(status="attention"), Filters(q="order_A%_")])
def test_an_address_reproduces_its_filters(filters: Filters) -> None:
    assert reread(admin_filters.address(filters)) == filters


def test_the_plain_table_has_the_plain_address() -> None:
    assert admin_filters.address(NONE) == "/admin/"
    assert admin_filters.open_prefix(NONE) + "AB12CD34" == "/admin/?ref=AB12CD34"


def test_opening_a_booking_keeps_the_filters() -> None:
    assert admin_filters.open_prefix(Filters(status="failed", page=2)) + "AB12CD34" == (
        "/admin/?status=failed&page=2&ref=AB12CD34"
    )


@pytest.mark.parametrize(
    "query",
    [
        {"status": "paid"},
        {"doctor": "-1"},
        {"doctor": "1 OR 1=1"},
        {"doctor": "²"},
        {"doctor": "99999999999999999999"},
        {"since": "yesterday"},
        {"since": "0002-11-24"},
        {"until": "2026-02-30"},
        {"sort": "password_hash"},
        {"sort": "--amount"},
        {"page": "0"},
        {"page": "last"},
        {"ref": "AB12CD34"},
        {"unknown": "1"},
    ],
)
def test_a_value_that_means_nothing_counts_as_not_given(query: dict[str, str]) -> None:
    assert admin_filters.read(query) == NONE


def test_a_very_long_search_is_cut() -> None:
    assert admin_filters.read({"q": "a" * 5_000}).q == "a" * 100


def test_each_filter_in_force_is_a_chip_whose_link_removes_only_it() -> None:
    chips = admin_filters.chips(EVERYTHING, {"7": "Dr Chandra"})

    rest = "&q=asha+%26+co&sort=-amount"
    days = "since=2026-11-20&until=2026-11-30"
    assert chips == [
        Chip("confirmed", "", f"/admin/?doctor=7&{days}{rest}"),
        Chip("", "Dr Chandra", f"/admin/?status=confirmed&{days}{rest}"),
        Chip("", "Fri 20 Nov – Mon 30 Nov", f"/admin/?status=confirmed&doctor=7{rest}"),
        Chip("", "“asha & co”", f"/admin/?status=confirmed&doctor=7&{days}&sort=-amount"),
    ]


@pytest.mark.parametrize(
    ("filters", "label"),
    [
        (Filters(date_from="2026-11-20"), "From Fri 20 Nov"),
        (Filters(date_to="2026-11-20"), "Until Fri 20 Nov"),
        (Filters(date_from="2026-11-20", date_to="2026-11-20"), "Fri 20 Nov"),
    ],
)
def test_days_are_said_in_words(filters: Filters, label: str) -> None:
    assert [chip.label for chip in admin_filters.chips(filters, {})] == [label]


def test_a_head_sorts_ascending_first_and_then_turns_round() -> None:
    plain = admin_filters.columns(NONE)
    turned = admin_filters.columns(Filters(sort="amount", page=4))

    assert (plain["amount"].href, plain["amount"].order) == ("/admin/?sort=amount", "none")
    assert (plain["starts_at"].href, plain["starts_at"].order) == ("/admin/?sort=starts_at", "descending")
    assert (turned["amount"].href, turned["amount"].order) == ("/admin/?sort=-amount", "ascending")


def test_statuses_carry_their_counts_and_keep_the_other_filters() -> None:
    counts = dict.fromkeys(admin_filters.STATUSES, 0) | {"": 5, "confirmed": 4, "attention": 1}

    choices = admin_filters.status_choices(Filters(status="confirmed", q="asha", page=2), counts)

    assert choices[0] == StatusChoice("", 5, "/admin/?q=asha", current=False)
    assert StatusChoice("confirmed", 4, "/admin/?status=confirmed&q=asha", current=True) in choices
    assert choices[-1] == StatusChoice("attention", 1, "/admin/?status=attention&q=asha", current=False)
