"""Bugs planted on purpose, to prove that the simulation can fail. Each replaces one of the product's own functions.

There are no threads here. A missing lock is modelled by its effect: something is read, others move, and the stale value is
believed.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from sqlmodel import Session, false, select, update

from booking_ui.db import holds, queues
from booking_ui.db.models import AuditEntry, Doctor, Payment, PaymentAttempt, Refund, Slot
from booking_ui.db.session import read, write
from booking_ui.domain import payment as rules
from booking_ui.domain.errors import GatewayError
from booking_ui.domain.payment import (
    AttemptStatus,
    PaymentFact,
    PaymentStatus,
    RefundFact,
    RefundStatus,
    Situation,
    Source,
    Verdict,
)
from booking_ui.domain.period import Span
from booking_ui.domain.webhook_outcome import Outcome
from booking_ui.gateways import mail
from booking_ui.gateways.razorpay import gateway
from booking_ui.services.booking import claim as booking
from booking_ui.services.cases import other_amounts
from booking_ui.services.desk import ledger
from booking_ui.services.journal import audit
from booking_ui.services.journal.audit import Action
from booking_ui.services.mail import outbox
from booking_ui.services.payments import apply as facts
from booking_ui.services.payments import disputes, marked, orders, reconciliation, webhook_inbox
from booking_ui.services.refunds import dashboard_refunds, dispute_holds, send
from tests.simulation.planting import Bug, Swap
from tests.simulation.stage import Stage

FOREVER = timedelta(days=3650)
NO_INDEX = "DROP INDEX uq_appointment_live_slot"


def _unchecked_slot(_stage: Stage) -> list[Swap]:
    def nobody_there(*_args: object) -> None:
        return None

    return [(booking, "clear_slot", nobody_there), (facts, "_slot_free_or_ours", lambda _case: True)]


def _stale_slot(stage: Stage) -> list[Swap]:
    """Reads that the slot is free, waits for its turn to write, and believes the stale answer."""
    claim, clear = booking.claim, booking.clear_slot

    def stale_claim(*, patient_id: int, slot_id: int, now: datetime, reason: str = "") -> object:
        with read() as tx:
            free = booking._live_on(tx, slot_id) is None
        stage.pause()
        seen = (lambda *_args: None) if free else clear
        with patch.object(booking, "clear_slot", seen):
            return claim(patient_id=patient_id, slot_id=slot_id, now=now, reason=reason)

    return [(booking, "claim", stale_claim)]


def _late_money_wins(_stage: Stage) -> list[Swap]:
    return [(facts, "_slot_free_or_ours", lambda _case: True)]


def _blind_sweep(_stage: Stage) -> list[Swap]:
    """Frees what was listed as expired without looking again."""
    return [(holds, "has_expired", lambda appointment, _now: appointment.hold_expires_at is not None)]


def _stale_attempt(stage: Stage) -> list[Swap]:
    """`apply` without its lock: reads the attempt, lets others move, and decides by what it read."""
    apply, attempt = facts.apply, facts._attempt

    def stale_apply(*, fact: PaymentFact, source: Source, now: datetime) -> Verdict | None:
        with read() as tx:
            known = tx.exec(
                select(PaymentAttempt.status).where(PaymentAttempt.gateway_payment_id == fact.payment_id)
            ).first()
        stage.pause()

        def believed(*args: Any) -> tuple[PaymentAttempt, AttemptStatus | None]:
            return attempt(*args)[0], AttemptStatus(known) if known else None

        with patch.object(facts, "_attempt", believed):
            return apply(fact=fact, source=source, now=now)

    return [(facts, "apply", stale_apply)]


def _verdict(change: Callable[[Situation, Verdict], Verdict]) -> Callable[[Stage], list[Swap]]:
    decide = rules.verdict
    return lambda _stage: [(facts, "verdict", lambda s: change(s, decide(s)))]


def _failed_is_final(_stage: Stage) -> list[Swap]:
    merge = rules.merged

    def final(known: AttemptStatus | None, reported: AttemptStatus) -> AttemptStatus:
        return known if known is AttemptStatus.FAILED else merge(known, reported)

    return [(facts, "merged", final)]


def _late_capture_ignored(s: Situation, found: Verdict) -> Verdict:
    late = s.appointment == "failed" and s.attempt_after is AttemptStatus.CAPTURED
    return Verdict.IGNORE if late else found


def _second_capture_ignored(_s: Situation, found: Verdict) -> Verdict:
    return Verdict.IGNORE if found is Verdict.REFUND_EXTRA else found


def _every_capture_counts(s: Situation, found: Verdict) -> Verdict:
    """payment.captured and order.paid both say "paid": taken for two payments."""
    again = s.attempt_after is s.attempt_before is AttemptStatus.CAPTURED
    return rules.verdict(dataclasses.replace(s, attempt_before=None)) if again else found


def _amount_unchecked(_stage: Stage) -> list[Swap]:
    situation = facts._situation
    return [(facts, "_situation", lambda *args: dataclasses.replace(situation(*args), exact=True))]


def _trusting_return(_stage: Stage) -> list[Swap]:
    """The signed return is taken for captured money."""

    def trusted(bill: Payment, order_id: str, payment_id: str) -> PaymentFact:
        return PaymentFact(payment_id, order_id, AttemptStatus.CAPTURED, bill.amount_paise, bill.currency)

    return [(orders, "_signed_payment", trusted)]


def _stranger_trusted(_stage: Stage) -> list[Swap]:
    """The return's signature is not looked at."""
    return [(type(gateway()), "signed_return", lambda *_args, **_fields: True)]


