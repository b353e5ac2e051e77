"""A payment marked by hand while Razorpay could not be asked, and what Razorpay says of it later."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from sqlmodel import col, select, update

from booking_ui.db.models import Appointment, AuditEntry, Notification, Payment, Refund, pk
from booking_ui.db.session import read, write
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.errors import (
    BadInput,
    NotFound,
    SlotTaken,
    WrongState,
)
from booking_ui.domain.payment import AttemptStatus, PaymentFact, Source, Verdict
from booking_ui.gateways.razorpay import gateway
from booking_ui.services.booking import appointments, cancel, claim, completion, hold_expiry
from booking_ui.services.cases import reconciliation_cases
from booking_ui.services.desk import mark_payment
from booking_ui.services.payments import apply, orders
from booking_ui.services.refunds import send
from booking_ui.services.upkeep import invariants
from tests.support.cast import FEE, FIRST_SLOT, NOW, Cast
from tests.support.paying import SOON, bill_of, opened
from tests.support.sandbox_control import capture_now, pay

ORDER, PAID = "order_00000000000001", "pay_00000000000001"


@pytest.fixture
def held(cast: Cast) -> int:
    """A held booking with an order; the appointment's id."""
    view = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    with write() as tx:
        tx.exec(update(Payment).values(gateway_order_id=ORDER, opened_at=NOW))
    return view.id


def bill() -> Payment:
    with read() as tx:
        return tx.exec(select(Payment)).one()


def mark(cast: Cast, status: str, reference: str = "", minutes: int = 2) -> None:
    mark_payment.mark(
        admin=cast.devi,
        payment_id=pk(bill()),
        status=status,
        reason="by phone",
        reference=reference,
        now=NOW + timedelta(minutes=minutes),
    )


def captured(payment_id: str = PAID, paise: int = FEE) -> Verdict | None:
    fact = PaymentFact(payment_id, ORDER, AttemptStatus.CAPTURED, paise, "INR", method="upi")
    return apply.apply(fact=fact, source=Source.WEBHOOK, now=SOON)


def refunds() -> list[tuple[str, int]]:
    with read() as tx:
        return [(r.gateway_payment_id, r.amount_paise) for r in tx.exec(select(Refund)).all()]


def violations() -> list[str]:
    return [f"{v.subject}: {v.fault}" for c in invariants.count(now=SOON) for v in c.violations]


@pytest.mark.usefixtures("held", "dead_gateway")
def test_the_payment_that_the_desk_marked_by_its_id_is_that_payment_and_no_second_one(cast: Cast) -> None:
    mark(cast, "captured", reference=PAID)
    assert [captured(), captured()] == [Verdict.ADOPT, Verdict.IGNORE]
    found = bill()
    assert (found.gateway_payment_id, found.captured_paise, found.method) == (PAID, FEE, "upi")
    assert (refunds(), violations()) == ([], [])
    assert captured("pay_00000000000002") is Verdict.REFUND_EXTRA


@pytest.mark.usefixtures("held", "dead_gateway")
@pytest.mark.parametrize(
    ("reference", "paise"),
    [("", FEE), ("R-17", FEE), ("pay_00000000000009", FEE), (PAID, FEE - 100)],
)
def test_money_that_may_be_what_the_desk_marked_waits_for_a_person(
    cast: Cast, reference: str, paise: int
) -> None:
    """A mark without an id, with a mistyped one, or of another amount: a refund by itself could be the clinic's only money."""
    mark(cast, "captured", reference=reference)
    assert [captured(paise=paise), captured(paise=paise)] == [Verdict.DECIDE, Verdict.IGNORE]
    assert (refunds(), violations()) == ([], [])
    (case,) = reconciliation_cases.open_cases()
    assert (case.subject, case.decision) == (PAID, "payment")


@pytest.mark.usefixtures("held", "dead_gateway")
def test_a_refund_that_waited_for_the_desk_goes_through_razorpay_once_the_marked_payment_is_told(
    cast: Cast, held: int
) -> None:
    mark(cast, "captured", reference=PAID)
    cancel.cancel_by_policy(patient_id=cast.asha, appointment_id=held, now=SOON)
    assert captured() is Verdict.ADOPT
    assert (refunds(), bill().captured_paise, violations()) == ([(PAID, FEE)], FEE, [])
    with read() as tx:
        assert tx.exec(select(Refund.next_attempt_at)).one() == SOON


