"""Each promise holds after an honest life, and each kind of damage is found."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import col, select, text, update

from booking_ui.db.models import Appointment, Payment, ReconciliationCase, Refund, pk
from booking_ui.db.session import read, write
from booking_ui.domain.payment import AttemptStatus, PaymentFact, RefundOrigin, Source
from booking_ui.services.booking import cancel, claim, hold_expiry
from booking_ui.services.cases import reconciliation_cases
from booking_ui.services.cases.reconciliation_cases import CaseKind
from booking_ui.services.payments import apply, webhook_inbox
from booking_ui.services.refunds import retry
from booking_ui.services.upkeep import invariants
from tests.support.cast import FEE, NOW, Cast
from tests.support.remarks import quoted
from tests.support.webhooks import body, deliver

ORDER = "order_TVCpvdEADkAoMJ"


@pytest.fixture
def lived(cast: Cast) -> Cast:
    """A confirmed visit, one that was paid too late, and a hold."""
    hers = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    with write() as tx:
        tx.exec(update(Payment).where(col(Payment.appointment_id) == hers.id).values(gateway_order_id=ORDER))
    deliver(body("payment.captured"))
    webhook_inbox.process_due(now=NOW)
    lost = claim.claim(patient_id=cast.bilal, slot_id=cast.slots[1], now=NOW)
    with write() as tx:
        tx.exec(
            update(Payment).where(col(Payment.appointment_id) == lost.id).values(gateway_order_id="order_2")
        )
    hold_expiry.let_go(patient_id=cast.bilal, appointment_id=lost.id, now=NOW)
    claim.claim(patient_id=cast.asha, slot_id=cast.slots[1], now=NOW)
    late = PaymentFact("pay_00000000000002", "order_2", AttemptStatus.CAPTURED, FEE, "INR")
    apply.apply(fact=late, source=Source.WEBHOOK, now=NOW)
    return cast


def broken() -> list[int]:
    return [c.number for c in invariants.count(now=NOW + timedelta(minutes=1)) if c.violations]


def test_after_an_honest_life_every_promise_holds_and_something_was_checked(lived: Cast) -> None:
    counts = invariants.count(now=NOW)
    assert [c.violations for c in counts] == [[]] * 9
    assert [c.checked for c in counts] == [3, 1, 3, 1, 14, 1, 1, 2, 4]


DAMAGE = [
    (
        "UPDATE appointment SET slot_id = 1, status = 'confirmed' WHERE id = 2",
        "DROP INDEX uq_appointment_live_slot",
        [1, 3, 5, 8, 10],
    ),
    (
        "UPDATE appointment SET starts_at = (SELECT starts_at FROM appointment WHERE id = 1) WHERE id = 3",
        "",
        [1, 10],
    ),
    ("UPDATE payment_attempt SET amount_paise = 1 WHERE id = 1", "", [2, 3]),
    ("UPDATE payment SET captured_paise = 100000 WHERE id = 1", "", [3]),
    ("DELETE FROM refund", "", [3]),
    ("UPDATE payment SET refunded_paise = 1 WHERE id = 2", "", [3]),
    ("UPDATE appointment SET hold_expires_at = '2026-01-01 00:00:00+00:00' WHERE id = 3", "", [4]),
    ("UPDATE audit_entry SET reason = 'nothing to see here' WHERE id = 3", "", [5]),
    ("DELETE FROM audit_entry WHERE id = 2", "", [5, 10]),
    ("DELETE FROM audit_entry WHERE id = (SELECT MAX(id) FROM audit_entry)", "", [5, 10]),
    ("UPDATE appointment SET status = 'completed' WHERE id = 1", "", [5]),
    ("UPDATE webhook_event SET outcome_code = NULL", "", [6]),
    ("UPDATE refund SET amount_paise = 60000", "", [3, 7, 10]),
    ("UPDATE notification SET next_attempt_at = NULL", "", [8]),
    ("DELETE FROM notification", "", [8]),
]


@pytest.mark.parametrize(("damage", "first", "numbers"), DAMAGE, ids=[d[0][:60] for d in DAMAGE])
def test_damage_is_found_and_named(lived: Cast, damage: str, first: str, numbers: list[int]) -> None:
    with write() as tx:
        for statement in filter(None, (first, damage)):
            tx.execute(text(statement))
    assert broken() == numbers


def test_a_cancelled_visit_of_which_nobody_was_told_is_found(lived: Cast, dead_gateway: str) -> None:
    with read() as tx:
        visit = tx.exec(select(Appointment.id).where(Appointment.patient_id == lived.asha).limit(1)).one()
    cancel.cancel_by_policy(patient_id=lived.asha, appointment_id=visit or 0, now=NOW)
    assert broken() == []
    with write() as tx:
        tx.execute(text("DELETE FROM notification WHERE kind = 'cancelled'"))
    assert broken() == [8]


def test_a_failed_refund_that_a_hand_hides_from_the_desk_is_found(lived: Cast, dead_gateway: str) -> None:
    del dead_gateway
    cancel.cancel_by_policy(patient_id=lived.asha, appointment_id=1, now=NOW)
    with read() as tx:
        refund = tx.exec(select(Refund).where(col(Refund.origin) == RefundOrigin.POLICY)).one()
    retry.give_up(pk(refund), "refused", NOW)
    assert broken() == []
    with write() as tx:
        tx.exec(update(Refund).where(col(Refund.id) == refund.id).values(replaced_by_id=refund.id))
    assert broken() == [3]


def test_a_case_that_a_hand_closes_is_found(lived: Cast) -> None:
    for subject in ("pay_1", "pay_2", "pay_3"):
        reconciliation_cases.open_case(
            kind=CaseKind.BOOKS_DIFFER, subject=subject, detail=quoted("-"), now=NOW
        )
    with write() as tx:
        reconciliation_cases.end(tx, CaseKind.BOOKS_DIFFER, "pay_1", quoted("The books agree."), NOW)
    reconciliation_cases.close(admin=lived.devi, case_id=2, note="looked at it", now=NOW)
    assert broken() == []
    later, devi = NOW + timedelta(hours=1), lived.devi.person_id
    for case_id, closed in (
        (1, {"closed_by_id": devi}),
        (2, {"closed_at": later}),
        (3, {"closed_at": later, "closed_by_id": devi}),
    ):
        with write() as tx:
            tx.exec(update(ReconciliationCase).where(col(ReconciliationCase.id) == case_id).values(**closed))
    (count,) = [one for one in invariants.count(now=NOW) if one.violations]
    assert [one.subject for one in count.violations] == ["case:1", "case:2", "case:3"]


def test_the_kept_count_hashes_old_rows_once_a_day_and_new_ones_each_time(
    lived: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(invariants, "_walk", None)
    assert invariants.keep(now=NOW) == 0
    with write() as tx:
        tx.execute(text("UPDATE audit_entry SET reason = 'forged' WHERE id = 3"))
    assert invariants.keep(now=NOW) == 0
    assert invariants.keep(now=NOW + timedelta(hours=25)) > 0
    assert [c.number for c in invariants.last() if c.violated] == [4, 5]
    assert "row" in next(c for c in invariants.shown() if c.number == 5).first_fault