def _order_overwritten(_stage: Stage) -> list[Swap]:
    def stored_over(payment: Payment, shown: Any, now: datetime) -> str:
        order_id = gateway().create_order(
            amount_paise=payment.amount_paise,
            currency=payment.currency,
            receipt=shown.reference,
            notes={"booking": shown.reference},
        )
        with write() as tx:
            tx.exec(
                update(Payment)
                .where(Payment.id == payment.id)  # type: ignore[arg-type]  # a condition, as sqlmodel has it
                .values(gateway_order_id=order_id, opened_at=now, next_check_at=now + queues.ORDERS.steps[0])
            )
        return order_id

    return [(orders, "_new_order", stored_over)]


def _nobody_asks(_stage: Stage) -> list[Swap]:
    return [(orders, "ask", lambda **_fields: True), (reconciliation, "compare", lambda **_fields: 0)]


def _id_alone(_stage: Stage) -> list[Swap]:
    """The key of an event is its id, which is not signed."""
    constant = SimpleNamespace(sha256=lambda _body: hashlib.sha256(b""))
    return [(webhook_inbox, "hashlib", constant)]


def _acknowledged_first(_stage: Stage) -> list[Swap]:
    """Answers 2xx and stores afterwards, from memory."""
    receive, memory = webhook_inbox.receive, list[dict[str, Any]]()

    def later(**fields: Any) -> bool:
        stored = [receive(**memory.pop(0)) for _ in range(len(memory))]
        memory.append(fields)
        return bool(stored)

    return [(webhook_inbox, "receive", later)]


def _no_second_try(queue: str) -> Callable[[Stage], list[Swap]]:
    endless = dataclasses.replace(getattr(queues, queue), lease=FOREVER)
    return lambda _stage: [(queues, queue, endless)]


def _new_key_each_try(_stage: Stage) -> list[Swap]:
    def asked(refund: Refund, _now: datetime) -> RefundFact:
        if refund.gateway_refund_id:
            return gateway().refund_by_id(refund.gateway_refund_id)
        key = f"{refund.idempotency_key}-{refund.attempts}"
        return gateway().refund(refund.gateway_payment_id, amount_paise=refund.amount_paise, key=key)

    return [(send, "_asked", asked)]