@pytest.mark.usefixtures("held", "dead_gateway")
def test_what_the_desk_gave_back_by_hand_is_not_sent_again_when_the_marked_payment_is_told(
    cast: Cast, held: int
) -> None:
    mark(cast, "captured", reference=PAID)
    cancel.cancel_by_policy(patient_id=cast.asha, appointment_id=held, now=SOON)
    mark(cast, "refunded", reference="NEFT 17", minutes=3)
    assert (bill().marked_payment_id, bill().mark_reference) == (PAID, "NEFT 17")
    assert captured() is Verdict.ADOPT
    found = bill()
    assert (found.status.value, found.captured_paise, found.refunded_paise) == ("refunded", FEE, FEE)
    assert (refunds(), violations()) == ([(PAID, FEE)], [])
    assert send.send_due(now=SOON + timedelta(days=1)) == 0


@pytest.mark.usefixtures("dead_gateway")
def test_one_payment_can_be_marked_for_one_booking(cast: Cast, held: int) -> None:
    mark(cast, "captured", reference=PAID)
    other = claim.claim(patient_id=cast.bilal, slot_id=cast.slots[1], now=NOW)
    with pytest.raises(BadInput) as refused:
        mark_payment.mark(
            admin=cast.devi,
            payment_id=pk(bill_of(other.id)),
            status="captured",
            reason="by phone",
            reference=PAID,
            now=SOON,
        )
    assert [(one.field, one.message) for one in refused.value.errors] == [
        ("reference", "This payment is for another booking.")
    ]
    assert bill_of(other.id).captured_paise == 0


@pytest.mark.usefixtures("dead_gateway")
def test_of_two_admins_who_mark_two_bookings_by_one_payment_at_once_the_second_is_refused(
    cast: Cast, held: int
) -> None:
    other = bill_of(claim.claim(patient_id=cast.bilal, slot_id=cast.slots[1], now=NOW).id)
    with ThreadPoolExecutor(1) as second:
        with write() as tx:
            tx.exec(update(Payment).where(col(Payment.id) == other.id).values(marked_payment_id=PAID))
            late = second.submit(
                mark_payment.mark,
                admin=cast.devi,
                payment_id=pk(bill_of(held)),
                status="captured",
                reason="by phone",
                reference=PAID,
                now=SOON,
            )
            assert wait([late], timeout=0.5).not_done
        with pytest.raises(BadInput):
            late.result(timeout=30)


@pytest.mark.usefixtures("held", "dead_gateway")
def test_a_payment_that_is_known_to_be_of_another_amount_cannot_be_marked(cast: Cast) -> None:
    assert captured(paise=FEE + 100) is Verdict.REFUND_MISMATCH
    with pytest.raises(BadInput) as refused:
        mark(cast, "captured", reference=PAID)
    assert [one.message for one in refused.value.errors] == ["This payment was ₹501, and the fee is ₹500."]
    assert (bill().captured_paise, bill().marked_payment_id) == (FEE + 100, None)


def test_a_payment_is_marked_with_what_has_gone_back_of_it(cast: Cast, sandbox: str) -> None:
    mine, _ = opened(cast, cast.asha)
    link = gateway().create_order(amount_paise=FEE, currency="INR", receipt=uuid4().hex, notes={})
    paid = pay(sandbox, link)["payment"]["id"]
    capture_now(sandbox)
    gateway().refund(paid, amount_paise=20_000, key=f"dash-{paid}")
    mark_payment.mark(
        admin=cast.devi, payment_id=pk(bill_of(mine)), status="captured", reason="by payment link", reference=paid,
        now=SOON,
    )  # fmt: skip
    found = bill_of(mine)
    assert (found.gateway_payment_id, found.captured_paise, found.refunded_paise) == (paid, FEE, 20_000)


@pytest.mark.usefixtures("dead_gateway")
def test_a_booking_marked_by_anothers_payment_is_a_case_once_razorpay_tells(cast: Cast, held: int) -> None:
    other = claim.claim(patient_id=cast.bilal, slot_id=cast.slots[1], now=NOW)
    mark_payment.mark(
        admin=cast.devi,
        payment_id=pk(bill_of(other.id)),
        status="captured",
        reason="by phone",
        reference=PAID,
        now=SOON,
    )
    assert captured() is Verdict.CONFIRM
    (case,) = reconciliation_cases.open_cases()
    assert (case.subject, case.title) == (PAID, "A booking was marked as paid by another booking's payment")
    assert "paid for booking" in case.detail


