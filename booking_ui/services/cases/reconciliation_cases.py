"""Differences that need a person: opened once, each with its remedy, and closed by the desk with a note."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

import structlog
from sqlmodel import Session, col, select

from booking_ui.config.settings import settings
from booking_ui.db import locks
from booking_ui.db.inserts import insert_once
from booking_ui.db.models import Appointment, ReconciliationCase, pk
from booking_ui.db.session import read, write
from booking_ui.domain import actors
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.clock import instant_label, long_day_label
from booking_ui.domain.errors import BadInput, NotFound, WrongState
from booking_ui.domain.reason import reason_problems
from booking_ui.services.journal import audit, status_moves
from booking_ui.services.journal.audit import Action
from booking_ui.services.mail import outbox
from booking_ui.services.views import CaseView, Principal

log = structlog.get_logger()

Decision = Literal["cancel", "keep"]

CASES: dict[str, tuple[str, str]] = {
    "unknown_order": (
        "Money for an order we don't know",
        "Look the payment up at Razorpay. If it is not another shop's, refund it there; then close this case.",
    ),
    "amount_differs": (
        "Razorpay says another amount than we do",
        "Compare the payment at Razorpay with the booking. Refund the difference there, or mark the payment here.",
    ),
    "unreadable_payment": (
        "A payment at Razorpay that we can't read",
        "It may have been captured; we ask until we can read it. Look it up at Razorpay, and if it was, refund it there.",
    ),
    "refund_waits": (
        "A refund waits: Razorpay refuses it for now",
        "Most often the balance there is too small: add money to it. We try again for 5 days, then you settle the refund.",
    ),
    "unreadable_refund": (
        "A refund at Razorpay that we can't read",
        "The money may be back; we ask until we can read it. Look it up at Razorpay, and send it a second time to nobody.",
    ),
    "payment_missing": (
        "A payment of ours is not at Razorpay",
        "Check that keys and account are the right ones. If the money never came, mark the payment as failed.",
    ),
    "refund_missing": (
        "A refund of ours is not at Razorpay",
        "Look at the payment's refunds at Razorpay. If it was never made, refund it there and mark it here.",
    ),
    "refund_twice": (
        "Money that may have gone back twice",
        "Look at the payment's refunds at Razorpay. Was it paid beside what we count, ask Razorpay or the patient for it.",
    ),
    "refund_amount": (
        "A refund at Razorpay has another amount than ours",
        "Look it up at Razorpay. Too little: give the rest back by hand. Too much: ask the patient. Then close this case.",
    ),
    "refund_undone": (
        "A refund that is done here failed at Razorpay",
        "Look it up at Razorpay. If it failed there, the money is not back: give it back by hand, and note how, closing this.",
    ),
    "not_compared": (
        "An entry of Razorpay's books could not be compared",
        "Look it up at Razorpay and at its booking, and tell the engineer. It is tried again every day.",
    ),
    "unreadable_message": (
        "A message from Razorpay that we can't read",
        "Razorpay signed it, so its shape may be new. Bookings are asked about all the same: look at the webhooks, tell us.",
    ),
    "bad_signature": (
        "A message that Razorpay did not sign",
        "Nothing was believed. If webhooks stopped arriving, compare the secret at Razorpay with ours; else just close this.",
    ),
    "webhook_silence": (
        "Payments arrive, webhooks do not",
        "Bookings are still confirmed, because we ask. Check the webhook's address and secret in Razorpay's dashboard.",
    ),
    "refunded_visit": (
        "A visit was refunded in full at Razorpay and still stands",
        "Ask the patient. Cancel the visit, and its time is free for others; or keep it: the refund was a courtesy.",
    ),
    "settled_unknown": (
        "Razorpay paid out money we don't know",
        "Look the payment up at Razorpay. If it is not another shop's, compare the books, then close this case.",
    ),
    "settled_amount": (
        "Razorpay paid out for another amount than ours",
        "Compare the settlement with the payment at Razorpay, and write to Razorpay with both ids if they differ.",
    ),
    "settlement_late": (
        "Captured money was not paid out in time",
        "Look at the settlements at Razorpay: is the account on hold? Ask Razorpay; close this once the money has come.",
    ),
    "settled_twice": (
        "Razorpay settled a payment twice",
        "Write to Razorpay with both settlement ids: one of the two will be taken back.",
    ),
}

ACCOUNT = "account"  # the subject of a case about an entry of the account's list that has no id
SETTLEMENT_LATE = "settlement_late"  # its subject is a day: 2026-11-24
REFUNDED_VISIT, REFUND_WAITS, REFUND_MISSING = "refunded_visit", "refund_waits", "refund_missing"
REFUND_TWICE, REFUND_AMOUNT, REFUND_UNDONE = "refund_twice", "refund_amount", "refund_undone"


def open_case(*, kind: str, subject: str, detail: str, now: datetime) -> None:
    """Note a difference once; one that the desk closed stays closed, one that ended by itself opens again."""
    with write() as tx:
        note(tx, kind, subject, detail, now)


def note(tx: Session, kind: str, subject: str, detail: str, now: datetime) -> None:
    """The same in the caller's transaction."""
    fresh = {
        "kind": kind,
        "subject": subject,
        "detail": detail[:300],
        "opened_at": now,
        "seen_at": now,
        "closing_note": "",
    }
    if insert_once(tx, ReconciliationCase, fresh):
        log.error("reconciliation.case", kind=kind, subject=subject)
        return
    case = _known(tx, kind, subject)
    if case is None:  # closed long ago, and removed this very moment
        note(tx, kind, subject, detail, now)
        return
    case.seen_at, case.detail = now, detail[:300]
    if case.closed_at is not None and case.closed_by_id is None:
        case.closed_at, case.closing_note = None, ""
    tx.add(case)