def _done_before_sent(_stage: Stage) -> list[Swap]:
    """Recorded as sent, then sent, and never again."""

    def sent(refund: Refund, now: datetime) -> None:
        with write() as tx:
            tx.get_one(Refund, refund.id).next_attempt_at = None
        try:
            send.settle(fact=send._asked(refund, now), now=now)
        except GatewayError:
            return

    return [(send, "_send", sent)]


def _failed_counts_as_sent(_stage: Stage) -> list[Swap]:
    settle = send.settle

    def glad(*, fact: RefundFact, now: datetime, source: Source = Source.REFUND) -> Outcome:
        cheerful = RefundStatus.PROCESSED if fact.status is RefundStatus.FAILED else fact.status
        return settle(fact=dataclasses.replace(fact, status=cheerful), now=now, source=source)

    return [(send, "settle", glad)]


def _accepted_counts_as_sent(_stage: Stage) -> list[Swap]:
    """Accepted refunds are never asked about again, and the comparison of the books skips refunds."""
    return [
        (send, "ASK_AGAIN", FOREVER),
        (dashboard_refunds, "ASK_AGAIN", FOREVER),
        (reconciliation, "_their_refunds", lambda *_args: []),
    ]


def _second_refund_for_the_asking(_stage: Stage) -> list[Swap]:
    """Every refund event is taken for a refund at the dashboard, so that our own are booked twice."""
    return [(send, "_matching", lambda *_args: None)]


def _mail_before_commit(_stage: Stage) -> list[Swap]:
    due = outbox.add_visit_message

    def at_once(
        tx: Session, *, appointment_id: int, kind: str, now: datetime, key: str = "", words: str = ""
    ) -> None:
        due(tx, appointment_id=appointment_id, kind=kind, now=now, key=key, words=words)
        unique = f"{appointment_id}:{kind}:{key}"
        with suppress(mail.MailError):
            mail.send(mail.Message(to="nobody@example.com", subject="", text="", html="", key=unique))

    return [(outbox, "add_visit_message", at_once)]


def _no_audit_row(_stage: Stage) -> list[Swap]:
    """A status changes without a trace."""
    note = audit.note

    def forgetful(tx: Session, appointment_id: int, action: Action, **fields: Any) -> AuditEntry:
        if action is Action.REFUND or fields.get("after") != "failed":
            return note(tx, appointment_id, action, **fields)
        subject = audit.booking(appointment_id)
        unstored = {"seq": 0, "at": fields["now"], "actor": fields["actor"], "previous_hash": "", "hash": ""}
        return AuditEntry(subject=subject, action=action, **unstored)

    return [(audit, "note", forgetful)]


def _second_mark(s: Situation, found: Verdict) -> Verdict:
    """Only a bill that still is "captured" knows the payment that it was marked by."""
    late = found is Verdict.ADOPT and s.payment is not PaymentStatus.CAPTURED
    return Verdict.REFUND_EXTRA if late else found


def _unnamed_mark(_s: Situation, found: Verdict) -> Verdict:
    return Verdict.REFUND_EXTRA if found is Verdict.DECIDE else found


def _situation(**changed: object) -> Callable[[Stage], list[Swap]]:
    seen = facts._situation
    return lambda _stage: [(facts, "_situation", lambda *args: dataclasses.replace(seen(*args), **changed))]  # type: ignore[arg-type]


def _nothing(owner: object, name: str) -> Callable[[Stage], list[Swap]]:
    return lambda _stage: [(owner, name, lambda *_args, **_fields: None)]


def _endless_hold(_stage: Stage) -> list[Swap]:
    return [(booking.Hand, "until", lambda _hand, _slot, now: now + timedelta(minutes=15))]