@pytest.mark.parametrize(
    ("outcome", "sentence"),
    [
        ("card_declined", "Razorpay says that this payment is failed: it has brought no money."),
        ("amount_mismatch", f"This payment was ₹{FEE // 100 - 1}, and the fee is ₹{FEE // 100}."),
        ("success", "This payment is for another booking."),
    ],
)
def test_a_mark_by_a_payment_that_razorpay_tells_otherwise_of_is_refused(
    cast: Cast, sandbox: str, outcome: str, sentence: str
) -> None:
    mine, _ = opened(cast, cast.asha)
    _, order = opened(cast, cast.bilal, 1)
    told = pay(sandbox, order, outcome)["payment"]["id"]
    capture_now(sandbox)
    with pytest.raises(BadInput) as refused:
        mark_payment.mark(
            admin=cast.devi, payment_id=pk(bill_of(mine)), status="captured", reason="by phone",
            reference=told, now=SOON,
        )  # fmt: skip
    assert [one.message for one in refused.value.errors] == [sentence]
    assert appointments.find(patient_id=cast.asha, appointment_id=mine, now=SOON).phase == "holding"


def test_razorpay_is_asked_before_a_payment_is_marked_captured(cast: Cast, sandbox: str) -> None:
    view = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    order = orders.open_order(patient_id=cast.asha, appointment_id=view.id, now=NOW).gateway_order_id
    pay(sandbox, order)
    capture_now(sandbox)
    with pytest.raises(WrongState):
        mark(cast, "captured")
    found = bill()
    assert (found.status.value, found.method, found.mark_reason) == ("captured", "card", "")


@pytest.mark.usefixtures("dead_gateway")
@pytest.mark.parametrize("status", ["completed", "no_show"])
def test_what_the_desk_gives_back_of_a_visit_that_was_breaks_no_promise(
    cast: Cast, held: int, status: str
) -> None:
    captured()
    over = FIRST_SLOT + timedelta(hours=1)
    completion.conclude(admin=cast.devi, appointment_id=held, status=AppointmentStatus(status), now=over)
    mark(cast, "refunded", minutes=60 * 48)
    assert (bill().status.value, refunds(), violations()) == ("refunded", [(PAID, FEE)], [])


@pytest.mark.usefixtures("held")
def test_the_bank_letting_go_of_one_attempt_leaves_the_other_that_it_stands_by(cast: Cast) -> None:
    def told(payment_id: str, status: str) -> Verdict | None:
        fact = PaymentFact(payment_id, ORDER, AttemptStatus(status), FEE, "INR")
        return apply.apply(fact=fact, source=Source.QUESTION, now=SOON)

    second = "pay_00000000000002"
    told(PAID, "authorized")
    told(second, "authorized")
    assert told(second, "refunded") is Verdict.IGNORE
    with read() as tx:
        assert tx.exec(select(Appointment.status)).one() == "pending_payment"
        assert tx.exec(select(Notification.kind)).all() == []
    assert told(PAID, "refunded") is Verdict.LAPSE
    with read() as tx:
        assert tx.exec(select(Appointment.status)).one() == "failed"


@pytest.mark.usefixtures("held")
def test_a_wrong_amount_after_the_banks_yes_leaves_no_bill_waiting_for_it(cast: Cast) -> None:
    for status, paise in (("authorized", FEE), ("captured", FEE - 100)):
        fact = PaymentFact(PAID, ORDER, AttemptStatus(status), paise, "INR")
        apply.apply(fact=fact, source=Source.WEBHOOK, now=SOON)
    assert (bill().status.value, refunds()) == ("failed", [(PAID, FEE - 100)])


def stale_failure(made_at: datetime) -> Verdict | None:
    fact = PaymentFact("pay_00000000000009", ORDER, AttemptStatus.FAILED, FEE, "INR", created_at=made_at)
    return apply.apply(fact=fact, source=Source.WEBHOOK, now=SOON)


def test_a_failure_in_the_very_second_in_which_the_hold_began_counts(cast: Cast) -> None:
    """Razorpay's instants are whole seconds, ours are not."""
    began = NOW + timedelta(milliseconds=700)
    claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=began)
    with write() as tx:
        tx.exec(update(Payment).values(gateway_order_id=ORDER, opened_at=began))
    assert stale_failure(NOW - timedelta(seconds=1)) is Verdict.IGNORE
    fact = PaymentFact(PAID, ORDER, AttemptStatus.FAILED, FEE, "INR", created_at=NOW)
    assert apply.apply(fact=fact, source=Source.WEBHOOK, now=SOON) is Verdict.FAIL


