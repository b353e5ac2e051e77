"""The accounts at the end of a story: nothing waits, and our books agree with Razorpay's to the paisa."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlmodel import col, select

from booking_ui.db.models import (
    Appointment,
    DeliveryStatus,
    Notification,
    Payment,
    PaymentAttempt,
    ReconciliationCase,
    Refund,
    WebhookEvent,
)
from booking_ui.db.session import read
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.payment import PaymentStatus, RefundOrigin, RefundStatus
from booking_ui.services.cases import reconciliation_cases
from booking_ui.services.cases.reconciliation_cases import CaseKind
from tests.simulation import disputes, people
from tests.simulation.account import documents
from tests.simulation.checks import VISITS
from tests.simulation.people import booking_of
from tests.simulation.world import World


@dataclass(frozen=True)
class Account:
    """One booking's money, in our books and at Razorpay."""

    appointment: Appointment
    bill: Payment
    refunds: list[Refund]
    paid_in_cash: bool  # in truth, whatever our books say
    theirs: list[dict[str, Any]]  # Razorpay's captured payments of every order opened for this booking
    lost: dict[str, int]  # payment id → paise that its lost disputes took, by Razorpay's books
    deducted: int  # paise that lost disputes took, by our books

    @property
    def captured_there(self) -> int:
        return sum(p["amount"] for p in self.theirs)

    @property
    def refunded_there(self) -> int:
        return sum(p["amount_refunded"] for p in self.theirs)

    def taken(self, payment: dict[str, Any]) -> int:
        """Paise that lost disputes took of a payment and that had not gone back in another way: the rest is gone twice."""
        of_it = [r for r in self._processed if r.gateway_payment_id == payment["id"]]
        by_hand = _paid_out(of_it, int(payment["amount_refunded"]))
        left = int(payment["amount"]) - int(payment["amount_refunded"]) - by_hand
        return min(self.lost.get(payment["id"], 0), max(0, left))

    @property
    def taken_of_visit(self) -> int:
        kept = [p for p in self.theirs if p["id"] == self.bill.gateway_payment_id]
        return sum(self.taken(p) for p in kept)

    @property
    def at_the_desk(self) -> int:
        """Paise that were paid at the desk, according to its mark."""
        return self.bill.amount_paise if self.bill.method == "desk" else 0

    @property
    def given_by_hand(self) -> int:
        """Paise that the desk gave back by hand, according to its word; Razorpay knows nothing of them."""
        at_the_desk = sum(r.amount_paise for r in self._by_hand if not r.gateway_payment_id)
        return at_the_desk + self.paid_out_by_hand

    @property
    def paid_out_by_hand(self) -> int:
        """The part of them that was paid online, without what a mark only repeats because it went back at the dashboard."""
        return _paid_out(self._processed, self.refunded_there)

    @property
    def _by_hand(self) -> list[Refund]:
        return [r for r in self._processed if r.gateway_refund_id is None]

    @property
    def given_of_visit(self) -> int:
        """Paise of a visit's money that people gave back although it stands: at Razorpay's dashboard, or by a mark."""
        kept = self.bill.gateway_payment_id or ""
        return sum(
            r.amount_paise
            for r in self._processed
            if r.gateway_payment_id == kept and r.origin in (RefundOrigin.DASHBOARD, RefundOrigin.BY_HAND)
        )

    @property
    def _processed(self) -> list[Refund]:
        return [r for r in self.refunds if r.status is RefundStatus.PROCESSED]

    @property
    def owed(self) -> int:
        """Paise of this booking that Razorpay should still hold for us: what was earned and is neither in the till nor was
        paid out of it."""
        visit = self.bill.amount_paise - self.given_of_visit - self.taken_of_visit
        earned = visit if self.appointment.status in VISITS else self.bill.retained_paise
        return earned - self.cash + self.given_by_hand

    @property
    def cash(self) -> int:
        """Paise that came into the till."""
        return self.at_the_desk if self.paid_in_cash else 0

    @property
    def never_paid(self) -> bool:
        """True for a booking that the desk marked as paid and nobody paid: no books can help against that."""
        paid = self.paid_in_cash or any(p["amount"] == self.bill.amount_paise for p in self.theirs)
        return bool(self.at_the_desk) and not paid


