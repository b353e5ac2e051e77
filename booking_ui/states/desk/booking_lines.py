"""Bookings as the desk's tables show them, and nothing else of them: a table is sent to the browser whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

from booking_ui.services.views import AdminRow, BookingLine


def lines(rows: Sequence[AdminRow]) -> list[BookingLine]:
    """The same bookings without how to reach their patients, and without Razorpay's ids."""
    return [BookingLine(**{one.name: getattr(row, one.name) for one in fields(BookingLine)}) for row in rows]
