"""A booking's timeline for the desk: its audit rows, Razorpay's messages and the attempts to pay, oldest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import defer
from sqlmodel import Session, col, select

from booking_ui.config.settings import settings
from booking_ui.db.models import (
    AuditEntry,
    DeliveryStatus,
    Dispute,
    PaymentAttempt,
    Person,
    Refund,
    WebhookEvent,
    pk,
)
from booking_ui.domain import actors, remarks
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.causes import Cause
from booking_ui.domain.clock import instant_label
from booking_ui.domain.dispute import UNDECIDED, DisputeStatus
from booking_ui.domain.money import method_label, rupees
from booking_ui.domain.payment import AttemptStatus, PaymentStatus, RefundStatus, Source
from booking_ui.domain.people.person import shown_name
from booking_ui.domain.remark_codes import RemarkCode
from booking_ui.languages import N_, _
from booking_ui.services.desk import audit_words, webhook_words
from booking_ui.services.journal.audit import Action
from booking_ui.services.payments import webhook_inbox
from booking_ui.services.views import TimelineEntry
from booking_ui.services.views.desk import AttemptView, DisputeView, RefundView
from booking_ui.services.visits import patient_timeline

GOOD, WAITING, BAD, PLAIN = "good", "waiting", "bad", "plain"
PAID_AFTER_ALL = N_("Razorpay paid it after all")

_CHANGES: dict[tuple[str, str], tuple[str, str]] = {
    (Action.APPOINTMENT, AppointmentStatus.PENDING_PAYMENT): (
        RemarkCode.VISIT_PENDING_PAYMENT.words,
        WAITING,
    ),
    (Action.APPOINTMENT, AppointmentStatus.CONFIRMED): (RemarkCode.VISIT_CONFIRMED.words, GOOD),
    (Action.APPOINTMENT, AppointmentStatus.COMPLETED): (RemarkCode.VISIT_COMPLETED.words, GOOD),
    (Action.APPOINTMENT, AppointmentStatus.NO_SHOW): (RemarkCode.VISIT_NO_SHOW.words, BAD),
    (Action.APPOINTMENT, AppointmentStatus.CANCELLED): (RemarkCode.VISIT_CANCELLED.words, PLAIN),
    (Action.APPOINTMENT, AppointmentStatus.FAILED): (
        RemarkCode.VISIT_FAILED.words,
        BAD,
    ),
    (Action.LET_GO, ""): (N_("the patient let the time go"), PLAIN),
    (Action.PAYMENT, PaymentStatus.PENDING): (RemarkCode.MONEY_PENDING.words, WAITING),
    (Action.PAYMENT, PaymentStatus.AUTHORIZED): (
        RemarkCode.MONEY_AUTHORIZED.words,
        WAITING,
    ),
    (Action.PAYMENT, PaymentStatus.CAPTURED): (RemarkCode.MONEY_CAPTURED.words, GOOD),
    (Action.PAYMENT, PaymentStatus.FAILED): (RemarkCode.MONEY_FAILED.words, BAD),
    (Action.PAYMENT, PaymentStatus.REFUND_PENDING): (RemarkCode.MONEY_REFUND_PENDING.words, WAITING),
    (Action.PAYMENT, PaymentStatus.PARTIALLY_REFUNDED): (RemarkCode.MONEY_PARTIALLY_REFUNDED.words, GOOD),
    (Action.PAYMENT, PaymentStatus.REFUNDED): (RemarkCode.MONEY_REFUNDED.words, GOOD),
    (Action.REFUND, RefundStatus.PENDING): (N_("a refund is promised"), WAITING),
    (Action.REFUND, RefundStatus.PROCESSED): (N_("the refund was paid"), GOOD),
    (Action.REFUND, RefundStatus.FAILED): (N_("the refund failed"), BAD),
    (Action.REFUND_AT_RAZORPAY, RefundStatus.PENDING): (N_("Razorpay has the refund"), WAITING),
    (Action.REFUND_AT_RAZORPAY, RefundStatus.PROCESSED): (N_("Razorpay has the refund"), PLAIN),
    (Action.REFUND_AT_RAZORPAY, RefundStatus.FAILED): (N_("Razorpay has the refund"), PLAIN),
    (Action.SETTLED, "again"): (N_("a refund that failed is sent again"), WAITING),
    (Action.SETTLED, "all_the_same"): (N_("a refund is sent although the bank has not decided"), WAITING),
    (Action.DISPUTE, DisputeStatus.OPEN): (N_("the patient's bank disputes the payment"), BAD),
    (Action.DISPUTE, DisputeStatus.UNDER_REVIEW): (
        N_("the bank looks at our answer to its dispute"),
        WAITING,
    ),
    (Action.DISPUTE, DisputeStatus.WON): (N_("the dispute was won"), GOOD),
    (Action.DISPUTE, DisputeStatus.LOST): (N_("the dispute was lost"), BAD),
    (Action.DISPUTE, DisputeStatus.CLOSED): (N_("the dispute was closed"), PLAIN),
    (Action.REFUND_WAIT, "held"): (N_("the refund waits for the end of the dispute"), WAITING),
    (Action.REFUND_WAIT, "released"): (N_("the refund waits no longer and is sent"), WAITING),
    (Action.SETTLED, "by_hand"): (N_("a refund that failed was given back by hand"), GOOD),
    (Action.LINKS_ENDED, ""): (N_("the links to the visit in our messages were ended"), PLAIN),
    (Action.ADOPTED, ""): (N_("the payment that the desk had marked is known to Razorpay"), GOOD),
    (Action.ALARM, ""): (N_("a person should look"), BAD),
    (Action.ASKED, ""): (N_("Razorpay was asked"), PLAIN),
    (Action.SIGNATURE, "refused"): (N_("a message with a wrong signature was refused"), BAD),
    (Action.DOCTOR_ADDED, ""): (N_("the doctor was added"), GOOD),
    (Action.PASSWORD_SET, ""): (N_("a password was set at the terminal"), PLAIN),
    (Action.SENT_AGAIN, ""): (N_("a mail is sent again"), PLAIN),
    (Action.REPLAY, ""): (N_("a stored message was applied again"), PLAIN),
}

# Their words only repeat the change that they stand beside.
_SAID_ALREADY = frozenset(
    {
        Cause.SLOT_CLAIMED,
        Cause.CAPTURED,
        Cause.PAID,
        Cause.CANCELLED,
        Cause.CONCLUDED,
        Cause.PAYMENT_FAILED,
    }
)

_ATTEMPTS: dict[AttemptStatus, tuple[str, str]] = {
    AttemptStatus.CREATED: (N_("{payment}, {amount}, was begun."), PLAIN),
    AttemptStatus.FAILED: (N_("{payment}, {amount}, failed."), BAD),
    AttemptStatus.AUTHORIZED: (N_("{payment}, {amount}, is authorized, not captured yet."), WAITING),
    AttemptStatus.CAPTURED: (N_("{payment}, {amount}, is captured."), GOOD),
    AttemptStatus.REFUNDED: (N_("{payment}, {amount}, is refunded."), PLAIN),
}

_MESSAGES: dict[DeliveryStatus, tuple[str, str, str]] = {
    DeliveryStatus.WAITING: (
        N_("Razorpay's message {event} waits to be applied."),
        N_("Razorpay's message {event} waits to be applied: {outcome}."),
        WAITING,
    ),
    DeliveryStatus.DONE: (
        N_("Razorpay's message {event} was applied."),
        N_("Razorpay's message {event} was applied: {outcome}."),
        PLAIN,
    ),
    DeliveryStatus.IGNORED: (
        N_("Razorpay's message {event} changed nothing."),
        N_("Razorpay's message {event} changed nothing: {outcome}."),
        PLAIN,
    ),
    DeliveryStatus.PARKED: (
        N_("Razorpay's message {event} could not be applied and waits for a person."),
        N_("Razorpay's message {event} could not be applied and waits for a person: {outcome}."),
        BAD,
    ),
}
"""Of each status the sentence without an outcome, the one with it, and the tone."""


_SOURCES: dict[str, str] = {
    Source.WEBHOOK: N_("by webhook"),
    Source.RETURN: N_("when the patient came back"),
    Source.QUESTION: N_("when we asked"),
    Source.CAPTURE: N_("when we captured it"),
    Source.REFUND: N_("when we refunded"),
    Source.COMPARISON: N_("in the daily comparison"),
    Source.PREVIEW: N_("in a preview"),
}

_NOBODY_BY_NAME = {
    "system": N_("The clinic's system"),
    actors.WORKER: N_("The clinic's system"),
    actors.ANONYMOUS: N_("A stranger"),
}


_MESSAGE, _ATTEMPT, _CHANGE, _TOO_LATE = range(4)


@dataclass(frozen=True, order=True)
class _Line:
    """Sorted by second, then cause before effect: message, attempt, audit row, message that came too late to change
    anything; then by number."""

    at: datetime
    kind: int
    number: int
    text: str
    tone: str


def lines(
    tx: Session,
    *,
    trail: Iterable[AuditEntry],
    attempts: Iterable[PaymentAttempt],
    refunds: Sequence[Refund],
    order_id: str,
    zone: ZoneInfo,
) -> list[TimelineEntry]:
    """Everything that happened to one booking in plain sentences, oldest first; two queries."""
    rows = list(trail)
    found = [
        *_of_messages(tx, order_id),
        *_of_attempts(attempts, refunds),
        *_of_trail(rows, person_names(tx, rows)),
    ]
    return [TimelineEntry(instant_label(line.at, zone), line.text, line.tone) for line in sorted(found)]


def by_way_of(source: str) -> str:
    """The source of a fact in words; one without words stands as it is."""
    return _(_SOURCES[source]) if source in _SOURCES else source


def _of_trail(rows: Iterable[AuditEntry], names: dict[str, str]) -> Iterator[_Line]:
    for row in rows:
        if row.action == Action.PAYMENT and not row.before:
            continue  # the bill is written with the hold: one line is enough
        what, tone = change_words(row)
        yield _Line(row.at, _CHANGE, row.seq, f"{actor_name(row.actor, names)}: {what}", tone)


def change_words(row: AuditEntry) -> tuple[str, str]:
    """A row of the trail in a sentence or two without its subject, and its tone."""
    if words := _move_words(row):
        return ended(words), PLAIN
    said, tone = _CHANGES.get((row.action, row.after), ("", PLAIN))
    what = _(said) if said else audit_words.words(row)
    because = f" {_sentence(reason_words(row))}" if row.reason and row.cause not in _SAID_ALREADY else ""
    return f"{ended(what)}{because}", tone


def reason_words(row: AuditEntry) -> str:
    """The reason of a row: a cause or a remark in the language that is spoken, a person's words as they wrote them."""
    return _(row.cause.words) if row.cause else remarks.shown(row.reason)


