"""Moving a confirmed visit: one transaction, the payment stays, every promise is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from sqlmodel import Session, col, select, text, update

from booking_ui.config.settings import settings
from booking_ui.db import locks
from booking_ui.db.models import Appointment, AuditEntry, Doctor, Notification, Payment, Slot, pk
from booking_ui.db.session import Database, read, use, write
from booking_ui.domain.errors import (
    BookingError,
    FeeDiffers,
    NotFound,
    SlotGone,
    SlotTaken,
    TooLateToReschedule,
    WrongState,
)
from booking_ui.domain.payment import AttemptStatus, PaymentFact, Source
from booking_ui.services.booking import appointments, claim, dependents
from booking_ui.services.booking.reschedule import reschedule
from booking_ui.services.journal import changes
from booking_ui.services.payments import apply
from booking_ui.services.schedule import slots
from booking_ui.services.upkeep import invariants
from booking_ui.services.views import AppointmentView
from tests.support.cast import FEE, FIRST_SLOT, NOW, Cast, assemble
from tests.support.mails import written
from tests.support.races import at_once, live_on, unlocked

CUTOFF = FIRST_SLOT - timedelta(hours=4)


@pytest.fixture(autouse=True)
def _nobody_hears() -> Iterator[None]:
    yield
    changes.silence()


def confirmed(patient: int, slot_id: int) -> AppointmentView:
    """A paid visit, by a fact from Razorpay."""
    view = claim.claim(patient_id=patient, slot_id=slot_id, now=NOW)
    order = f"order_{view.id:014d}"
    with write() as tx:
        tx.exec(update(Payment).where(col(Payment.appointment_id) == view.id).values(gateway_order_id=order))
    fact = PaymentFact(f"pay_{view.id:014d}", order, AttemptStatus.CAPTURED, FEE, "INR", method="upi")
    apply.apply(fact=fact, source=Source.WEBHOOK, now=NOW)
    return appointments.find(patient_id=patient, appointment_id=view.id, now=NOW)


def another_doctor(fee_paise: int) -> int:
    """A free slot of Dr Ezhil at noon on Tuesday."""
    with write() as tx:
        kept = {"fee_paise": fee_paise, "name": "Dr Ezhil", "slug": "dr-ezhil"}
        facts_ = {**tx.exec(select(Doctor)).one().model_dump(exclude={"id"}), **kept}
        doctor = Doctor(**facts_)
        tx.add(doctor)
        tx.flush()
        noon = FIRST_SLOT + timedelta(hours=2)
        slot = Slot(doctor_id=pk(doctor), starts_at=noon, ends_at=noon + timedelta(minutes=30))
        tx.add(slot)
        tx.flush()
        return pk(slot)


def trail(action: str) -> list[tuple[str, str, str]]:
    with read() as tx:
        rows = tx.exec(select(AuditEntry).where(AuditEntry.action == action)).all()
    return [(row.actor, row.before, row.after) for row in rows]


def kinds() -> list[str]:
    with read() as tx:
        return list(tx.exec(select(Notification.kind).order_by(col(Notification.id))).all())


def promises() -> int:
    return invariants.total(invariants.count(now=NOW))


def test_a_visit_moves_its_old_time_is_free_at_once_and_the_payment_stays(cast: Cast) -> None:
    before = confirmed(cast.asha, cast.slots[0])
    heard: list[str] = []
    changes.listen(heard.append)
    after = reschedule(patient_id=cast.asha, appointment_id=before.id, slot_id=cast.slots[2], now=NOW)
    assert (after.slot_id, after.when_label, after.starts_at) == (
        cast.slots[2],
        "Tue 6 Jan, 11:00 am",
        "2026-01-06T05:30:00Z",
    )
    assert (after.status, after.payment_status, after.reference) == (
        "confirmed",
        "captured",
        before.reference,
    )
    assert (after.moved, after.moved_from) == (1, "Tue 6 Jan, 10:00 am")
    assert after.timeline[-1].text == "Moved from Tue 6 Jan, 10:00 am to Tue 6 Jan, 11:00 am"
    mine, theirs = f"patient:{cast.asha}", f"doctor:{cast.chandra}"
    assert heard == [f"appointment:{before.id}", theirs, mine, theirs]
    assert claim.claim(patient_id=cast.bilal, slot_id=cast.slots[0], now=NOW).phase == "holding"
    assert trail("moved") == [
        (
            f"patient:{cast.asha}",
            f"2026-01-06T04:30:00Z slot:{cast.slots[0]}",
            f"2026-01-06T05:30:00Z slot:{cast.slots[2]}",
        )
    ]
    assert kinds() == ["confirmed", "rescheduled"]
    assert promises() == 0


def test_asking_for_the_time_she_has_changes_nothing(cast: Cast) -> None:
    before = confirmed(cast.asha, cast.slots[0])
    again = reschedule(patient_id=cast.asha, appointment_id=before.id, slot_id=cast.slots[0], now=NOW)
    assert again == before
    assert (trail("moved"), kinds()) == ([], ["confirmed"])


def test_a_second_move_is_told_by_its_own_mail_with_a_higher_number(cast: Cast) -> None:
    visit = confirmed(cast.asha, cast.slots[0])
    for slot_id in (cast.slots[1], cast.slots[3]):
        reschedule(patient_id=cast.asha, appointment_id=visit.id, slot_id=slot_id, now=NOW)
    with read() as tx:
        ids = tx.exec(select(Notification.id).order_by(col(Notification.id))).all()
    mails = [written(one or 0, NOW) for one in ids]
    assert [m.key for m in mails] == [
        f"{visit.id}:confirmed:",
        f"{visit.id}:rescheduled:1",
        f"{visit.id}:rescheduled:2",
    ]
    last = mails[-1]
    assert last.subject == "Moved: Dr Chandra Rao, now Tue 6 Jan, 11:30 am"
    assert "was moved from Tue 6 Jan, 10:30 am to Tue 6 Jan, 11:30 am at 12, 100 Feet Road" in last.text
    assert last.calendar is not None
    lines = last.calendar.content.decode().split("\r\n")
    assert {
        "METHOD:REQUEST",
        "SEQUENCE:2",
        f"UID:{visit.reference}@booking",
        "DTSTART:20260106T060000Z",
    } <= set(lines)
    assert "STATUS:CONFIRMED" in lines


def test_another_doctor_of_the_same_fee_takes_the_visit_over(cast: Cast) -> None:
    visit, noon = confirmed(cast.asha, cast.slots[0]), another_doctor(FEE)
    heard: list[str] = []
    changes.listen(heard.append)
    moved = reschedule(patient_id=cast.asha, appointment_id=visit.id, slot_id=noon, now=NOW)
    assert (moved.doctor_name, moved.slot_id) == ("Dr Ezhil", noon)
    mine, new, old = f"patient:{cast.asha}", f"doctor:{moved.doctor_id}", f"doctor:{cast.chandra}"
    assert heard == [f"appointment:{visit.id}", new, mine, old]
    assert promises() == 0


def test_a_different_fee_is_refused_with_both_fees(cast: Cast) -> None:
    visit, noon = confirmed(cast.asha, cast.slots[0]), another_doctor(70_000)
    with pytest.raises(FeeDiffers) as refused:
        reschedule(patient_id=cast.asha, appointment_id=visit.id, slot_id=noon, now=NOW)
    assert refused.value.sentence == (
        "Dr Ezhil costs ₹700, this visit was ₹500. Cancel and book again, or choose a time at the same fee."
    )
    assert unmoved(cast, visit)


def test_with_the_doctor_she_booked_the_price_she_paid_holds(cast: Cast) -> None:
    visit = confirmed(cast.asha, cast.slots[0])
    with write() as tx:
        tx.exec(update(Doctor).where(col(Doctor.id) == cast.chandra).values(fee_paise=70_000))
    moved = reschedule(patient_id=cast.asha, appointment_id=visit.id, slot_id=cast.slots[1], now=NOW)
    assert (moved.slot_id, moved.fee_label) == (cast.slots[1], "₹500")
    assert promises() == 0


def unmoved(cast: Cast, visit: AppointmentView) -> bool:
    seen = appointments.find(patient_id=cast.asha, appointment_id=visit.id, now=NOW)
    return seen == visit and trail("moved") == [] and "rescheduled" not in kinds()


def test_the_cutoff_is_the_last_moment_and_the_refusal_says_whom_to_call(cast: Cast) -> None:
    visit = confirmed(cast.asha, cast.slots[0])
    move = partial(reschedule, patient_id=cast.asha, appointment_id=visit.id, slot_id=cast.slots[1])
    with pytest.raises(TooLateToReschedule) as refused:
        move(now=CUTOFF + timedelta(seconds=1))
    assert refused.value.sentence == (
        f"It's too close to the visit to move it online. Call us on {settings().support_phone}: we can cancel it "
        "for you by phone."
    )
    assert unmoved(cast, visit)
    late = appointments.find(patient_id=cast.asha, appointment_id=visit.id, now=CUTOFF + timedelta(seconds=1))
    assert (late.can_reschedule, late.too_late) == (
        False,
        "It's too late to cancel or move this visit online.",
    )
    assert move(now=CUTOFF).moved == 1


def test_a_taken_past_withdrawn_or_unknown_time_is_refused(cast: Cast) -> None:
    visit = confirmed(cast.asha, cast.slots[2])
    claim.claim(patient_id=cast.bilal, slot_id=cast.slots[1], now=NOW)
    with write() as tx:
        tx.exec(update(Slot).where(col(Slot.id) == cast.slots[3]).values(withdrawn=True))
        past = Slot(doctor_id=cast.chandra, starts_at=NOW - timedelta(hours=1), ends_at=NOW)
        tx.add(past)
        tx.flush()
        past_id = pk(past)
    move = partial(reschedule, patient_id=cast.asha, appointment_id=visit.id, now=NOW)
    for slot_id, refusal in (
        (cast.slots[1], SlotTaken), (cast.slots[3], SlotGone), (past_id, SlotGone), (999_999, NotFound),
    ):  # fmt: skip
        with pytest.raises(refusal):
            move(slot_id=slot_id)
    assert unmoved(cast, visit)


def test_an_expired_hold_on_the_new_time_gives_way(cast: Cast) -> None:
    his = claim.claim(patient_id=cast.bilal, slot_id=cast.slots[1], now=NOW)
    visit = confirmed(cast.asha, cast.slots[0])
    later = NOW + timedelta(minutes=16)
    reschedule(patient_id=cast.asha, appointment_id=visit.id, slot_id=cast.slots[1], now=later)
    seen = appointments.find(patient_id=cast.bilal, appointment_id=his.id, now=later)
    assert (seen.status, seen.phase) == ("failed", "expired")
    assert promises() == 0


def test_a_time_she_holds_herself_in_another_booking_is_let_go_first(cast: Cast) -> None:
    visit = confirmed(cast.asha, cast.slots[0])
    claim.claim(patient_id=cast.asha, slot_id=cast.slots[1], now=NOW)
    with pytest.raises(WrongState):
        reschedule(patient_id=cast.asha, appointment_id=visit.id, slot_id=cast.slots[1], now=NOW)
    assert unmoved(cast, visit)


def test_only_a_confirmed_visit_of_ones_own_is_moved(cast: Cast) -> None:
    held = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    with pytest.raises(WrongState):
        reschedule(patient_id=cast.asha, appointment_id=held.id, slot_id=cast.slots[1], now=NOW)
    for appointment_id in (held.id, 999_999):
        with pytest.raises(NotFound):
            reschedule(patient_id=cast.bilal, appointment_id=appointment_id, slot_id=cast.slots[1], now=NOW)


def test_a_move_does_not_win_back_what_cancelling_would_have_cost(
    cast: Cast, configured: pytest.MonkeyPatch
) -> None:
    configured.setenv("CANCELLATION_POLICY", "24:100,4:50")
    settings.cache_clear()
    with write() as tx:
        ahead = FIRST_SLOT + timedelta(days=3)
        slot = Slot(doctor_id=cast.chandra, starts_at=ahead, ends_at=ahead + timedelta(minutes=30))
        tx.add(slot)
        tx.flush()
        friday = pk(slot)
    visit = confirmed(cast.asha, cast.slots[0])
    ten_hours_before = FIRST_SLOT - timedelta(hours=10)
    moved = reschedule(patient_id=cast.asha, appointment_id=visit.id, slot_id=friday, now=ten_hours_before)
    assert moved.cancel_refund_paise == FEE // 2
    assert moved.cancel_quote.startswith("You'll get ₹250 of ₹500 back.")


def test_a_move_counts_by_the_policy_of_the_hold_and_not_by_a_later_setting(
    cast: Cast, configured: pytest.MonkeyPatch
) -> None:
    configured.setenv("CANCELLATION_POLICY", "24:100,4:50")
    settings.cache_clear()
    visit = confirmed(cast.asha, cast.slots[0])
    configured.setenv("CANCELLATION_POLICY", "48:10")
    settings.cache_clear()
    moved = reschedule(patient_id=cast.asha, appointment_id=visit.id, slot_id=cast.slots[1], now=NOW)
    assert moved.cancel_refund_paise == FEE


def test_what_razorpay_says_later_finds_the_visit_where_it_is_now(cast: Cast) -> None:
    visit = confirmed(cast.asha, cast.slots[0])
    reschedule(patient_id=cast.asha, appointment_id=visit.id, slot_id=cast.slots[1], now=NOW)
    claim.claim(patient_id=cast.bilal, slot_id=cast.slots[0], now=NOW)
    again = PaymentFact(f"pay_{visit.id:014d}", f"order_{visit.id:014d}", AttemptStatus.CAPTURED, FEE, "INR")
    assert apply.apply(fact=again, source=Source.QUESTION, now=NOW) == "ignore"
    assert appointments.find(patient_id=cast.asha, appointment_id=visit.id, now=NOW).phase == "confirmed"
    assert promises() == 0


# ── Many at once ──────────────────────────────────────────────────────────────────────────────────────────────────


def moves_to(cast: Cast, slot_id: int) -> list[Any]:
    hers, his = confirmed(cast.asha, cast.slots[0]), confirmed(cast.bilal, cast.slots[1])
    return [
        partial(reschedule, patient_id=who, appointment_id=visit.id, slot_id=slot_id, now=NOW)
        for who, visit in ((cast.asha, hers), (cast.bilal, his))
    ]


def test_of_two_patients_who_want_one_new_time_one_gets_it_and_the_other_keeps_hers(cast: Cast) -> None:
    results = at_once(moves_to(cast, cast.slots[2]))
    assert len([r for r in results if isinstance(r, SlotTaken)]) == 1
    assert [live_on(s) for s in cast.slots[:3]] in ([0, 1, 1], [1, 0, 1])
    assert promises() == 0


def test_without_lock_and_index_both_would_get_it(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: if this fails, the test above proves nothing."""
    database = Database(postgresql_url)
    use(database)
    cast = assemble()
    works = moves_to(cast, cast.slots[2])
    with write() as tx:
        tx.execute(text("DROP INDEX uq_appointment_live_slot"))
    both_have_looked = Barrier(2)
    really_clear = claim.clear_slot

    def look(*args: Any) -> Appointment | None:
        found = really_clear(*args)
        both_have_looked.wait(30)
        return found

    monkeypatch.setattr(claim, "clear_slot", look)
    monkeypatch.setattr(locks, "slot", unlocked)
    results = at_once(works)
    assert [r for r in results if isinstance(r, Exception)] == []
    assert live_on(cast.slots[2]) == 2
    use(None)
    database.dispose()


