from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import func, select

from booking_ui.db.models import Appointment, AuditEntry, Payment, Slot
from booking_ui.db.session import Database, read, write
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.errors import NotFound, SlotGone, SlotTaken, TooManyHolds, WrongState
from booking_ui.domain.paging import Paging
from booking_ui.services.booking import appointments, cancel, claim, completion, hold_expiry
from booking_ui.services.desk import mark_payment
from booking_ui.services.payments import orders
from tests.support.cast import FEE, FIRST_SLOT, NOW, Cast

pytestmark = pytest.mark.usefixtures("turns")

LATER = NOW + timedelta(minutes=16)


def count(model: type) -> int:
    with read() as tx:
        return tx.exec(select(func.count()).select_from(model)).one()


def test_a_free_slot_is_held_for_fifteen_minutes(cast: Cast) -> None:
    view = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW, reason="  chest pain ")
    assert (view.phase, view.status, view.payment_status) == ("holding", "pending_payment", "pending")
    assert (view.hold_expires_at, view.hold_seconds_left) == ("2026-01-05T04:45:00Z", 900)
    assert view.held_until == "10:15 am"
    assert (view.fee_paise, view.fee_label, view.when_label) == (FEE, "₹500", "Tue 6 Jan, 10:00 am")
    assert (view.reason, view.can_pay, view.can_cancel) == ("chest pain", True, False)


def test_asking_again_for_ones_own_hold_gives_the_same_hold(cast: Cast) -> None:
    first = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    again = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW + timedelta(minutes=1))
    assert (again.id, again.hold_expires_at) == (first.id, first.hold_expires_at)
    assert count(Appointment) == 1


def test_a_taken_slot_offers_the_three_nearest_and_changes_nothing(cast: Cast) -> None:
    claim.claim(patient_id=cast.asha, slot_id=cast.slots[1], now=NOW)
    before = count(AuditEntry)
    with pytest.raises(SlotTaken) as refused:
        claim.claim(patient_id=cast.bilal, slot_id=cast.slots[1], now=NOW)
    assert set(refused.value.nearest_slot_ids) == {cast.slots[0], cast.slots[2], cast.slots[3]}
    assert refused.value.sentence.startswith("10:30 am was just taken.")
    assert (count(Appointment), count(Payment), count(AuditEntry)) == (1, 1, before)


def test_an_expired_hold_gives_way_to_the_next_patient_without_waiting_for_the_sweep(cast: Cast) -> None:
    hers = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    his = claim.claim(patient_id=cast.bilal, slot_id=cast.slots[0], now=LATER)
    assert his.phase == "holding"
    seen = appointments.find(patient_id=cast.asha, appointment_id=hers.id, now=LATER)
    assert (seen.status, seen.payment_status, seen.phase) == ("failed", "failed", "expired")
    # Nobody tried to pay, so no payment "didn't go through".
    assert [line.text for line in seen.timeline] == ["Time held", "Time freed"]


def test_the_sweep_frees_expired_holds_once_and_leaves_the_others(cast: Cast) -> None:
    claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    claim.claim(patient_id=cast.bilal, slot_id=cast.slots[1], now=LATER)
    assert hold_expiry.expire_due(now=LATER) == 1
    assert hold_expiry.expire_due(now=LATER) == 0


def test_a_slot_in_the_past_or_withdrawn_is_gone(cast: Cast) -> None:
    with pytest.raises(SlotGone):
        claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=FIRST_SLOT)
    with write() as tx:
        slot = tx.get(Slot, cast.slots[0])
        assert slot
        slot.withdrawn = True
        tx.add(slot)
    with pytest.raises(SlotGone):
        claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    with pytest.raises(NotFound):
        claim.claim(patient_id=cast.asha, slot_id=999_999, now=NOW)
    assert count(Appointment) == 0


def test_a_patient_holds_at_most_three_slots_at_once(cast: Cast) -> None:
    for slot_id in cast.slots[:3]:
        claim.claim(patient_id=cast.asha, slot_id=slot_id, now=NOW)
    with pytest.raises(TooManyHolds):
        claim.claim(patient_id=cast.asha, slot_id=cast.slots[3], now=NOW)
    assert claim.claim(patient_id=cast.asha, slot_id=cast.slots[3], now=LATER).phase == "holding"


def test_trying_again_holds_the_same_slot_with_the_same_booking(cast: Cast) -> None:
    first = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    again = claim.try_again(patient_id=cast.asha, appointment_id=first.id, now=LATER)
    assert (again.id, again.phase, again.payment_status) == (first.id, "holding", "pending")
    assert again.hold_expires_at == "2026-01-05T05:01:00Z"
    assert (
        claim.try_again(patient_id=cast.asha, appointment_id=first.id, now=LATER).hold_expires_at
        == again.hold_expires_at
    )


def test_trying_again_is_refused_once_somebody_else_has_the_slot(cast: Cast) -> None:
    first = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    claim.claim(patient_id=cast.bilal, slot_id=cast.slots[0], now=LATER)
    with pytest.raises(SlotTaken):
        claim.try_again(patient_id=cast.asha, appointment_id=first.id, now=LATER)
    assert appointments.find(patient_id=cast.asha, appointment_id=first.id, now=LATER).status == "failed"


def test_letting_go_frees_the_slot_at_once(cast: Cast) -> None:
    view = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    assert hold_expiry.let_go(patient_id=cast.asha, appointment_id=view.id, now=NOW).phase == "expired"
    assert claim.claim(patient_id=cast.bilal, slot_id=cast.slots[0], now=NOW).phase == "holding"


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


def test_only_a_confirmed_booking_can_be_cancelled(cast: Cast) -> None:
    view = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    with pytest.raises(WrongState):
        cancel.cancel_by_policy(patient_id=cast.asha, appointment_id=view.id, now=NOW)
    assert appointments.find(patient_id=cast.asha, appointment_id=view.id, now=NOW).phase == "holding"


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


def test_only_a_visit_that_has_begun_is_concluded(cast: Cast) -> None:
    view = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    with read() as tx:
        bill = tx.exec(select(Payment.id).where(Payment.appointment_id == view.id)).one()
    mark_payment.mark(
        admin=cast.devi, payment_id=bill or 0, status="captured", reason="paid in cash", now=NOW
    )
    with pytest.raises(WrongState):
        completion.conclude(
            admin=cast.devi, appointment_id=view.id, status=AppointmentStatus.COMPLETED, now=NOW
        )
    completion.conclude(
        admin=cast.devi, appointment_id=view.id, status=AppointmentStatus.NO_SHOW, now=FIRST_SLOT
    )
    assert appointments.find(patient_id=cast.asha, appointment_id=view.id, now=FIRST_SLOT).phase == "no_show"