def ended(clause: str) -> str:
    """The clause with a full stop, which is another sign in some languages."""
    return _("{sentence}.", sentence=clause)


def _move_words(row: AuditEntry) -> str:
    """A change of time, person or what is kept in words; empty for any other."""
    if row.action == Action.MOVED:
        words = patient_timeline.moved_words(row)
        return words[:1].lower() + words[1:]
    if row.action == Action.RETAINED:
        return _("the clinic keeps {amount} of the fee", amount=rupees(int(row.after)))
    if row.action == Action.FOR_WHOM:
        if row.after == "patient":
            return _("the visit is the patient's own")
        return _("the visit is for a dependent")
    if row.action == Action.BOOKED_FOR:
        return _("booked by the desk for the patient")
    return ""


def _of_attempts(attempts: Iterable[PaymentAttempt], refunds: Sequence[Refund]) -> Iterator[_Line]:
    for one in attempts:
        what, tone = _ATTEMPTS[status_by_money(one, refunds)]
        how = method_label(one.method, one.detail)
        paid = rupees(one.amount_paise)
        amount = _("{amount} by {method}", amount=paid, method=how) if how else paid
        because = f" {_sentence(failure(one))}" if failure(one) else ""
        text = _(what, payment=one.gateway_payment_id, amount=amount) + because
        yield _Line(one.updated_at.replace(microsecond=0), _ATTEMPT, pk(one), text, tone)