def test_a_move_and_a_claim_of_one_time_end_with_one_of_them(cast: Cast) -> None:
    visit = confirmed(cast.asha, cast.slots[0])
    results = at_once(
        [
            partial(
                reschedule, patient_id=cast.asha, appointment_id=visit.id, slot_id=cast.slots[1], now=NOW
            ),
            partial(claim.claim, patient_id=cast.bilal, slot_id=cast.slots[1], now=NOW),
        ]
    )
    assert len([r for r in results if isinstance(r, SlotTaken)]) == 1
    assert live_on(cast.slots[1]) == 1
    assert promises() == 0


def test_two_patients_who_swap_their_times_never_wait_for_each_other_for_ever(cast: Cast) -> None:
    hers, his = confirmed(cast.asha, cast.slots[0]), confirmed(cast.bilal, cast.slots[1])
    for _ in range(5):
        results = at_once(
            [
                partial(
                    reschedule, patient_id=cast.asha, appointment_id=hers.id, slot_id=cast.slots[1], now=NOW
                ),
                partial(
                    reschedule, patient_id=cast.bilal, appointment_id=his.id, slot_id=cast.slots[0], now=NOW
                ),
            ]
        )
        assert [type(r) for r in results] == [SlotTaken, SlotTaken]
    assert [live_on(s) for s in cast.slots[:2]] == [1, 1]