def _paid_out(processed: list[Refund], refunded_there: int) -> int:
    """Paise of refunds that left by hand and not at the dashboard, where Razorpay's refunds exceed those that we know."""
    known = sum(r.amount_paise for r in processed if r.gateway_refund_id is not None)
    marked = sum(r.amount_paise for r in processed if r.gateway_refund_id is None and r.gateway_payment_id)
    return max(0, marked - max(0, refunded_there - known))


def faults(w: World) -> list[str]:
    """All that is still open or does not add up."""
    found = [fault for account in _accounts(w) for fault in _account_faults(account)]
    found += _waiting() + _never_closed(w) + _cases() + _unwritten(w) + _silent(w)
    return found + disputes.faults(w)


def _account_faults(a: Account) -> list[str]:
    name = f"booking {a.appointment.id} ({a.appointment.status.value}, {a.bill.status.value})"
    net = a.captured_there - a.refunded_there - sum(a.taken(p) for p in a.theirs)
    sums = (
        (net, a.owed, "Razorpay holds"),
        (
            a.bill.captured_paise - a.bill.refunded_paise - a.deducted,
            net + a.at_the_desk - a.given_by_hand,
            "our books hold",
        ),
    )
    known = sums[1:] if a.never_paid else sums
    wrong = [f"{name}: {what} {have} paise, it should be {due}" for have, due, what in known if have != due]
    if a.appointment.status is AppointmentStatus.PENDING_PAYMENT or a.bill.status is PaymentStatus.AUTHORIZED:
        wrong.append(f"{name} is still open after five quiet days")
    return wrong


def _accounts(w: World) -> list[Account]:
    receipts = {order["id"]: order["receipt"] for order in documents(w.account.box, "order")}
    theirs: dict[str, list[dict[str, Any]]] = {}
    for payment in documents(w.account.box, "payment"):
        if payment["captured"]:
            theirs.setdefault(booking_of(receipts[payment["order_id"]]), []).append(payment)
    lost: dict[str, int] = {}
    for dispute in documents(w.account.box, "dispute"):
        lost[dispute["payment_id"]] = lost.get(dispute["payment_id"], 0) + dispute["amount_deducted"]
    with read() as tx:
        rows = tx.exec(
            select(Appointment, Payment)
            .join(Payment, col(Payment.appointment_id) == Appointment.id)
            .order_by(col(Appointment.id))
        ).all()
        refunds = tx.exec(select(Refund).order_by(col(Refund.id))).all()
        attempts = tx.exec(select(PaymentAttempt)).all()
    return [
        Account(
            a,
            p,
            [r for r in refunds if r.payment_id == p.id],
            a.id in w.paid_in_cash,
            theirs.get(a.reference, []),
            lost,
            sum(t.deducted_paise for t in attempts if t.payment_id == p.id),
        )
        for a, p in rows
    ]


def gone_twice(w: World) -> set[str]:
    """Ids of the refunds of payments of which Razorpay refunded and took in disputes more than they were: cases for people."""
    over = {p["id"] for p in documents(w.account.box, "payment") if people.left_there(w, p) < 0}
    return {r["id"] for r in documents(w.account.box, "refund") if r["payment_id"] in over}


def marked_by_another_amount() -> set[str]:
    """Ids of payments that the desk marked and that were not of the fee, so that they count beside the mark, too."""
    with read() as tx:
        marked = select(PaymentAttempt.gateway_payment_id).join(
            Payment, col(Payment.id) == PaymentAttempt.payment_id
        )
        return set(
            tx.exec(
                marked.where(
                    Payment.marked_payment_id == PaymentAttempt.gateway_payment_id,
                    PaymentAttempt.amount_paise != Payment.amount_paise,
                )
            ).all()
        )


def _waiting() -> list[str]:
    """Webhooks, refunds and mails that still wait or were parked."""
    with read() as tx:
        webhooks = tx.exec(
            select(WebhookEvent.event, WebhookEvent.status, WebhookEvent.outcome_code)
            .where(col(WebhookEvent.status).in_((DeliveryStatus.WAITING, DeliveryStatus.PARKED)))
            .order_by(col(WebhookEvent.id))
        ).all()
        mails = tx.exec(
            select(Notification.key, Notification.status)
            .where(col(Notification.status).in_((DeliveryStatus.WAITING, DeliveryStatus.PARKED)))
            .order_by(col(Notification.id))
        ).all()
        refunds = tx.exec(
            select(Refund)
            .where(Refund.status == RefundStatus.PENDING, Refund.gateway_payment_id != "")
            .order_by(col(Refund.id))
        ).all()
    return [
        *(f"webhook {name} is {status}: {outcome}" for name, status, outcome in webhooks),
        *(f"mail {key} is {status}" for key, status in mails),
        *(f"refund {r.id} of {r.amount_paise} paise is still pending ({r.last_error})" for r in refunds),
    ]