def _of_messages(tx: Session, order_id: str) -> Iterator[_Line]:
    if not order_id:
        return
    # Without the raw body, which is large.
    bare = defer(WebhookEvent.body)  # type: ignore[arg-type]  # a column, whatever sqlmodel's stubs say
    for one in tx.exec(select(WebhookEvent).options(bare).where(WebhookEvent.order_id == order_id)):
        alone, with_outcome, tone = _MESSAGES[one.status]
        outcome = webhook_words.in_timeline(*webhook_inbox.outcomes(one))
        text = _(with_outcome if outcome else alone, event=one.event, outcome=outcome)
        place = _TOO_LATE if one.status is DeliveryStatus.IGNORED else _MESSAGE
        yield _Line(one.received_at.replace(microsecond=0), place, pk(one), text, tone)


def status_by_money(one: PaymentAttempt, refunds: Sequence[Refund]) -> AttemptStatus:
    """The attempt's status by its money: refunded only once all of it went back.

    Razorpay calls a payment refunded when its refunds are made, and an attempt never moves back when they fail. A
    refunded attempt without a refund was never captured: its authorization lapsed.
    """
    made = [each for each in refunds if each.gateway_payment_id == one.gateway_payment_id]
    waits = one.status is AttemptStatus.REFUNDED and made and _went_back(one, refunds) < one.amount_paise
    return AttemptStatus.CAPTURED if waits else one.status