def _closed_day_for_late_money(_stage: Stage) -> list[Swap]:
    """Late money looks for another booking of the slot, and not whether the slot is still offered."""
    free = facts._slot_free_or_ours

    def offered(b: facts.BookingFact) -> bool:
        slot = SimpleNamespace(**{**b.slot.model_dump(), "withdrawn": False})
        return free(dataclasses.replace(b, slot=slot))  # type: ignore[arg-type]  # has all that is read

    return [(facts, "_slot_free_or_ours", offered)]


def _closed_day_offered(_stage: Stage) -> list[Swap]:
    """A time that was closed after the page was loaded can still be held."""

    def offering(tx: Session, slot: Slot, _now: datetime) -> Doctor:
        return tx.get_one(Doctor, slot.doctor_id)

    return [(booking, "offering_doctor", offering)]


def _captured_when_heard(_stage: Stage) -> list[Swap]:
    take = facts._take_the_money

    def heard(b: facts.BookingFact, *, keep: bool) -> None:
        take(b, keep=keep)
        b.payment.captured_at = b.now

    return [(facts, "_take_the_money", heard)]


def _refunded_when_heard(_stage: Stage) -> list[Swap]:
    return [(RefundFact, "made_at", lambda _fact, now: now)]


def _paid_out_again(_stage: Stage) -> list[Swap]:
    """What the desk gave back by hand goes back through Razorpay too, once the marked payment is told."""

    def again(tx: Session, payment: Payment, refund: Refund, *, actor: str, now: datetime) -> None:
        refund.gateway_payment_id = payment.gateway_payment_id or ""
        refund.status, refund.next_attempt_at = RefundStatus.PENDING, now
        tx.add(refund)

    return [(send, "redirect", again)]


def _dispute_in_nobodys_way(_stage: Stage) -> list[Swap]:
    """Refunds are sent while a bank may return the same money."""
    return [
        (dispute_holds, "standing_in_the_way", lambda *_args: None),
        (dispute_holds, "hold_unsent", lambda *_args, **_fields: None),
    ]


def _deduction_not_paid_out(_stage: Stage) -> list[Swap]:
    """The payouts count on money that a lost dispute took."""

    def nothing(span: Span) -> list[Any]:
        return [one.where(false()) for one in ledger._deducted(span)]

    return [(ledger, "_PARTS", {**ledger._PARTS, ledger.Figure.DEDUCTED: nothing})]


def _rest_is_kept(_stage: Stage) -> list[Swap]:
    """A lost dispute ends the refund that waited for it, also when it took a part only."""
    count = dispute_holds.count_deduction

    def all_covered(*args: Any, **fields: Any) -> list[tuple[Refund, int]]:
        count(*args, **fields)
        return []

    return [(dispute_holds, "count_deduction", all_covered)]


def _unasked_disputes(_stage: Stage) -> list[Swap]:
    return [(disputes, "compare", lambda **_fields: 0)]


def _dispute_backwards(_stage: Stage) -> list[Swap]:
    """The last word on a dispute counts, however old it is."""
    return [(disputes, "_is_news", lambda *_args: True)]


def _no_deduction(_stage: Stage) -> list[Swap]:
    return [(dispute_holds, "count_deduction", lambda *_args, **_fields: [])]


