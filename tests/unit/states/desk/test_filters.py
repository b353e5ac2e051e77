"""The desk's filters in the address: a link reproduces the view, and no address breaks the page."""

from __future__ import annotations

from datetime import date
from urllib.parse import parse_qsl, urlsplit

import pytest

from booking_ui.states.desk import filters as desk_filters
from booking_ui.states.desk.filters import NONE, Chip, Choice, Filters, StatusChoice

EVERYTHING = Filters(
    status="confirmed",
    doctor="7",
    date_from="2026-11-20",
    date_to="2026-11-30",
    q="asha & co",
    sort="-amount",
    page=3,
)


TODAY = date(2026, 11, 21)


def reread(address: str) -> Filters:
    return desk_filters.read(dict(parse_qsl(urlsplit(address).query)))


@pytest.mark.parametrize(
    "filters",
    [
        NONE, EVERYTHING, Filters(status="attention"), Filters(q="order_A%_"), Filters(sort="amount"),
        Filters(period="tomorrow"), Filters(period="today", status="failed", sort="-starts_at"),
        Filters(period="next-7-days", q="asha", page=2),
    ],
)  # fmt: skip
def test_an_address_reproduces_its_filters(filters: Filters) -> None:
    assert reread(desk_filters.address(filters)) == filters


def test_the_plain_table_has_the_plain_address() -> None:
    assert desk_filters.address(NONE) == "/admin/"
    assert desk_filters.open_prefix(NONE) + "AB12CD34" == "/admin/?ref=AB12CD34"


def test_opening_a_booking_keeps_the_filters() -> None:
    assert desk_filters.open_prefix(Filters(status="failed", page=2)) + "AB12CD34" == (
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
        {"period": "yesterday"},
        {"sort": "-starts_at"},
    ],
)
def test_a_value_that_means_nothing_counts_as_not_given(query: dict[str, str]) -> None:
    assert desk_filters.read(query) == NONE


@pytest.mark.parametrize(
    ("query", "days"),
    [
        ({}, (None, None)),
        ({"period": "today", "ref": "AB12CD34", "page": "2", "sort": "amount"}, (TODAY, TODAY)),
        ({"period": "tomorrow"}, (date(2026, 11, 22), date(2026, 11, 22))),
        ({"period": "next-7-days", "q": "asha"}, (TODAY, date(2026, 11, 27))),
        ({"q": "asha"}, (None, None)),
        ({"status": "attention"}, (None, None)),
        ({"doctor": "7"}, (None, None)),
        ({"money": "captured", "from": "2026-11-01"}, (None, None)),
        ({"until": "2026-11-03", "period": "today"}, (None, date(2026, 11, 3))),
    ],
)
def test_an_address_shows_the_days_it_names_or_all(
    query: dict[str, str], days: tuple[date | None, date | None]
) -> None:
    assert desk_filters.days(desk_filters.read(query), TODAY) == days


def test_what_comes_next_is_read_from_its_beginning_and_all_days_from_the_newest() -> None:
    orders = [Filters(period="tomorrow").order, NONE.order, Filters(period="today", sort="amount").order]
    assert orders == ["starts_at", "-starts_at", "amount"]


def test_periods_keep_the_other_filters_and_lose_the_page_and_the_order() -> None:
    choices = desk_filters.periods(Filters(period="today", q="asha", sort="amount", page=3))
    assert choices == [
        Choice("Today", "/admin/?q=asha&period=today", current=True),
        Choice("Tomorrow", "/admin/?q=asha&period=tomorrow", current=False),
        Choice("Next 7 days", "/admin/?q=asha&period=next-7-days", current=False),
        Choice("All days", "/admin/?q=asha", current=False),
    ]
    assert [one.href for one in desk_filters.periods(NONE)] == [
        "/admin/?period=today", "/admin/?period=tomorrow", "/admin/?period=next-7-days", "/admin/",
    ]  # fmt: skip
    assert [one.current for one in desk_filters.periods(Filters(date_from="2026-11-20"))] == [False] * 4


IN_FORCE = {"q": "", "doctor": "", "since": "2026-11-21", "until": "2026-11-21", "sort": "starts_at"}


@pytest.mark.parametrize(
    ("changed", "address"),
    [
        ({}, "/admin/?period=today"),
        ({"since": "", "until": ""}, "/admin/?period=today"),  # sent before the days in force were known
        ({"doctor": "7"}, "/admin/?doctor=7&period=today"),
        ({"sort": "amount"}, "/admin/?sort=amount&period=today"),
        ({"q": "asha"}, "/admin/?q=asha"),
        ({"until": "2026-11-23"}, "/admin/?since=2026-11-21&until=2026-11-23"),
        ({"since": ""}, "/admin/?until=2026-11-21"),
    ],
)
def test_days_and_order_that_are_left_alone_are_those_in_force(changed: dict[str, str], address: str) -> None:
    assert (
        desk_filters.address(desk_filters.narrowed(Filters(period="today"), IN_FORCE | changed, TODAY))
        == address
    )


def test_days_of_ones_own_that_are_emptied_leave_all_days() -> None:
    now = Filters(date_from="2026-11-20")
    form = {"q": "", "since": "", "until": "", "sort": "-starts_at"}
    assert desk_filters.narrowed(now, form, TODAY) == NONE


def test_a_search_within_a_period_keeps_it_while_its_words_stay() -> None:
    now = Filters(period="tomorrow", q="asha")
    form = {"q": "asha", "doctor": "7", "since": "2026-11-22", "until": "2026-11-22", "sort": "starts_at"}
    assert desk_filters.narrowed(now, form, TODAY) == Filters(period="tomorrow", q="asha", doctor="7")


def test_a_very_long_search_is_cut() -> None:
    assert desk_filters.read({"q": "a" * 5_000}).q == "a" * 100


def test_each_filter_in_force_is_a_chip_whose_link_removes_only_it() -> None:
    chips = desk_filters.chips(EVERYTHING, {"7": "Dr Chandra"})

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
    assert [chip.label for chip in desk_filters.chips(filters, {})] == [label]


def test_a_head_sorts_ascending_first_and_then_turns_round() -> None:
    plain = desk_filters.columns(Filters(period="today"))
    turned = desk_filters.columns(Filters(sort="amount", page=4, period="today"))

    assert (plain["amount"].href, plain["amount"].order) == ("/admin/?sort=amount&period=today", "none")
    assert (plain["starts_at"].href, plain["starts_at"].order) == (
        "/admin/?sort=-starts_at&period=today",
        "ascending",
    )
    assert (turned["amount"].href, turned["amount"].order) == (
        "/admin/?sort=-amount&period=today",
        "ascending",
    )


def test_statuses_carry_their_counts_and_keep_the_other_filters() -> None:
    counts = dict.fromkeys(desk_filters.STATUSES, 0) | {"": 5, "confirmed": 4, "attention": 1}

    choices = desk_filters.status_choices(Filters(status="confirmed", q="asha", page=2), counts)

    assert choices[0] == StatusChoice("", 5, "/admin/?q=asha", current=False)
    assert StatusChoice("confirmed", 4, "/admin/?status=confirmed&q=asha", current=True) in choices
    assert choices[-1] == StatusChoice("attention", 1, "/admin/?status=attention&q=asha", current=False)