def _went_back(one: PaymentAttempt, refunds: Iterable[Refund]) -> int:
    return sum(
        each.amount_paise
        for each in refunds
        if each.gateway_payment_id == one.gateway_payment_id and each.status is RefundStatus.PROCESSED
    )


def attempt_view(one: PaymentAttempt, refunds: Sequence[Refund]) -> AttemptView:
    """One attempt to pay; `refunds` are the booking's."""
    back = _went_back(one, refunds)
    return AttemptView(
        gateway_payment_id=one.gateway_payment_id,
        status=status_by_money(one, refunds),
        amount_label=rupees(one.amount_paise),
        method_label=method_label(one.method, one.detail),
        failure=failure(one),
        heard_label=f"{instant_label(one.updated_at, settings().zone)}, {by_way_of(one.source)}",
        back_label=_("{amount} of it went back.", amount=rupees(back)) if 0 < back < one.amount_paise else "",
    )


def refund_view(one: Refund) -> RefundView:
    return RefundView(
        amount_label=rupees(one.amount_paise),
        status=one.status,
        gateway_refund_id=one.gateway_refund_id or "",
        reason=_(one.reason),
        at_label=instant_label(_at(one), settings().zone),
        problem=_problem(one),
        id=pk(one),
        waits=one.status is RefundStatus.PENDING and one.dispute_id is not None,
        can_settle=one.status is RefundStatus.FAILED and not (one.replaced_by_id or one.dispute_id),
    )


def _at(one: Refund) -> datetime:
    """The instant at which the money left the clinic, once it has; else of the last change."""
    gone = one.refunded_at if one.status is RefundStatus.PROCESSED else None
    return gone or one.updated_at


def _problem(one: Refund) -> str:
    if one.dispute_id is not None:
        waits = one.status is RefundStatus.PENDING
        return (
            _("It waits for the end of the dispute")
            if waits
            else _("A lost dispute gave the money back instead")
        )
    return _(PAID_AFTER_ALL) if one.paid_after_all else remarks.shown(one.last_error)


def dispute_view(one: Dispute) -> DisputeView:
    zone = settings().zone
    until = one.respond_by if one.status in UNDECIDED else None
    return DisputeView(
        gateway_dispute_id=one.gateway_dispute_id,
        status=one.status,
        amount_label=rupees(one.amount_paise),
        phase=one.phase.replace("_", " "),
        reason=one.reason_code.replace("_", " "),
        respond_label=_("Answer by {time}", time=instant_label(until, zone)) if until else "",
        deducted_label=_deduction(one),
    )


def _deduction(one: Dispute) -> str:
    over = one.status in (DisputeStatus.WON, DisputeStatus.CLOSED)  # what was taken early is back by then
    if over or not one.deducted_paise:
        return ""
    sum_label = rupees(one.deducted_paise)
    return (
        _("Razorpay holds {amount} until it is decided", amount=sum_label)
        if one.status in UNDECIDED
        else _("Razorpay took {amount}", amount=sum_label)
    )


def failure(attempt: PaymentAttempt) -> str:
    """The reason of a failed attempt in the words of the bank or of Razorpay; empty for any other."""
    return attempt.error_description or attempt.error_reason or attempt.error_code


def person_names(tx: Session, rows: Iterable[AuditEntry]) -> dict[str, str]:
    """ "7" → the name, for every person who is an actor or the subject of the rows."""
    people = {
        one
        for row in rows
        for one in (row.actor, row.subject)
        if one is row.actor or one.startswith("person:")
    }
    numbers = {int(tail) for one in people for tail in [one.rpartition(":")[2]] if tail.isdecimal()}
    found = tx.exec(select(Person.id, Person.name, Person.erased_at).where(col(Person.id).in_(numbers)))
    return {str(number): shown_name(name, erased=erased is not None) for number, name, erased in found}


def actor_name(actor: str, names: dict[str, str]) -> str:
    """The actor as people read it."""
    kind, tail = actors.split(actor)
    if kind == "razorpay":
        return _("Razorpay, {way}", way=by_way_of(tail)) if tail else "Razorpay"
    if tail.isdecimal():
        return names.get(tail, actor)
    return _(_NOBODY_BY_NAME[kind]) if kind in _NOBODY_BY_NAME else actor


def _sentence(words: str) -> str:
    """The words begun with a capital and ended with a stop."""
    said = words[:1].upper() + words[1:]
    return said if words.endswith((".", "!", "?", "।")) else ended(said)
