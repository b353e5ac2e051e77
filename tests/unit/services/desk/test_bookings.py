"""What the desk's table shows, on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from booking_ui.db.session import Database
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.errors import BadInput, FieldError
from booking_ui.domain.paging import Paging
from booking_ui.domain.payment import AttemptStatus, PaymentStatus, RefundStatus
from booking_ui.services.desk import bookings
from booking_ui.services.desk.bookings import BookingFilter
from booking_ui.services.views.desk import BookingRow, DoctorChoice
from tests.support.desk import (
    NOW,
    VISIT,
    Desk,
    a_refund,
    an_attempt,
    book,
    open_desk,
)
from tests.support.schedule import counted

HOUR = timedelta(hours=1)


@pytest.fixture
def desk(db: Database) -> Desk:
    return open_desk()


def references(**filters: object) -> list[str]:
    return [row.reference for row in bookings.listed(BookingFilter(**filters), now=NOW).rows]  # type: ignore[arg-type]


def statements(page_size: int) -> int:
    """How many statements one page takes."""
    with counted() as said:
        bookings.listed(BookingFilter(page_size=page_size), now=NOW)
    return len(said)


def test_a_row_says_who_when_how_much_and_how_it_was_paid(desk: Desk) -> None:
    book(desk, "AB12CD", order_id="order_A", payment_id="pay_A")

    page = bookings.listed(BookingFilter(), now=NOW)

    assert page.rows == [
        BookingRow(
            id=1,
            reference="AB12CD",
            status="confirmed",
            payment_status="captured",
            patient_name="Asha Rao",
            patient_email="asha@example.com",
            patient_phone="+919845012345",
            doctor_id=desk.chandra,
            doctor_name="Dr Chandra",
            speciality="General medicine",
            starts_at="2026-11-24T05:00:00Z",
            when_label="Tue 24 Nov, 10:30 am",
            booked_label="Sat 21 Nov, 10:15 am",
            amount_paise=50_000,
            amount_label="₹500",
            method_label="UPI · asha@okbank",
            gateway_order_id="order_A",
            gateway_payment_id="pay_A",
            needs_attention="",
            payment_id=1,
        )
    ]
    assert (page.paging, page.attention_count) == (Paging(1, 1, 25), 0)


def test_an_empty_clinic_has_one_empty_page_and_every_status_at_zero(desk: Desk) -> None:
    page = bookings.listed(BookingFilter(), now=NOW)

    assert (page.rows, page.paging) == ([], Paging(0, 1, 25))
    assert page.status_counts == [(str(status), 0) for status in AppointmentStatus]


def test_counts_of_statuses_ignore_the_status_filter_and_obey_the_others(desk: Desk) -> None:
    book(desk, "A")
    book(
        desk, "B", starts_at=VISIT + HOUR, status=AppointmentStatus.CANCELLED, payment=PaymentStatus.REFUNDED
    )
    book(desk, "C", starts_at=VISIT + HOUR, doctor_id=desk.ezhil)

    page = bookings.listed(BookingFilter(status="cancelled", doctor_id=desk.chandra), now=NOW)

    assert [row.reference for row in page.rows] == ["B"]
    assert page.total == 1
    assert page.status_counts == [
        ("pending_payment", 0),
        ("confirmed", 1),
        ("completed", 0),
        ("no_show", 0),
        ("cancelled", 1),
        ("failed", 0),
    ]


def test_both_dates_count_and_days_are_the_clinics(desk: Desk) -> None:
    book(desk, "LAST-OF-23", starts_at=datetime(2026, 11, 23, 18, 29, tzinfo=UTC))
    book(desk, "MIDNIGHT-24", starts_at=datetime(2026, 11, 23, 18, 30, tzinfo=UTC))
    book(desk, "LAST-OF-24", starts_at=datetime(2026, 11, 24, 18, 29, tzinfo=UTC))
    book(desk, "MIDNIGHT-25", starts_at=datetime(2026, 11, 24, 18, 30, tzinfo=UTC))
    day = date(2026, 11, 24)

    assert references(date_from=day, date_to=day, sort="starts_at") == ["MIDNIGHT-24", "LAST-OF-24"]
    assert references(date_to=date(2026, 11, 23)) == ["LAST-OF-23"]
    assert references(date_from=date(2026, 11, 25)) == ["MIDNIGHT-25"]


@pytest.mark.parametrize(
    "q",
    [
        "ab12",
        "AB12CD",
        "asha r",
        "ASHA@example",
        "98450 12345",
        "order_A",
        "pay_A",
        "pay_declined",
        "rfnd_A",
        "  ab12 ",
    ],
)
def test_search_finds_a_booking_by_anything_the_desk_may_be_told(desk: Desk, q: str) -> None:
    bill = book(desk, "AB12CD", order_id="order_A", payment_id="pay_A")
    an_attempt(bill, "pay_declined", AttemptStatus.FAILED)
    a_refund(bill, RefundStatus.PROCESSED, pay_id="pay_A", refund_id="rfnd_A")
    book(
        desk, "ZZ99ZZ", starts_at=VISIT + HOUR, patient_id=desk.bilal, order_id="order_B", payment_id="pay_B"
    )

    assert references(q=q) == ["AB12CD"]


@pytest.mark.parametrize("q", ["%", "_", "order_", "pay_", "order_a", "12", "'; DROP TABLE payment; --"])
def test_search_takes_wildcards_and_parts_of_ids_literally(desk: Desk, q: str) -> None:
    book(desk, "AB99CD", order_id="order_A", payment_id="pay_A")

    assert references(q=q) == []


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("starts_at", ["A", "B", "C"]),
        ("-starts_at", ["C", "B", "A"]),
        ("booked", ["C", "B", "A"]),
        ("amount", ["B", "A", "C"]),
        ("-amount", ["C", "A", "B"]),
        ("status", ["B", "C", "A"]),
        ("doctor", ["A", "C", "B"]),
        ("-doctor", ["B", "C", "A"]),
        ("patient", ["A", "B", "C"]),
        ("-patient", ["C", "B", "A"]),
    ],
)
def test_the_table_sorts_by_each_key_and_ties_go_by_number(
    desk: Desk, sort: str, expected: list[str]
) -> None:
    book(desk, "A", status=AppointmentStatus.NO_SHOW, booked=NOW)
    book(
        desk, "B", starts_at=VISIT + HOUR, status=AppointmentStatus.CANCELLED, payment=PaymentStatus.REFUNDED,
        paise=40_000, doctor_id=desk.ezhil, booked=NOW - HOUR,
    )  # fmt: skip
    book(desk, "C", starts_at=VISIT + 2 * HOUR, paise=60_000, patient_id=desk.bilal, booked=NOW - 2 * HOUR)

    assert references(sort=sort) == expected


def test_pages_follow_each_other_without_gap_or_repeat_and_a_page_past_the_end_is_the_last(
    desk: Desk,
) -> None:
    for number in range(5):
        book(desk, f"N{number}", starts_at=VISIT + number * HOUR)

    assert references(page_size=2, sort="starts_at") == ["N0", "N1"]
    assert references(page_size=2, sort="starts_at", page=2) == ["N2", "N3"]
    last = bookings.listed(BookingFilter(page_size=2, sort="starts_at", page=99), now=NOW)
    assert [row.reference for row in last.rows] == ["N4"]
    assert last.paging == Paging(5, 3, 2)


@pytest.mark.parametrize(
    ("filters", "field"),
    [
        ({"status": "paid"}, "status"),
        ({"sort": "password_hash"}, "sort"),
        ({"sort": "--starts_at"}, "sort"),
        ({"page": 0}, "page"),
        ({"page_size": 0}, "pageSize"),
        ({"page_size": 101}, "pageSize"),
        ({"date_from": date(2026, 11, 2), "date_to": date(2026, 11, 1)}, "dateTo"),
    ],
)
def test_a_filter_that_means_nothing_is_refused_by_name(
    desk: Desk, filters: dict[str, object], field: str
) -> None:
    with pytest.raises(BadInput) as refusal:
        bookings.listed(BookingFilter(**filters), now=NOW)  # type: ignore[arg-type]

    assert [error.field for error in refusal.value.errors] == [field]


def test_several_wrong_filters_are_named_at_once(desk: Desk) -> None:
    with pytest.raises(BadInput) as refusal:
        bookings.listed(BookingFilter(status="paid", page=0), now=NOW)

    assert refusal.value.errors == (
        FieldError("status", "Choose one of the listed statuses."),
        FieldError("page", "Pages begin at 1."),
    )


def test_one_row_and_thirty_rows_take_the_same_number_of_statements(desk: Desk) -> None:
    for number in range(30):
        bill = book(desk, f"N{number}", starts_at=VISIT + number * HOUR, payment_id=f"pay_{number}")
        an_attempt(bill, f"pay_{number}", AttemptStatus.CAPTURED)

    assert statements(page_size=1) == statements(page_size=30) == 2


def test_doctors_to_choose_from_come_by_name(desk: Desk) -> None:
    assert bookings.doctor_choices() == [
        DoctorChoice(str(desk.chandra), "Dr Chandra"),
        DoctorChoice(str(desk.ezhil), "Dr Ezhil"),
    ]