def _known(tx: Session, kind: str, subject: str) -> ReconciliationCase | None:
    """The case of this kind about this subject, locked, open or closed."""
    same = select(ReconciliationCase).where(
        ReconciliationCase.kind == kind, ReconciliationCase.subject == subject
    )
    return tx.exec(same.with_for_update(), execution_options={"populate_existing": True}).first()


def opened_at(tx: Session, kind: str, subject: str) -> datetime | None:
    """When this case was first opened, also one that is closed."""
    case = select(ReconciliationCase.opened_at)
    return tx.exec(case.where(ReconciliationCase.kind == kind, ReconciliationCase.subject == subject)).first()


def any_open(tx: Session, *subjects: str) -> bool:
    """True if some case about one of these subjects is open, whatever its kind; nothing is locked."""
    about = select(ReconciliationCase.id).where(col(ReconciliationCase.subject).in_(subjects))
    return tx.exec(about.where(col(ReconciliationCase.closed_at).is_(None)).limit(1)).first() is not None


def waiting(tx: Session, kind: str) -> set[str]:
    """The subjects of the open cases of a kind."""
    found = select(ReconciliationCase.subject).where(ReconciliationCase.kind == kind)
    return set(tx.exec(found.where(col(ReconciliationCase.closed_at).is_(None))).all())


def end(tx: Session, kind: str, subject: str, why: str, now: datetime) -> None:
    """What a case was about has mended itself: close it, and say so. Nothing happens when none is open."""
    case = _known(tx, kind, subject)
    if case is not None and case.closed_at is None:
        _closed(tx, case, None, actors.WORKER, why, now)


