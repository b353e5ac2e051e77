"""Stored webhooks for the desk: newest first, counted, with the booking they are about."""

from __future__ import annotations

from datetime import timedelta

import pytest

from booking_ui.db.models import DeliveryStatus, WebhookEvent
from booking_ui.db.session import Database
from booking_ui.domain.errors import BadInput
from booking_ui.domain.paging import LONGEST_PAGE, Paging
from booking_ui.domain.webhook_outcome import Outcome, OutcomeCode
from booking_ui.services.desk import webhook_log
from booking_ui.services.views.desk import EventPage, EventView
from tests.support.desk import NOW, book, open_desk
from tests.support.rows import keep

CONFIRMED = Outcome(OutcomeCode.CONFIRM)
NO_COUNTS = [("waiting", 0), ("done", 0), ("ignored", 0), ("parked", 0)]


def stored(
    number: int,
    status: DeliveryStatus = DeliveryStatus.DONE,
    *,
    event: str = "payment.captured",
    order_id: str = "",
    outcome: Outcome | None = CONFIRMED,
) -> int:
    """One stored event; they come a minute apart."""
    row = keep(
        WebhookEvent(
            event_id=f"event-{number}", body_sha256=f"{number:064}", body=b"{}", event=event, order_id=order_id,
            status=status, outcome_code=outcome.code if outcome else None,
            outcome_detail=outcome.detail if outcome else "", attempts=1,
            received_at=NOW + timedelta(minutes=number),
        )
    )  # fmt: skip
    return row.id or 0


def test_nothing_stored_is_one_empty_page(db: Database) -> None:
    assert webhook_log.stored() == EventPage([], Paging(0, 1, 25), NO_COUNTS)


def test_the_newest_comes_first_with_the_booking_it_is_about(db: Database) -> None:
    book(open_desk(), "AB12CD34", order_id="order_of_asha")
    mine = stored(0, order_id="order_of_asha")
    strange = stored(
        1, DeliveryStatus.IGNORED, order_id="order_of_nobody", outcome=Outcome(OutcomeCode.UNKNOWN_ORDER)
    )
    unread = stored(
        2, DeliveryStatus.PARKED, event="", outcome=Outcome(OutcomeCode.UNREADABLE, "event: not JSON")
    )

    page = webhook_log.stored()

    assert page.rows == [
        EventView(unread, "unreadable", "parked", "event: not JSON", "Sat 21 Nov, 10:17 am", "", "", 1, "2026-11-21T04:47:00Z", "Can't be read: event: not JSON"),
        EventView(strange, "payment.captured", "ignored", "ignored: an order we do not know", "Sat 21 Nov, 10:16 am", "order_of_nobody", "", 1, "2026-11-21T04:46:00Z", "An order we do not know"),
        EventView(mine, "payment.captured", "done", "applied: confirm", "Sat 21 Nov, 10:15 am", "order_of_asha", "AB12CD34", 1, "2026-11-21T04:45:00Z", "Booking confirmed"),
    ]  # fmt: skip
    assert page.status_counts == [("waiting", 0), ("done", 1), ("ignored", 1), ("parked", 1)]


def test_a_status_narrows_the_rows_but_not_the_counts(db: Database) -> None:
    stored(0)
    parked = stored(1, DeliveryStatus.PARKED)
    stored(2, DeliveryStatus.WAITING, outcome=None)

    page = webhook_log.stored(status="parked")

    assert ([row.id for row in page.rows], page.total) == ([parked], 1)
    assert page.status_counts == [("waiting", 1), ("done", 1), ("ignored", 0), ("parked", 1)]


def test_pages_are_cut_exactly_and_past_the_end_is_the_last_one(db: Database) -> None:
    ids = [stored(number) for number in range(5)]

    found = [webhook_log.stored(page=page, page_size=2) for page in (1, 2, 3, 4)]

    assert [[row.id for row in page.rows] for page in found] == [
        [ids[4], ids[3]],
        [ids[2], ids[1]],
        [ids[0]],
        [ids[0]],
    ]
    assert [page.paging for page in found] == [Paging(5, number, 2) for number in (1, 2, 3, 3)]


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"status": "lost"}, "status"),
        ({"page": 0}, "page"),
        ({"page_size": 0}, "pageSize"),
        ({"page_size": LONGEST_PAGE + 1}, "pageSize"),
    ],
)
def test_what_makes_no_sense_is_refused(db: Database, asked: dict[str, str | int], field: str) -> None:
    with pytest.raises(BadInput) as refused:
        webhook_log.stored(**asked)  # type: ignore[arg-type]  # the point of the test
    assert [error.field for error in refused.value.errors] == [field]
