"""A patient sees their own bookings, and learns nothing of another's."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from booking_ui.db.models import Appointment
from booking_ui.db.session import Database, write
from booking_ui.domain.errors import NotFound
from booking_ui.domain.paging import Paging
from booking_ui.services.booking import appointments, cancel, claim, hold_expiry
from booking_ui.services.payments import orders
from tests.support.cast import NOW, Cast

pytestmark = pytest.mark.usefixtures("turns")


def test_a_stranger_learns_nothing_of_a_booking(cast: Cast) -> None:
    view = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    refusals = (
        lambda: appointments.find(patient_id=cast.bilal, appointment_id=view.id, now=NOW),
        lambda: appointments.find(patient_id=cast.bilal, reference=view.reference, now=NOW),
        lambda: claim.try_again(patient_id=cast.bilal, appointment_id=view.id, now=NOW),
        lambda: hold_expiry.let_go(patient_id=cast.bilal, appointment_id=view.id, now=NOW),
        lambda: cancel.cancel_by_policy(patient_id=cast.bilal, appointment_id=view.id, now=NOW),
        lambda: orders.open_order(patient_id=cast.bilal, appointment_id=view.id, now=NOW),
        lambda: orders.check(patient_id=cast.bilal, appointment_id=view.id, now=NOW),
    )
    for refused in refusals:
        with pytest.raises(NotFound):
            refused()
    assert appointments.listed(patient_id=cast.bilal, now=NOW) == []
    assert appointments.find(patient_id=cast.asha, appointment_id=view.id, now=NOW) == view


def test_my_appointments_are_split_into_upcoming_and_past(cast: Cast) -> None:
    held = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    gone = claim.claim(patient_id=cast.asha, slot_id=cast.slots[1], now=NOW)
    hold_expiry.let_go(patient_id=cast.asha, appointment_id=gone.id, now=NOW)
    assert [v.id for v in appointments.listed(patient_id=cast.asha, now=NOW, when="upcoming")] == [held.id]
    assert [v.id for v in appointments.listed(patient_id=cast.asha, now=NOW, when="past")] == [gone.id]
    assert [v.id for v in appointments.listed(patient_id=cast.asha, now=NOW)] == [gone.id, held.id]


def test_a_page_of_mine_is_cut_by_the_database_and_its_total_counts_everything(
    db: Database, cast: Cast
) -> None:
    """All at one time: without a second key in the order two pages could show one booking, and none another."""
    held = [claim.claim(patient_id=cast.asha, slot_id=slot, now=NOW).id for slot in cast.slots[:3]]
    with write() as tx:
        tx.execute(sa.update(Appointment).values(starts_at=NOW + timedelta(days=1), status="failed"))
    said: list[str] = []
    note = lambda *a: said.append(a[2])  # noqa: E731 - the same object is taken off again
    sa.event.listen(db.engine, "before_cursor_execute", note)
    pages = [appointments.page(patient_id=cast.asha, now=NOW, number=n, page_size=2) for n in (1, 2, 9)]
    sa.event.remove(db.engine, "before_cursor_execute", note)
    assert [one.paging for one in pages] == [Paging(3, 1, 2), Paging(3, 2, 2), Paging(3, 2, 2)]
    assert [[view.id for view in one.rows] for one in pages] == [held[:0:-1], held[:1], held[:1]]
    assert len([one for one in said if "LIMIT" in one and "OFFSET" in one]) == 3
    assert [view.id for view in appointments.listed(patient_id=cast.asha, now=NOW)] == held[::-1]


def test_holds_are_listed_until_they_end(cast: Cast) -> None:
    first = claim.claim(patient_id=cast.asha, slot_id=cast.slots[1], now=NOW)
    later = NOW + timedelta(minutes=5)
    second = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=later)
    claim.claim(patient_id=cast.bilal, slot_id=cast.slots[2], now=later)
    assert [v.id for v in appointments.held(patient_id=cast.asha, now=later)] == [first.id, second.id]
    over = NOW + timedelta(minutes=15)
    assert [v.id for v in appointments.held(patient_id=cast.asha, now=over)] == [second.id]