def open_cases() -> list[CaseView]:
    """The cases that wait for somebody, oldest first."""
    with read() as tx:
        rows = tx.exec(
            select(ReconciliationCase)
            .where(col(ReconciliationCase.closed_at).is_(None))
            .order_by(col(ReconciliationCase.opened_at), col(ReconciliationCase.id))
        ).all()
    zone = settings().zone
    return [
        CaseView(
            pk(c),
            CASES[c.kind][0],
            c.detail,
            CASES[c.kind][1],
            instant_label(c.opened_at, zone),
            subject_words(c.kind, c.subject),
            about_visit=c.kind == REFUNDED_VISIT,
        )
        for c in rows
    ]


def subject_words(kind: str, subject: str) -> str:
    """What a case is about, as people read it."""
    if kind == SETTLEMENT_LATE:
        return long_day_label(date.fromisoformat(subject))
    return "the account's list" if subject == ACCOUNT else subject


def close(*, admin: Principal, case_id: int, note: str, now: datetime) -> None:
    """The desk has dealt with a case; the note says how. Closing twice changes nothing.

    Raises NotFound, BadInput, and WrongState for a visit that has to be decided on.
    """
    _check_note(note)
    with write() as tx:
        case = _locked(tx, case_id)
        if case.closed_at is not None:
            return
        if case.kind == REFUNDED_VISIT:
            raise WrongState("Choose whether to cancel the visit or to keep it.")
        _close(tx, case, admin, note.strip(), now)


def decide(*, admin: Principal, case_id: int, decision: Decision, note: str, now: datetime) -> None:
    """Cancel a visit whose money went back, or keep it and call the refund a courtesy. Deciding twice changes nothing.

    A visit that does not stand any more, or was removed, is only closed. Raises NotFound, BadInput, WrongState (it has
    begun).
    """
    _check_note(note)
    with read() as tx:
        known = tx.get(ReconciliationCase, case_id)
    if known is None or known.kind != REFUNDED_VISIT:
        raise NotFound
    with write() as tx:
        # The booking's locks come before the case's, as in whatever opens one.
        found = tx.exec(select(Appointment.id).where(Appointment.reference == known.subject)).first()
        visit = locks.booking(tx, found)[1] if found else None
        case = _locked(tx, case_id)
        if case.closed_at is not None:
            return
        if decision == "cancel" and visit and visit.status is AppointmentStatus.CONFIRMED:
            _cancel(tx, visit, admin, note.strip(), now)
        _close(tx, case, admin, f"{decision}: {note.strip()}", now)


def _cancel(tx: Session, visit: Appointment, admin: Principal, why: str, now: datetime) -> None:
    """Nothing is refunded: all of it went back already."""
    if visit.starts_at <= now:
        raise WrongState("This visit has already begun: keep it, and conclude it when it is over.")
    actor = actors.signed_in(admin)
    status_moves.move_appointment(tx, visit, AppointmentStatus.CANCELLED, actor=actor, reason=why, now=now)
    outbox.add_visit_mail(tx, appointment_id=pk(visit), kind="cancelled", now=now)


def trail_subject(case_id: int) -> str:
    """What a case's chain of audit rows is about."""
    return f"case:{case_id}"


def _check_note(note: str) -> None:
    if wrong := reason_problems(note, field="note", request="Say what was done"):
        raise BadInput(*wrong)


def _locked(tx: Session, case_id: int) -> ReconciliationCase:
    case = tx.get(ReconciliationCase, case_id, with_for_update=True, populate_existing=True)
    if case is None:
        raise NotFound
    return case


def _close(tx: Session, case: ReconciliationCase, admin: Principal, note: str, now: datetime) -> None:
    _closed(tx, case, admin.person_id, actors.signed_in(admin), note, now)


def _closed(
    tx: Session, case: ReconciliationCase, person_id: int | None, actor: str, note: str, now: datetime
) -> None:
    case.closed_at, case.closed_by_id, case.closing_note = now, person_id, note[:300]
    tx.add(case)
    audit.record(
        tx,
        trail_subject(pk(case)),
        Action.CASE,
        actor=actor,
        before="open",
        after="closed",
        reason=note,
        now=now,
    )
