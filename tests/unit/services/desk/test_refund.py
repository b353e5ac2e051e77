"""The desk gives back money that is kept, whatever became of its visit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlmodel import select

from booking_ui.db.models import Appointment, AuditEntry, Notification, Refund
from booking_ui.db.session import read, write
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.causes import Cause
from booking_ui.domain.errors import BadInput, ChangedMeanwhile, NotFound, WrongState
from booking_ui.domain.payment import RefundOrigin, RefundStatus, Source
from booking_ui.services.booking import appointments, claim, completion
from booking_ui.services.cases import reconciliation_cases
from booking_ui.services.desk.booking import whole_booking
from booking_ui.services.desk.cancel import cancel_for_patient
from booking_ui.services.desk.refund import refund
from booking_ui.services.payments import apply
from booking_ui.services.refunds import retry, send
from booking_ui.services.views.desk import DeskRefund
from tests.support.cancelling import given_back, promises
from tests.support.cast import FEE, FIRST_SLOT, NOW, Cast
from tests.support.disputes import dispute, hear
from tests.support.facts import held
from tests.support.paying import bill_of, paid, paid_at_the_desk
from tests.support.razorpay_account import Account, account
from tests.support.refunds import CAPTURED, HALF, ORDER, dashboard, made

razorpay = account

OVER = FIRST_SLOT + timedelta(hours=2)
PART = 12_345


def given(
    cast: Cast,
    appointment_id: int,
    paise: int,
    now: datetime = OVER,
    reason: str = "Waited for an hour",
    seen: int | None = None,
) -> DeskRefund:
    return refund(
        admin=cast.devi,
        appointment_id=appointment_id,
        amount_paise=paise,
        reason=reason,
        now=now,
        seen_paise=seen,
    )


def status_of(appointment_id: int) -> str:
    with read() as tx:
        return tx.get_one(Appointment, appointment_id).status


def refundable(appointment_id: int) -> int:
    with read() as tx:
        reference = tx.get_one(Appointment, appointment_id).reference
    return whole_booking(now=OVER, reference=reference).refundable_paise


def stands(_cast: Cast, _appointment_id: int) -> str:
    return "confirmed"


def cancelled_by_mistake(cast: Cast, appointment_id: int) -> str:
    cancel_for_patient(
        admin=cast.devi, appointment_id=appointment_id, refund="none", reason="a slip", now=OVER
    )
    return "cancelled"


def took_place(cast: Cast, appointment_id: int) -> str:
    status = AppointmentStatus.COMPLETED
    completion.conclude(admin=cast.devi, appointment_id=appointment_id, status=status, now=OVER)
    return "completed"


def missed(cast: Cast, appointment_id: int) -> str:
    status = AppointmentStatus.NO_SHOW
    completion.conclude(admin=cast.devi, appointment_id=appointment_id, status=status, now=OVER)
    return "no_show"


def refunded_in_part(cast: Cast, appointment_id: int) -> str:
    cancel_for_patient(
        admin=cast.devi, appointment_id=appointment_id, refund=FEE // 2, reason="half of it", now=OVER
    )
    send.send_due(now=OVER)
    return "cancelled"


@pytest.mark.parametrize("fate", [stands, cancelled_by_mistake, took_place, missed, refunded_in_part])
def test_money_that_is_kept_goes_back_in_parts_and_the_visit_stays_as_it_is(
    cast: Cast, sandbox: str, fate: Callable[[Cast, int], str]
) -> None:
    appointment_id, order_id = paid(cast, cast.asha, sandbox)
    status = fate(cast, appointment_id)
    kept, before = refundable(appointment_id), given_back(sandbox, order_id)
    done = given(cast, appointment_id, PART)
    assert (done.amount_paise, done.kept_paise, done.message) == (
        PART,
        kept - PART,
        "Refund of ₹123.45 initiated.",
    )
    assert (done.refund_status, done.payment_status) == ("pending", "refund_pending")
    assert promises(OVER) == []
    assert send.send_due(now=OVER) == 1
    assert given_back(sandbox, order_id) == [PART, *before]
    assert (status_of(appointment_id), bill_of(appointment_id).status) == (status, "partially_refunded")
    assert (refundable(appointment_id), promises(OVER)) == (kept - PART, [])

    given(cast, appointment_id, kept - PART)
    send.send_due(now=OVER)
    bill = bill_of(appointment_id)
    assert (bill.status, bill.refunded_paise, bill.retained_paise) == ("refunded", FEE, 0)
    assert (status_of(appointment_id), refundable(appointment_id), promises(OVER)) == (status, 0, [])
    # The desk refunded it knowing that the visit stands: nobody is asked about it again.
    assert reconciliation_cases.open_cases() == []
    with pytest.raises(WrongState):
        given(cast, appointment_id, 100)


def test_the_refund_is_audited_with_the_admin_and_their_reason_and_the_patient_is_told(
    cast: Cast, sandbox: str
) -> None:
    appointment_id, _ = paid(cast, cast.asha, sandbox)
    given(cast, appointment_id, PART)
    view = appointments.find(patient_id=cast.asha, appointment_id=appointment_id, now=OVER)
    assert view.refund_label == "₹123.45 of ₹500 is on its way back to where you paid from."
    send.send_due(now=OVER)
    with read() as tx:
        rows = tx.exec(select(AuditEntry).where(AuditEntry.actor == f"admin:{cast.devi.person_id}")).all()
        made = tx.exec(select(Refund)).one()
        kinds = tx.exec(select(Notification.kind)).all()
    assert [(row.action, row.after, row.reason, row.cause) for row in rows] == [
        ("refund", "pending", "Waited for an hour", None),
        ("payment", "refund_pending", Cause.DESK_REFUND.words, Cause.DESK_REFUND),
    ]
    assert (made.origin, made.reason) == (RefundOrigin.DESK_REFUND, "refunded by the desk")
    assert list(kinds) == ["confirmed", "refunded"]


@pytest.mark.parametrize(
    ("paise", "reason", "field"),
    [(FEE + 1, "Waited", "amountPaise"), (99, "Waited", "amountPaise"), (0, "Waited", "amountPaise"),
     (-100, "Waited", "amountPaise"), (PART, " x ", "reason"), (PART, "x" * 301, "reason")],
)  # fmt: skip
def test_an_amount_or_reason_that_cannot_be_is_refused_and_nothing_is_sent(
    cast: Cast, sandbox: str, paise: int, reason: str, field: str
) -> None:
    appointment_id, order_id = paid(cast, cast.asha, sandbox)
    with pytest.raises(BadInput) as refused:
        given(cast, appointment_id, paise, reason=reason)
    assert [one.field for one in refused.value.errors] == [field]
    assert (send.send_due(now=OVER), given_back(sandbox, order_id)) == (0, [])


def test_a_booking_without_money_has_nothing_to_refund_and_an_unknown_one_is_not_found(cast: Cast) -> None:
    held = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    assert refundable(held.id) == 0
    with pytest.raises(WrongState):
        given(cast, held.id, PART, NOW)
    with pytest.raises(NotFound):
        given(cast, 999_999, PART)


def test_a_click_that_comes_twice_refunds_once(cast: Cast, sandbox: str) -> None:
    appointment_id, order_id = paid(cast, cast.asha, sandbox)
    given(cast, appointment_id, PART, seen=FEE)
    with pytest.raises(ChangedMeanwhile):
        given(cast, appointment_id, PART, seen=FEE)
    send.send_due(now=OVER)
    assert given_back(sandbox, order_id) == [PART]


@pytest.mark.parametrize("fate", [stands, cancelled_by_mistake, took_place])
def test_money_paid_at_the_desk_counts_as_given_back_at_once(
    cast: Cast, fate: Callable[[Cast, int], str]
) -> None:
    appointment_id = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW).id
    paid_at_the_desk(cast, appointment_id)
    status = fate(cast, appointment_id)
    done = given(cast, appointment_id, PART)
    assert (done.refund_status, done.message) == ("processed", "₹123.45 counts as given back.")
    bill = bill_of(appointment_id)
    assert (bill.status, bill.refunded_paise) == ("partially_refunded", PART)
    assert (status_of(appointment_id), refundable(appointment_id)) == (status, FEE - PART)
    assert (send.send_due(now=OVER), promises(OVER)) == (0, [])


def test_a_refund_that_failed_is_still_owed_so_its_sum_is_not_offered_again(cast: Cast, sandbox: str) -> None:
    appointment_id, _ = paid(cast, cast.asha, sandbox)
    cancelled_by_mistake(cast, appointment_id)
    given(cast, appointment_id, PART)
    with read() as tx:
        refund_id = tx.exec(select(Refund.id)).one() or 0
    retry.give_up(refund_id, "the account is closed", OVER)
    assert (refundable(appointment_id), bill_of(appointment_id).retained_paise) == (FEE - PART, FEE - PART)
    assert promises(OVER) == []
    with pytest.raises(BadInput):
        given(cast, appointment_id, FEE)
    given(cast, appointment_id, FEE - PART)
    assert (bill_of(appointment_id).retained_paise, promises(OVER)) == (0, [])


def test_cancelling_afterwards_gives_back_only_what_is_left(cast: Cast, sandbox: str) -> None:
    appointment_id, order_id = paid(cast, cast.asha, sandbox)
    given(cast, appointment_id, PART, NOW)
    cancel_for_patient(
        admin=cast.devi, appointment_id=appointment_id, refund="full", reason="the doctor is ill", now=NOW
    )
    while send.send_due(now=NOW):
        pass
    assert sorted(given_back(sandbox, order_id)) == [PART, FEE - PART]
    assert (bill_of(appointment_id).status, promises(NOW)) == ("refunded", [])


def test_promise_3_knows_a_refund_of_the_desk_from_one_that_belongs_to_a_cancellation(
    cast: Cast, sandbox: str
) -> None:
    appointment_id, _ = paid(cast, cast.asha, sandbox)
    given(cast, appointment_id, PART)
    assert promises(OVER) == []
    with write() as tx:
        row = tx.exec(select(Refund)).one()
        row.origin = RefundOrigin.DESK
        tx.add(row)
    assert promises(OVER) == [f"3: money unexplained: -{PART} paise"]
    with read() as tx:
        assert tx.exec(select(Refund.status)).one() is RefundStatus.PENDING


def test_nothing_goes_back_by_the_desk_while_the_bank_decides_and_the_rest_when_it_took_a_part(
    cast: Cast, razorpay: Account
) -> None:
    appointment_id = held(cast, cast.asha, order=ORDER).id
    apply.apply(fact=CAPTURED, source=Source.WEBHOOK, now=NOW)
    hear(dispute("open", paise=HALF))
    with pytest.raises(WrongState, match="disputes this payment"):
        given(cast, appointment_id, PART, NOW)
    assert made() == []
    hear(dispute("lost", paise=HALF), 5)
    razorpay.payments = [CAPTURED]
    assert refundable(appointment_id) == HALF
    given(cast, appointment_id, HALF, NOW)
    assert (bill_of(appointment_id).status, refundable(appointment_id), promises(NOW)) == (
        "refund_pending",
        0,
        [],
    )


def test_what_a_lost_dispute_and_the_dashboard_gave_back_together_is_not_refunded_once_more(
    cast: Cast, razorpay: Account
) -> None:
    visit = held(cast, cast.asha, order=ORDER).id
    apply.apply(fact=CAPTURED, source=Source.WEBHOOK, now=NOW)
    hear(dispute("lost", paise=HALF))
    razorpay.payments = [replace(CAPTURED, amount_refunded_paise=HALF)]
    razorpay.refunds = [dashboard("processed", HALF)]
    with pytest.raises(WrongState, match="case in Books"):
        given(cast, visit, PART, now=NOW)
    send.send_due(now=NOW)
    assert ([one.origin for one in made()], razorpay.sent) == ([RefundOrigin.DASHBOARD], [])
