"""A visit whose money all went back at Razorpay: the desk cancels it, or keeps it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import datetime, timedelta

import pytest
from sqlmodel import select, update

from booking_ui.db.models import Appointment, AuditEntry, Notification, Payment, ReconciliationCase
from booking_ui.db.session import read, write
from booking_ui.domain.errors import BadInput, NotFound, WrongState
from booking_ui.domain.payment import AttemptStatus, PaymentFact, RefundFact, RefundStatus, Source
from booking_ui.services.booking import cancel, claim
from booking_ui.services.cases import reconciliation_cases
from booking_ui.services.cases.reconciliation_cases import CaseKind, Decision
from booking_ui.services.desk import bookings
from booking_ui.services.desk.bookings import BookingFilter
from booking_ui.services.payments import apply
from booking_ui.services.refunds import send
from booking_ui.services.schedule import slots
from booking_ui.services.upkeep import invariants
from tests.support.cast import FEE, FIRST_SLOT, NOW, Cast
from tests.support.remarks import quoted

ORDER, PAID = "order_00000000000001", "pay_00000000000001"


def given_back(paise: int, number: int = 1, status: RefundStatus = RefundStatus.PROCESSED) -> None:
    fact = RefundFact(f"rfnd_{number:014}", PAID, status, paise)
    send.settle(fact=fact, now=NOW, source=Source.WEBHOOK)


@pytest.fixture
def confirmed(cast: Cast) -> int:
    """Asha's paid visit; the appointment's id."""
    view = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    with write() as tx:
        tx.exec(update(Payment).values(gateway_order_id=ORDER))
    fact = PaymentFact(PAID, ORDER, AttemptStatus.CAPTURED, FEE, "INR")
    apply.apply(fact=fact, source=Source.WEBHOOK, now=NOW)
    return view.id


@pytest.fixture
def refunded(confirmed: int) -> int:
    """... refunded in full at the dashboard; the case's id."""
    given_back(FEE)
    return reconciliation_cases.open_cases()[0].id


def status(appointment_id: int) -> str:
    with read() as tx:
        return str(tx.exec(select(Appointment.status).where(Appointment.id == appointment_id)).one())


def decide(
    cast: Cast, case_id: int, decision: Decision, *, now: datetime = NOW, note: str = "by phone"
) -> None:
    reconciliation_cases.decide(admin=cast.devi, case_id=case_id, decision=decision, note=note, now=now)


def violations() -> list[str]:
    return [f"{v.subject}: {v.fault}" for c in invariants.count(now=NOW) for v in c.violations]


def attention() -> str:
    return bookings.listed(BookingFilter(), now=NOW).rows[0].needs_attention