BUGS = {
    "slot-unchecked": Bug("occupancy check and unique index removed", _unchecked_slot, NO_INDEX),
    "slot-stale": Bug("slot lock and unique index removed: occupancy is a stale read", _stale_slot, NO_INDEX),
    "late-money-wins": Bug("late money confirms without looking at the slot", _late_money_wins),
    "blind-sweep": Bug("the sweep frees holds without looking again", _blind_sweep),
    "verdict-stale": Bug("booking lock removed: the verdict rests on a stale read", _stale_attempt),
    "failed-final": Bug("payment.failed is final", _failed_is_final),
    "late-ignored": Bug("captured after expiry is ignored", _verdict(_late_capture_ignored)),
    "second-ignored": Bug("a second capture is ignored", _verdict(_second_capture_ignored)),
    "captured-twice": Bug(
        "payment.captured and order.paid are counted as two", _verdict(_every_capture_counts)
    ),
    "amount-unchecked": Bug("the amount is not compared", _amount_unchecked),
    "return-trusted": Bug("confirmed on the signature alone", _trusting_return),
    "signature-unchecked": Bug("the return's signature is not checked", _stranger_trusted),
    "order-overwritten": Bug("the order id is stored without compare-and-set", _order_overwritten),
    "nobody-asks": Bug("quiet orders are never asked about, the books never compared", _nobody_asks),
    "id-alone": Bug("events are deduplicated by id only", _id_alone),
    "ack-first": Bug("webhooks are acknowledged before they are stored", _acknowledged_first),
    "webhook-lease": Bug("a webhook's lease never ends", _no_second_try("WEBHOOKS")),
    "refund-lease": Bug("a refund's lease never ends", _no_second_try("REFUNDS")),
    "mail-lease": Bug("a mail's lease never ends", _no_second_try("MAILS")),
    "new-key": Bug("each try of a refund has a new idempotency key", _new_key_each_try),
    "refund-once": Bug("a refund is tried once and then believed", _done_before_sent),
    "refund-failed-done": Bug("refund.failed is treated as done", _failed_counts_as_sent),
    "refund-unasked": Bug("accepted refunds are not asked about, nor compared", _accepted_counts_as_sent),
    "refund-unmatched": Bug("our own refunds are taken for the dashboard's", _second_refund_for_the_asking),
    "mail-early": Bug("mails are sent before the commit", _mail_before_commit),
    "no-trail": Bug("a failure leaves no audit row", _no_audit_row),
    "mark-second": Bug("a marked payment told after the refund is a second one", _verdict(_second_mark)),
    "mark-unnamed": Bug("a payment that meets a mark without its id is refunded", _verdict(_unnamed_mark)),
    "mark-false": Bug("a mark by another booking's payment is no case", _nothing(marked, "note_false_mark")),
    "paid-out-again": Bug("what was paid out by hand is sent again", _paid_out_again),
    "order-kept": Bug("an order that took another amount is offered again", _nothing(facts, "_retire_order")),
    "amount-silent": Bug("a payment of another amount is no case", _nothing(other_amounts, "note")),
    "returned-confirms": Bug("money that went back confirms", _situation(returned_in_full=False)),
    "given-up-confirms": Bug("late money confirms what was let go", _situation(given_up=False)),
    "unswept-confirms": Bug("a hold that is over lasts until it is swept", _situation(hold_over=False)),
    "near-confirms": Bug("late money confirms just before the visit", _situation(cancellable_in_full=True)),
    "fee-renewed": Bug("a hold is renewed at the old fee", _nothing(booking, "_refuse_another_fee")),
    "hold-endless": Bug("a hold outlives the start of its visit", _endless_hold),
    "closed-for-money": Bug("late money confirms on a day that was closed", _closed_day_for_late_money),
    "closed-held": Bug("a time of a closed day can be held", _closed_day_offered),
    "captured-when-heard": Bug("a capture counts from when it was heard", _captured_when_heard),
    "refunded-when-heard": Bug("a refund counts from when it was heard", _refunded_when_heard),
    "dispute-unheld": Bug("a refund is sent while a dispute stands", _dispute_in_nobodys_way),
    "dispute-unasked": Bug("disputes are known by messages alone", _unasked_disputes),
    "dispute-backwards": Bug("an old message reopens a dispute that is over", _dispute_backwards),
    "held-for-ever": Bug("a refund waits for a dispute that is over", _nothing(dispute_holds, "end_waits")),
    "deduction-uncounted": Bug("what a lost dispute took is not counted", _no_deduction),
    "deduction-unshown": Bug("the payouts do not show what a lost dispute took", _deduction_not_paid_out),
    "rest-kept": Bug("what a lost dispute did not take is not sent", _rest_is_kept),
}
