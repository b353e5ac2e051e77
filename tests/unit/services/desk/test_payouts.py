"""The clinic's money over a period, to the paisa, and the bookings behind each figure; on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from booking_ui.domain.errors import BadInput, NotFound
from booking_ui.services.desk import payouts
from booking_ui.services.desk.bookings import BookingFilter, listed
from booking_ui.services.desk.ledger import Figure
from tests.support.cast import Cast
from tests.support.payouts import JANUARY, behind, of, shown
from tests.support.schedule import counted
from tests.support.week_of_money import THU, Week


def test_every_figure_of_the_month_is_exact(week: Week) -> None:
    found = payouts.summary(**JANUARY)

    assert shown(found.figures) == {
        "pending": (2, 160_000),
        "captured": (6, 400_000),
        "refunded": (2, 70_000),
        "refund_due": (2, 150_000),
        "deducted": (0, 0),
        "failed": (1, 80_000),
        "net": (6, 180_000),
    }
    assert [one.label for one in found.figures] == [
        "₹1,600",
        "₹4,000",
        "₹700",
        "₹1,500",
        "₹0",
        "₹800",
        "₹1,800",
    ]
    assert (found.period_label, found.fees_paise, found.fees_label, found.fees_known) == (
        "Thu 1 Jan – Sat 31 Jan",
        2_360,
        "₹23.60",
        2,
    )


def test_each_doctor_has_her_own_figures_by_name_and_they_add_up(week: Week, cast: Cast) -> None:
    found = payouts.summary(**JANUARY)

    assert [(one.name, one.slug, one.doctor_id) for one in found.doctors] == [
        ("Dr Chandra Rao", "dr-chandra-rao", cast.chandra),
        ("Dr Ezhil Mani", "dr-ezhil-mani", week.ezhil),
    ]
    chandra, ezhil = (shown(one.figures) for one in found.doctors)
    assert chandra == {
        "pending": (0, 0),
        "captured": (4, 250_000),
        "refunded": (2, 70_000),
        "refund_due": (0, 0),
        "deducted": (0, 0),
        "failed": (0, 0),
        "net": (4, 180_000),
    }
    assert ezhil["captured"] == (2, 150_000)
    assert ezhil["net"] == (2, 0)
    assert of(**JANUARY, doctor_id=week.ezhil) == ezhil
    assert [one.doctor_id for one in payouts.summary(**JANUARY, doctor_id=week.ezhil).doctors] == [week.ezhil]


@pytest.mark.parametrize("figure", list(Figure))
def test_the_list_behind_a_figure_holds_exactly_the_bookings_it_counts(
    week: Week, cast: Cast, figure: Figure
) -> None:
    periods = (
        (date(2026, 1, 1), date(2026, 1, 31)),
        (date(2026, 1, 6), date(2026, 1, 7)),
        (date(2026, 1, 5), date(2026, 1, 5)),
    )
    for first, last in periods:
        for doctor_id in (None, cast.chandra, week.ezhil):
            bookings, paise = of(first, last, doctor_id)[figure]
            parts = behind(figure, money_from=first, money_to=last, doctor_id=doctor_id)
            assert (len(parts), sum(parts.values())) == (bookings, paise)


def test_an_empty_period_is_all_zeros_and_names_no_doctor(week: Week) -> None:
    found = payouts.summary(first=date(2025, 12, 1), last=date(2025, 12, 31))

    assert shown(found.figures) == {figure.value: (0, 0) for figure in Figure}
    assert (found.doctors, found.fees_paise, found.fees_known) == ([], 0, 0)


def test_lines_are_every_movement_oldest_first_and_add_up_to_the_figures(week: Week) -> None:
    found = list(payouts.lines(**JANUARY))

    assert [(one.day, one.time) for one in found] == sorted((one.day, one.time) for one in found)
    sums = {
        figure.value: sum(one.paise for one in found if one.figure == figure) for figure in payouts.MOVEMENTS
    }
    assert sums == {"captured": 400_000, "refunded": 70_000, "refund_due": 150_000, "deducted": 0}
    assert len(found) == 11
    desk = next(one for one in found if one.reference == week.c4)
    assert (desk.day, desk.time, desk.doctor_name, desk.visit_day, desk.method, desk.gateway_payment_id) == (
        "2026-01-05",
        "10:00",
        "Dr Chandra Rao",
        "2026-01-06",
        "desk",
        "",
    )


@pytest.mark.parametrize("ask", [payouts.summary, payouts.daily, payouts.lines])
def test_a_period_that_makes_no_sense_is_refused(week: Week, ask: object) -> None:
    for first, last in ((date(2026, 1, 2), date(2026, 1, 1)), (date(2025, 1, 1), date(2026, 1, 2))):
        with pytest.raises(BadInput) as refused:
            ask(first=first, last=last)  # type: ignore[operator]
        assert [error.field for error in refused.value.errors] == ["dateTo"]


def test_a_doctor_is_found_by_her_address(cast: Cast) -> None:
    assert payouts.doctor(slug="dr-chandra-rao") == (cast.chandra, "Dr Chandra Rao")
    with pytest.raises(NotFound):
        payouts.doctor(slug="dr-nobody")


def test_a_figure_that_does_not_exist_is_refused(cast: Cast) -> None:
    with pytest.raises(BadInput) as refused:
        listed(BookingFilter(money="profit"), now=THU)
    assert [error.field for error in refused.value.errors] == ["money"]


def test_the_number_of_queries_does_not_grow_with_the_bookings(week: Week) -> None:
    with counted() as asked:
        payouts.summary(**JANUARY)
    assert len(asked) == len(Figure) + 2  # the figures, the doctors' names, the fees


def test_a_year_of_lines_is_read_month_by_month_and_is_what_its_days_are(week: Week) -> None:
    with counted() as asked:
        year = payouts.lines(first=date(2025, 12, 1), last=date(2026, 11, 30))
        soonest = next(year)
    # The visits are in January: December and its like were read, no more.
    assert len([one for one in asked if not one.startswith("PRAGMA")]) <= 2 * len(payouts.MOVEMENTS)
    whole = [soonest, *year]
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(31)]
    assert whole == [line for day in days for line in payouts.lines(first=day, last=day)]
    assert len(whole) == len(list(payouts.lines(**JANUARY))) > 3


def test_nothing_is_counted_twice_when_a_month_is_cut_in_two(week: Week) -> None:
    middle = date(2026, 1, 6)
    whole = of(**JANUARY)
    halves = (of(date(2026, 1, 1), middle), of(middle + timedelta(days=1), date(2026, 1, 31)))
    assert {figure: sum(half[figure][1] for half in halves) for figure in whole} == {
        figure: paise for figure, (_, paise) in whole.items()
    }