def _cases() -> list[str]:
    """Open cases of the daily comparison."""
    with read() as tx:
        by_hand = select(Refund.id).where(
            Refund.status == RefundStatus.PROCESSED, col(Refund.gateway_refund_id).is_(None)
        )
        # A refund by hand and one at the dashboard of the same money: people have to sort that out.
        paid_twice = (
            reconciliation_cases.TITLES[reconciliation_cases.CaseKind.REFUND_TWICE]
            if tx.exec(by_hand).first()
            else ""
        )
    return [
        f"case {case.subject}: {case.detail}"
        for case in reconciliation_cases.open_cases()
        if case.title != paid_twice
    ]


def _never_closed(w: World) -> list[str]:
    """Payments that Razorpay has not ended: the simulation stopped too early."""
    return [
        f"{p['id']} is still {p['status']} at Razorpay"
        for p in documents(w.account.box, "payment")
        if p["status"] in ("created", "authorized")
    ]


def _unwritten(w: World) -> list[str]:
    """Refunds that Razorpay made for us under a key that we had not stored before we asked."""
    with read() as tx:
        stored = set(tx.exec(select(Refund.idempotency_key)).all())
    made = [r for r in documents(w.account.box, "refund") if r["receipt"] is not None]
    return [f"{r['id']} was made under a key that nobody stored" for r in made if r["receipt"] not in stored]


def _counted_when_heard(w: World) -> list[str]:
    """Refunds that count from another instant than Razorpay's."""
    theirs = {r["id"]: r["created_at"] for r in documents(w.account.box, "refund")}
    with read() as tx:
        sent = tx.exec(
            select(Refund.gateway_refund_id, Refund.refunded_at).where(
                Refund.status == RefundStatus.PROCESSED, col(Refund.gateway_refund_id).is_not(None)
            )
        ).all()
    return [
        f"the refund {one} counts from {at}, not from Razorpay's instant"
        for one, at in sent
        if at is None or int(at.timestamp()) != theirs.get(str(one))
    ]


def _silent(w: World) -> list[str]:
    """What the desk had to be told and was not, and money under another instant than Razorpay's."""
    theirs = {p["id"]: p for p in documents(w.account.box, "payment")}
    with read() as tx:
        bills = tx.exec(select(Payment).order_by(col(Payment.id))).all()
        attempts = tx.exec(select(PaymentAttempt).order_by(col(PaymentAttempt.id))).all()
        told = set(tx.exec(select(ReconciliationCase.kind, ReconciliationCase.subject)).all())
    kept = {bill.gateway_payment_id for bill in bills if bill.gateway_payment_id}
    found = [
        f"{bill.marked_payment_id} was marked for one booking and paid another, and no case says so"
        for bill in bills
        if bill.marked_payment_id in kept
        and bill.gateway_payment_id != bill.marked_payment_id
        and (CaseKind.MARKED_ELSEWHERE, bill.marked_payment_id) not in told
    ]
    by_id = {bill.id: bill for bill in bills}
    told_of = {subject for kind, subject in told if kind in (CaseKind.OTHER_AMOUNT, CaseKind.MARKED_AND_PAID)}
    found += [
        f"{a.gateway_payment_id} was of another amount, and no case says so"
        for a in attempts
        if theirs[a.gateway_payment_id]["captured"]
        and a.amount_paise != by_id[a.payment_id].amount_paise
        and by_id[a.payment_id].gateway_payment_id is None
        and a.gateway_payment_id not in told_of
    ]
    found += _counted_when_heard(w)
    return found + [
        f"the capture of {bill.gateway_payment_id} counts from {bill.captured_at}, not from Razorpay's instant"
        for bill in bills
        if bill.gateway_payment_id
        and bill.method != "desk"
        and bill.captured_at
        and bill.marked_by_id is None
        and int(bill.captured_at.timestamp()) != theirs[bill.gateway_payment_id]["created_at"]
    ]
