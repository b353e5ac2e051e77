"""The desk's filters in the address: a link reproduces the view, and no address breaks the page."""

from __future__ import annotations

from datetime import UTC, date, datetime
from urllib.parse import parse_qsl, urlsplit

import pytest

from booking_ui.services.desk.bookings import BookingFilter
from booking_ui.states.desk import booking_links as links
from booking_ui.states.desk.booking_links import EVERYTHING, Chip
from booking_ui.states.desk.lists import Choice, StatusChoice

NARROW = BookingFilter(
    status="confirmed",
    doctor_id=7,
    date_from=date(2026, 11, 20),
    date_to=date(2026, 11, 30),
    q="asha & co",
    sort="-amount",
    page=3,
)


TODAY = date(2026, 11, 21)
NOW = datetime(2026, 11, 21, 4, 45, tzinfo=UTC)


def narrowed(now: BookingFilter, form: dict[str, str]) -> BookingFilter:
    return links.narrowed(now, form, now.days(NOW))


def reread(address: str) -> BookingFilter:
    return links.filter_of(dict(parse_qsl(urlsplit(address).query)))


@pytest.mark.parametrize(
    "filters",
    [
        EVERYTHING, NARROW, BookingFilter(status="attention"), BookingFilter(q="order_A%_"), BookingFilter(sort="amount"),
        BookingFilter(period="tomorrow"), BookingFilter(period="today", status="failed", sort="-starts_at"),
        BookingFilter(period="next-7-days", q="asha", page=2),
    ],
)  # fmt: skip
def test_an_address_reproduces_its_filters(filters: BookingFilter) -> None:
    assert reread(links.bookings_address(filters)) == filters


def test_the_plain_table_has_the_plain_address() -> None:
    assert links.bookings_address(EVERYTHING) == "/admin/"
    assert links.open_prefix(EVERYTHING) + "AB12CD34" == "/admin/?ref=AB12CD34"


def test_opening_a_booking_keeps_the_filters() -> None:
    assert links.open_prefix(BookingFilter(status="failed", page=2)) + "AB12CD34" == (
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
    assert links.filter_of(query) == EVERYTHING


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
    assert links.filter_of(query).days(NOW) == days


def test_what_comes_next_is_read_from_its_beginning_and_all_days_from_the_newest() -> None:
    orders = [
        BookingFilter(period="tomorrow").order,
        EVERYTHING.order,
        BookingFilter(period="today", sort="amount").order,
    ]
    assert orders == ["starts_at", "-starts_at", "amount"]


def test_periods_keep_the_other_filters_and_lose_the_page_and_the_order() -> None:
    choices = links.periods(BookingFilter(period="today", q="asha", sort="amount", page=3))
    assert choices == [
        Choice("Today", "/admin/?q=asha&period=today", current=True),
        Choice("Tomorrow", "/admin/?q=asha&period=tomorrow", current=False),
        Choice("Next 7 days", "/admin/?q=asha&period=next-7-days", current=False),
        Choice("All days", "/admin/?q=asha", current=False),
    ]
    assert [one.href for one in links.periods(EVERYTHING)] == [
        "/admin/?period=today", "/admin/?period=tomorrow", "/admin/?period=next-7-days", "/admin/",
    ]  # fmt: skip
    assert [one.current for one in links.periods(BookingFilter(date_from=date(2026, 11, 20)))] == [False] * 4


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
    assert links.bookings_address(narrowed(BookingFilter(period="today"), IN_FORCE | changed)) == address


def test_days_of_ones_own_that_are_emptied_leave_all_days() -> None:
    now = BookingFilter(date_from=date(2026, 11, 20))
    form = {"q": "", "since": "", "until": "", "sort": "-starts_at"}
    assert narrowed(now, form) == EVERYTHING


def test_a_search_within_a_period_keeps_it_while_its_words_stay() -> None:
    now = BookingFilter(period="tomorrow", q="asha")
    form = {"q": "asha", "doctor": "7", "since": "2026-11-22", "until": "2026-11-22", "sort": "starts_at"}
    assert narrowed(now, form) == BookingFilter(period="tomorrow", q="asha", doctor_id=7)


def test_a_very_long_search_is_cut() -> None:
    assert links.filter_of({"q": "a" * 5_000}).q == "a" * 100


def test_each_filter_in_force_is_a_chip_whose_link_removes_only_it() -> None:
    chips = links.chips(NARROW, {"7": "Dr Chandra"})

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
        (BookingFilter(date_from=date(2026, 11, 20)), "From Fri 20 Nov"),
        (BookingFilter(date_to=date(2026, 11, 20)), "Until Fri 20 Nov"),
        (BookingFilter(date_from=date(2026, 11, 20), date_to=date(2026, 11, 20)), "Fri 20 Nov"),
    ],
)
def test_days_are_said_in_words(filters: BookingFilter, label: str) -> None:
    assert [chip.label for chip in links.chips(filters, {})] == [label]


def test_a_head_sorts_ascending_first_and_then_turns_round() -> None:
    plain = links.columns(BookingFilter(period="today"))
    turned = links.columns(BookingFilter(sort="amount", page=4, period="today"))

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
    counts = dict.fromkeys(links.STATUSES, 0) | {"": 5, "confirmed": 4, "attention": 1}

    choices = links.status_choices(BookingFilter(status="confirmed", q="asha", page=2), counts)

    assert choices[0] == StatusChoice("", 5, "/admin/?q=asha", current=False)
    assert StatusChoice("confirmed", 4, "/admin/?status=confirmed&q=asha", current=True) in choices
    assert choices[-1] == StatusChoice("attention", 1, "/admin/?status=attention&q=asha", current=False)