@pytest.mark.usefixtures("turns", "sandbox")
def test_the_desk_can_mark_a_payment_captured_and_the_booking_is_confirmed(cast: Cast) -> None:
    appointment_id, _ = opened(cast, cast.asha)
    bill = bill_of(appointment_id)
    mark_payment.mark(
        admin=cast.devi,
        payment_id=bill.id or 0,
        status="captured",
        reason="paid in cash",
        reference="R-17",
        now=SOON,
    )
    view = appointments.find(patient_id=cast.asha, appointment_id=appointment_id, now=SOON)
    assert (view.phase, view.payment_status, view.method_label) == ("confirmed", "captured", "At the desk")
    with read() as tx:
        last = tx.exec(select(AuditEntry).where(AuditEntry.actor == f"admin:{cast.devi.person_id}")).all()
    assert [(e.action, e.before, e.after, e.reason) for e in last] == [
        ("payment", "pending", "captured", "paid in cash"),
        ("appointment", "pending_payment", "confirmed", "paid in cash"),
    ]


@pytest.mark.usefixtures("turns", "sandbox")
def test_a_mark_is_refused_without_a_reason_for_an_unknown_payment_or_against_the_statuses(
    cast: Cast,
) -> None:
    appointment_id, _ = opened(cast, cast.asha)
    bill = bill_of(appointment_id).id or 0
    for status, reason, refusal, payment_id in (
        ("captured", "  ", BadInput, bill),
        ("paid", "cash", BadInput, bill),
        ("captured", "cash", NotFound, 999_999),
        ("refunded", "cash", WrongState, bill),
    ):
        with pytest.raises(refusal):
            mark_payment.mark(admin=cast.devi, payment_id=payment_id, status=status, reason=reason, now=SOON)
    assert appointments.find(patient_id=cast.asha, appointment_id=appointment_id, now=SOON).phase == "holding"
    assert bill_of(appointment_id).mark_reason == ""


@pytest.mark.usefixtures("turns", "sandbox")
def test_the_desk_cannot_mark_a_resold_slot_as_captured(cast: Cast) -> None:
    appointment_id, _ = opened(cast, cast.asha)
    hold_expiry.let_go(patient_id=cast.asha, appointment_id=appointment_id, now=SOON)
    claim.claim(patient_id=cast.bilal, slot_id=cast.slots[0], now=SOON)
    with pytest.raises(SlotTaken):
        mark_payment.mark(
            admin=cast.devi,
            payment_id=bill_of(appointment_id).id or 0,
            status="captured",
            reason="cash",
            now=SOON,
        )
    assert bill_of(appointment_id).captured_paise == 0


RAZORPAYS, CASH = "razorpay", "desk"


@pytest.mark.usefixtures("held", "dead_gateway")
@pytest.mark.parametrize(
    ("through", "reference", "sentence"),
    [
        (RAZORPAYS, "", mark_payment.WHOLE_ID),
        (RAZORPAYS, "R-17", mark_payment.WHOLE_ID),
        (RAZORPAYS, "pay_0000000000001", mark_payment.WHOLE_ID),
        (RAZORPAYS, "pay_000000000000011", mark_payment.WHOLE_ID),
        (RAZORPAYS, ORDER, mark_payment.WHOLE_ID),
        (CASH, PAID, mark_payment.AN_ID),
        (CASH, "pay_000000 0000001", mark_payment.NEARLY_AN_ID),
        (CASH, "Pay_00000000000001", mark_payment.NEARLY_AN_ID),
        (CASH, "pay-00000000000001", mark_payment.NEARLY_AN_ID),
        (None, "pay_000000 0000001", mark_payment.NO_ID),
        (None, "pay_", mark_payment.NO_ID),
    ],
)
def test_a_reference_that_does_not_agree_with_the_way_of_paying_is_refused(
    cast: Cast, through: mark_payment.Through | None, reference: str, sentence: str
) -> None:
    with pytest.raises(BadInput) as refused:
        mark_payment.mark(
            admin=cast.devi, payment_id=pk(bill()), status="captured", reason="by phone", reference=reference,
            paid_through=through, now=SOON,
        )  # fmt: skip
    assert [(one.field, one.message) for one in refused.value.errors] == [("reference", sentence)]
    assert bill().marked_by_id is None


@pytest.mark.usefixtures("held", "dead_gateway")
@pytest.mark.parametrize(
    ("through", "reference", "marked"),
    [
        (RAZORPAYS, f" {PAID} ", PAID),
        (CASH, "", None),
        (CASH, "Paytm 123456789012", None),
        (None, PAID, PAID),
        (None, "Payment at the desk", None),
    ],
)
def test_a_payment_is_razorpays_by_its_id_and_the_desks_without_one(
    cast: Cast, through: mark_payment.Through | None, reference: str, marked: str | None
) -> None:
    mark_payment.mark(
        admin=cast.devi, payment_id=pk(bill()), status="captured", reason="by phone", reference=reference,
        paid_through=through, now=SOON,
    )  # fmt: skip
    assert (bill().marked_payment_id, bill().captured_paise) == (marked, FEE)
