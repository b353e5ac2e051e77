"""Figures of the payouts, and the bookings that the desk's table lists for one."""

from __future__ import annotations

from datetime import date
from typing import Any

from booking_ui.services.desk import payouts
from booking_ui.services.desk.bookings import BookingFilter, listed
from booking_ui.services.views.desk import FigureView
from tests.support.week_of_money import THU

JANUARY: dict[str, Any] = {"first": date(2026, 1, 1), "last": date(2026, 1, 31)}

Figures = dict[str, tuple[int, int]]


def shown(figures: list[FigureView]) -> Figures:
    return {one.figure: (one.bookings, one.paise) for one in figures}


def of(first: date, last: date, doctor_id: int | None = None) -> Figures:
    return shown(payouts.summary(first=first, last=last, doctor_id=doctor_id).figures)


def behind(figure: str, **filters: object) -> dict[str, int]:
    """The bookings that the desk's table lists for a figure, each with its part."""
    wanted = BookingFilter(money=figure, page_size=100, **filters)  # type: ignore[arg-type]
    page = listed(wanted, now=THU)
    parts = {row.reference: row.figure_paise for row in page.rows}
    assert (len(parts), sum(parts.values())) == (page.total, page.figure_paise)
    return parts