def test_the_case_is_opened_with_the_last_paisa_and_the_booking_says_so(cast: Cast, confirmed: int) -> None:
    given_back(FEE // 2)
    assert reconciliation_cases.open_cases() == []
    given_back(FEE // 2, 2, RefundStatus.PENDING)
    assert reconciliation_cases.open_cases() == []
    given_back(FEE // 2, 2)
    (case,) = reconciliation_cases.open_cases()
    assert (case.title, case.detail, case.decision) == (
        "A visit was refunded in full at Razorpay and still stands", "₹500 went back", "visit"
    )  # fmt: skip
    assert attention() == "₹500 went back at Razorpay, but the visit stands. Decide in Books."
    assert (status(confirmed), violations()) == ("confirmed", [])


def test_two_refunds_on_their_way_at_once_both_count(cast: Cast, confirmed: int) -> None:
    for number in (1, 2):
        given_back(FEE // 2, number, RefundStatus.PENDING)
    for number in (1, 2):
        given_back(FEE // 2, number)
    with read() as tx:
        assert tx.exec(select(Payment.status)).one() == "refunded"
    assert (len(reconciliation_cases.open_cases()), violations()) == (1, [])


def test_cancelling_frees_the_time_tells_the_patient_and_refunds_nothing_more(
    cast: Cast, confirmed: int, refunded: int
) -> None:
    decide(cast, refunded, "cancel")
    assert (status(confirmed), reconciliation_cases.open_cases(), attention(), violations()) == (
        "cancelled",
        [],
        "",
        [],
    )
    assert slots.slot(slot_id=cast.slots[0], now=NOW).status == "free"
    with read() as tx:
        kinds = sorted(n.kind for n in tx.exec(select(Notification)).all())
        case = tx.exec(select(ReconciliationCase)).one()
        trail = tx.exec(select(AuditEntry).where(AuditEntry.after == "cancelled")).one()
    assert kinds == ["cancelled", "confirmed", "refunded"]
    assert (case.closed_by_id, case.closing_note) == (cast.devi.person_id, "cancel: by phone")
    assert (trail.actor, trail.reason) == (f"admin:{cast.devi.person_id}", "by phone")


def test_keeping_leaves_the_visit_as_it_is_and_every_promise_true(
    cast: Cast, confirmed: int, refunded: int
) -> None:
    decide(cast, refunded, "keep")
    decide(cast, refunded, "cancel")  # decided already: changes nothing
    assert (status(confirmed), reconciliation_cases.open_cases(), attention(), violations()) == (
        "confirmed",
        [],
        "",
        [],
    )
    given_back(FEE)  # told again: stays decided
    assert reconciliation_cases.open_cases() == []


def test_it_is_not_closed_without_a_decision(cast: Cast, confirmed: int, refunded: int) -> None:
    with pytest.raises(WrongState):
        reconciliation_cases.close(admin=cast.devi, case_id=refunded, note="looked at it", now=NOW)
    with pytest.raises(BadInput):
        decide(cast, refunded, "cancel", note=" ")
    with pytest.raises(NotFound):
        decide(cast, 99, "cancel")
    assert (status(confirmed), len(reconciliation_cases.open_cases())) == ("confirmed", 1)


def test_a_visit_that_has_begun_can_only_be_kept(cast: Cast, confirmed: int, refunded: int) -> None:
    later = FIRST_SLOT + timedelta(minutes=1)
    with pytest.raises(WrongState):
        decide(cast, refunded, "cancel", now=later)
    assert (status(confirmed), len(reconciliation_cases.open_cases())) == ("confirmed", 1)
    decide(cast, refunded, "keep", now=later)
    assert reconciliation_cases.open_cases() == []


def test_a_visit_that_its_patient_cancelled_meanwhile_is_only_closed(
    cast: Cast, confirmed: int, refunded: int
) -> None:
    cancel.cancel_by_policy(patient_id=cast.asha, appointment_id=confirmed, now=NOW)
    decide(cast, refunded, "cancel")
    assert (status(confirmed), reconciliation_cases.open_cases(), violations()) == ("cancelled", [], [])


@pytest.mark.parametrize("decision", ["cancel", "keep"])
def test_a_case_whose_booking_was_removed_is_only_closed(
    cast: Cast, refunded: int, decision: Decision
) -> None:
    with write() as tx:
        tx.exec(update(ReconciliationCase).values(subject="REMOVED"))
    decide(cast, refunded, decision)
    assert (reconciliation_cases.open_cases(), violations()) == ([], [])


def test_a_case_of_another_kind_is_not_decided(cast: Cast) -> None:
    reconciliation_cases.open_case(kind=CaseKind.UNKNOWN_ORDER, subject=PAID, detail=quoted("₹500"), now=NOW)
    with pytest.raises(NotFound):
        decide(cast, 1, "keep")
    assert len(reconciliation_cases.open_cases()) == 1


def test_a_patient_who_cancels_while_a_part_is_on_its_way_gets_the_rest(
    cast: Cast, confirmed: int, dead_gateway: str
) -> None:
    given_back(FEE // 5, status=RefundStatus.PENDING)
    done = cancel.cancel_by_policy(patient_id=cast.asha, appointment_id=confirmed, now=NOW)
    assert (done.refund_paise, violations()) == (FEE - FEE // 5, [])


def test_two_who_find_the_same_difference_at_once_open_one_case(cast: Cast) -> None:
    kind = CaseKind.PAYMENT_MISSING
    with ThreadPoolExecutor(1) as other:
        with write() as tx:
            reconciliation_cases.open_within(tx, kind, PAID, quoted("seen first"), NOW)
            late = other.submit(
                reconciliation_cases.open_case, kind=kind, subject=PAID, detail=quoted("seen again"), now=NOW
            )
            assert wait([late], timeout=0.3).not_done
        late.result(timeout=30)
    assert [(case.subject, case.detail) for case in reconciliation_cases.open_cases()] == [
        (PAID, "seen again")
    ]