def test_money_facts_and_moves_of_one_booking_at_once_all_come_through(cast: Cast) -> None:
    """Whoever waits for a slot that the booking has left begins again with its new one."""
    visit = confirmed(cast.asha, cast.slots[0])
    second = PaymentFact(f"pay_{99:014d}", f"order_{visit.id:014d}", AttemptStatus.CAPTURED, FEE, "INR")
    works: list[Callable[[], object]] = [
        *(
            partial(reschedule, patient_id=cast.asha, appointment_id=visit.id, slot_id=slot_id, now=NOW)
            for slot_id in (cast.slots[3], cast.slots[1], cast.slots[2])
        ),
        *(
            partial(apply.apply, fact=second, source=source, now=NOW)
            for source in (Source.WEBHOOK, Source.QUESTION)
        ),
        partial(
            dependents.for_whom, patient_id=cast.asha, appointment_id=visit.id, dependent_id=None, now=NOW
        ),
    ]
    results = at_once(works)
    assert [r for r in results if isinstance(r, Exception) and not isinstance(r, BookingError)] == []
    with read() as tx:
        assert tx.exec(select(Appointment.moved)).one() == 3
        assert tx.exec(select(Payment.captured_paise)).one() == 2 * FEE
    assert promises() == 0


def test_a_booking_that_moves_while_its_slot_is_awaited_is_locked_where_it_is_now(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Made certain: the move happens after the slot was read and before it is locked."""
    database = Database(postgresql_url)
    use(database)
    cast = assemble()
    visit = confirmed(cast.asha, cast.slots[3])
    asked: list[int] = []
    really_lock = locks.slot

    def lock(tx: Session, slot_id: int) -> Slot | None:
        if not asked:
            asked.append(slot_id)
            reschedule(patient_id=cast.asha, appointment_id=visit.id, slot_id=cast.slots[0], now=NOW)
        asked.append(slot_id)
        return really_lock(tx, slot_id)

    monkeypatch.setattr(locks, "slot", lock)
    with write() as tx:
        own, appointment, _ = locks.booking(tx, visit.id)
        assert (own.id, appointment.slot_id) == (cast.slots[0], cast.slots[0])
        # The slot it left was let go with the savepoint: somebody else may have it.
        monkeypatch.setattr(locks, "slot", really_lock)
        assert claim.claim(patient_id=cast.bilal, slot_id=cast.slots[3], now=NOW).phase == "holding"
    use(None)
    database.dispose()


def test_the_old_time_reads_as_free_for_others_at_once(cast: Cast) -> None:
    visit = confirmed(cast.asha, cast.slots[0])
    reschedule(patient_id=cast.asha, appointment_id=visit.id, slot_id=cast.slots[1], now=NOW)
    day = slots.days(doctor_id=cast.chandra, now=NOW, count=2)[1]
    assert [slot.status for slot in day.morning] == ["free", "booked", "free", "free"]
