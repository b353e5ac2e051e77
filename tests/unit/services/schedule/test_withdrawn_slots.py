"""Times that leave, or a doctor who left, takes away: nobody new gets them, whoever had them and however they come free."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import time, timedelta
from functools import partial

import pytest
from sqlmodel import col, select, update

from booking_ui.db import locks
from booking_ui.db.models import DayOff, Doctor, Payment, Slot, WorkingHours, pk
from booking_ui.db.session import Database, read, write
from booking_ui.domain.errors import SlotGone, SlotTaken
from booking_ui.domain.payment import Source, Verdict
from booking_ui.services.booking import cancel, hold_expiry, reschedule
from booking_ui.services.booking import claim as booking
from booking_ui.services.desk import mark_payment
from booking_ui.services.payments import apply
from booking_ui.services.schedule import doctor_editing, slots
from booking_ui.services.schedule import leave as leave_days
from booking_ui.services.views import AppointmentView
from booking_ui.services.views.desk import AffectedVisit
from tests.support.cast import FEE, FIRST_SLOT, NOW, Cast
from tests.support.facts import LATE, ORDER, SOON, fact, held, pay_id, refunds, seen
from tests.support.races import at_once, until_it_waits_for_a_lock

DAY = FIRST_SLOT.date()
WEEK = timedelta(days=7)


@pytest.fixture(autouse=True)
def hours(cast: Cast) -> None:
    """Tuesdays 10 to 12: the cast's slots are what the clinic's hours make, and so are those of the week after."""
    with write() as tx:
        tx.add(WorkingHours(doctor_id=cast.chandra, weekday=1, starts=time(10), ends=time(12)))
    slots.extend_horizon(now=NOW)


def on_leave(cast: Cast) -> list[AffectedVisit]:
    return leave_days.close_days(
        admin=cast.devi, doctor_id=cast.chandra, first_day=DAY, last_day=DAY, name="Leave", now=SOON
    )


def leaves(cast: Cast) -> None:
    doctor_editing.set_active(admin=cast.devi, doctor_id=cast.chandra, active=False, now=SOON)


CLOSED = pytest.mark.parametrize("close", [on_leave, leaves])


def a_week_later(cast: Cast) -> int:
    with read() as tx:
        same = select(Slot).where(Slot.doctor_id == cast.chandra, Slot.starts_at == FIRST_SLOT + WEEK)
        return pk(tx.exec(same).one())


def paid(fact_status: str = "captured") -> Verdict | None:
    return apply.apply(fact=fact(ORDER, fact_status), source=Source.WEBHOOK, now=SOON)


def is_free(cast: Cast) -> bool:
    with read() as tx:
        return slots.is_free(tx, cast.slots[0], LATE)


# ── What comes free on a closed day stays closed ──────────────────────────────────────────────────────────────────


def _cancelled(cast: Cast, visit: AppointmentView) -> None:
    cancel.cancel_by_policy(patient_id=cast.asha, appointment_id=visit.id, now=SOON)


def _moved(cast: Cast, visit: AppointmentView) -> None:
    reschedule.reschedule(patient_id=cast.asha, appointment_id=visit.id, slot_id=a_week_later(cast), now=SOON)


def _let_go(cast: Cast, visit: AppointmentView) -> None:
    hold_expiry.let_go(patient_id=cast.asha, appointment_id=visit.id, now=SOON)


def _failed(_cast: Cast, _visit: AppointmentView) -> None:
    paid("failed")


def _over(_cast: Cast, _visit: AppointmentView) -> None:
    hold_expiry.expire_due(now=LATE)


def _over_unswept(_cast: Cast, _visit: AppointmentView) -> None:
    """Time passes, nothing is written."""


@pytest.mark.parametrize(
    ("first", "frees"),
    [
        ("captured", _cancelled),
        ("captured", _moved),
        ("authorized", _let_go),
        ("authorized", _over),
        ("", _failed),
        ("", _over),
        ("", _over_unswept),
    ],
)
def test_a_time_on_leave_that_comes_free_is_sold_to_nobody(
    cast: Cast, first: str, frees: Callable[[Cast, AppointmentView], None]
) -> None:
    visit = held(cast, cast.asha)
    if first:
        paid(first)
    assert [one.reference for one in on_leave(cast)] == [visit.reference]
    frees(cast, visit)
    with pytest.raises(SlotGone):
        booking.claim(patient_id=cast.bilal, slot_id=cast.slots[0], now=LATE)
    assert not is_free(cast)


@CLOSED
def test_a_visit_is_moved_to_no_closed_time(cast: Cast, close: Callable[[Cast], object]) -> None:
    visit = held(cast, cast.asha)
    paid()
    on_it = booking.claim(patient_id=cast.bilal, slot_id=cast.slots[1], now=NOW)
    close(cast)
    hold_expiry.let_go(patient_id=cast.bilal, appointment_id=on_it.id, now=SOON)
    with pytest.raises(SlotGone):
        reschedule.reschedule(patient_id=cast.asha, appointment_id=visit.id, slot_id=cast.slots[1], now=SOON)
    assert seen(cast.asha, visit).phase == "confirmed"


def test_a_closed_time_that_somebody_has_is_taken_and_its_doctor_shows_none(cast: Cast) -> None:
    held(cast, cast.asha)
    on_leave(cast)
    with pytest.raises(SlotTaken) as refused:
        booking.claim(patient_id=cast.bilal, slot_id=cast.slots[0], now=SOON)
    assert a_week_later(cast) in refused.value.nearest_slot_ids
    assert not set(cast.slots) & set(refused.value.nearest_slot_ids)
    [shown] = slots.days(doctor_id=cast.chandra, now=SOON, first_day=DAY, count=1)
    assert (shown.morning, shown.state, shown.note) == ([], "closed", "On leave: Leave")


def test_leave_that_is_taken_back_gives_the_visit_its_time_again(cast: Cast) -> None:
    visit = held(cast, cast.asha)
    paid()
    on_leave(cast)
    with read() as tx:
        [leave] = tx.exec(select(DayOff.id)).all()
    leave_days.open_days(admin=cast.devi, day_off_id=leave or 0, now=SOON)
    assert slots.slot(slot_id=cast.slots[0], now=SOON).status == "booked"
    _cancelled(cast, visit)
    assert booking.claim(patient_id=cast.bilal, slot_id=cast.slots[0], now=SOON).phase == "holding"


# ── Who had the time before it was closed ─────────────────────────────────────────────────────────────────────────


@CLOSED
def test_a_hold_on_a_closed_time_ends_and_its_patient_reads_why(
    cast: Cast, close: Callable[[Cast], object]
) -> None:
    hers = held(cast, cast.asha)
    close(cast)
    assert hold_expiry.expire_due(now=SOON) == 1
    after = seen(cast.asha, hers)
    assert (after.phase, after.can_pay, after.can_try_again) == ("closed", False, False)
    assert after.sentence == (
        "Dr Chandra Rao sees nobody on Tue 6 Jan, 10:00 am after all, so your hold ended and no payment has reached us. "
        "Pick another time."
    )
    assert hold_expiry.expire_due(now=SOON) == 0


@CLOSED
@pytest.mark.parametrize("swept", [True, False])
def test_money_for_a_time_that_was_closed_while_it_was_held_goes_back(
    cast: Cast, close: Callable[[Cast], object], swept: bool
) -> None:
    hers = held(cast, cast.asha)
    close(cast)
    if swept:
        hold_expiry.expire_due(now=SOON)
    assert paid() is Verdict.REFUND
    assert (seen(cast.asha, hers).status, refunds()) == ("failed", [(pay_id(1), FEE, "paid too late")])


def test_a_hold_stays_when_only_the_length_of_visits_changes(cast: Cast) -> None:
    hers = held(cast, cast.asha)
    with write() as tx:
        tx.get_one(Doctor, cast.chandra).slot_minutes = 20
    slots.extend_horizon(now=SOON)
    with read() as tx:
        assert tx.get_one(Slot, cast.slots[0]).withdrawn
    assert hold_expiry.expire_due(now=SOON) == 0
    assert (paid(), seen(cast.asha, hers).phase) == (Verdict.CONFIRM, "confirmed")


@CLOSED
@pytest.mark.parametrize("ends", [_failed, _let_go, _over, _over_unswept])
def test_money_after_the_hold_on_a_closed_time_goes_back(
    cast: Cast, close: Callable[[Cast], object], ends: Callable[[Cast, AppointmentView], None]
) -> None:
    hers = held(cast, cast.asha)
    close(cast)
    ends(cast, hers)
    late = fact(ORDER, "captured")
    assert apply.preview(fact=late, now=LATE) is Verdict.REFUND
    assert apply.apply(fact=late, source=Source.WEBHOOK, now=LATE) is Verdict.REFUND
    assert (seen(cast.asha, hers, LATE).status, refunds()) == ("failed", [(pay_id(1), FEE, "paid too late")])


@CLOSED
@pytest.mark.parametrize("closed_first", [True, False])
def test_a_failed_booking_gets_no_closed_time_back(
    cast: Cast, close: Callable[[Cast], object], closed_first: bool
) -> None:
    hers = held(cast, cast.asha)
    steps: list[Callable[[], object]] = [partial(close, cast), partial(_failed, cast, hers)]
    for step in steps if closed_first else reversed(steps):
        step()
    with pytest.raises(SlotGone):
        booking.try_again(patient_id=cast.asha, appointment_id=hers.id, now=SOON)
    with pytest.raises(SlotGone):
        booking.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=SOON)
    with read() as tx:
        bill = pk(tx.exec(select(Payment).where(Payment.appointment_id == hers.id)).one())
    with pytest.raises(SlotGone):
        mark_payment.mark(admin=cast.devi, payment_id=bill, status="captured", reason="in cash", now=SOON)
    assert (seen(cast.asha, hers).status, seen(cast.asha, hers).payment_status) == ("failed", "failed")


def test_an_inactive_doctors_time_is_given_to_nobody_even_if_it_was_never_withdrawn(cast: Cast) -> None:
    hers = held(cast, cast.asha)
    paid("failed")
    leaves(cast)
    with write() as tx:
        tx.exec(update(Slot).where(col(Slot.id) == cast.slots[0]).values(withdrawn=False))
    with pytest.raises(SlotGone):
        booking.try_again(patient_id=cast.asha, appointment_id=hers.id, now=SOON)
    with pytest.raises(SlotGone):
        booking.claim(patient_id=cast.bilal, slot_id=cast.slots[0], now=SOON)


# ── At once ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("claim_first", [True, False])
def test_a_claim_and_leave_at_once_name_the_visit_or_refuse_it(cast: Cast, claim_first: bool) -> None:
    claim = partial(booking.claim, patient_id=cast.asha, slot_id=cast.slots[0], now=SOON)
    both: list[Callable[[], object]] = [claim, partial(on_leave, cast)]
    claimed, hits = at_once(both) if claim_first else reversed(at_once(both[::-1]))
    assert isinstance(hits, list)
    if isinstance(claimed, AppointmentView):
        assert [one.reference for one in hits] == [claimed.reference]
    else:
        assert (isinstance(claimed, SlotGone), hits) == (True, [])
    assert not is_free(cast)


def test_leave_that_meets_a_claim_half_way_waits_for_it_and_names_its_visit(db: Database, cast: Cast) -> None:
    with ThreadPoolExecutor(1) as pool:
        with db.write() as claim:
            asha = booking.lock_patient(claim, cast.asha)
            slot = booking._lock_slot(claim, cast.slots[0], SOON)
            doctor = booking.offering_doctor(claim, slot, SOON)
            entering = pool.submit(on_leave, cast)
            until_it_waits_for_a_lock(db)
            visit = booking._write_booking(
                claim, slot, doctor, asha, "", SOON, booking._own(cast.asha)
            ).appointment.reference
        assert [one.reference for one in entering.result(30)] == [visit]


@pytest.mark.parametrize("wants", ["claim", "try again", "money"])
def test_who_meets_leave_half_way_waits_for_it_and_is_refused(db: Database, cast: Cast, wants: str) -> None:
    hers = held(cast, cast.asha)
    paid("failed")
    ask: dict[str, Callable[[], object]] = {
        "claim": partial(booking.claim, patient_id=cast.bilal, slot_id=cast.slots[0], now=SOON),
        "try again": partial(booking.try_again, patient_id=cast.asha, appointment_id=hers.id, now=SOON),
        "money": paid,
    }
    with ThreadPoolExecutor(1) as pool:
        with db.write() as leave:
            locks.slots(leave, cast.slots)
            waiting: Future[object] = pool.submit(ask[wants])
            until_it_waits_for_a_lock(db)
            leave.add(DayOff(doctor_id=cast.chandra, first_day=DAY, last_day=DAY, name="Leave"))
            leave.flush()
            slots.follow(leave, slots.all_locked(leave), SOON)
        outcome = waiting.exception(30) or waiting.result()
    assert outcome is Verdict.REFUND if wants == "money" else isinstance(outcome, SlotGone)
