"""Differences that need a person: opened once, each with its remedy, and closed by the desk with a note."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Literal

import structlog
from sqlmodel import Session, col, func, select

from booking_ui.config.settings import settings
from booking_ui.db import locks
from booking_ui.db.inserts import insert_once
from booking_ui.db.models import Appointment, ReconciliationCase, pk
from booking_ui.db.session import read, write
from booking_ui.domain import actors, remarks
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.clock import instant_label, long_day_label
from booking_ui.domain.errors import BadInput, NotFound, WrongState
from booking_ui.domain.reason import reason_problems
from booking_ui.domain.remark_codes import RemarkCode
from booking_ui.domain.remarks import Remark
from booking_ui.languages import N_, _
from booking_ui.services.journal import audit, status_moves
from booking_ui.services.journal.audit import Action
from booking_ui.services.mail import outbox
from booking_ui.services.views import Principal
from booking_ui.services.views.desk import CaseView

log = structlog.get_logger()

SINCE = "since "  # a subject begins with it; the minute follows
DETAIL_LETTERS = 300  # of the columns

Decision = Literal["cancel", "keep"]


class CaseKind(StrEnum):
    """The kinds of difference. Each comment says what the subject of such a case is."""

    UNKNOWN_ORDER = "unknown_order"  # pay_…
    AMOUNT_DIFFERS = "amount_differs"  # pay_…
    OTHER_AMOUNT = "other_amount"  # pay_…
    EVERY_AMOUNT_DIFFERS = "every_amount_differs"  # pay_… of the last one
    MARKED_AND_PAID = "marked_and_paid"  # pay_…
    MARKED_ELSEWHERE = "marked_elsewhere"  # pay_…
    MARKED_UNPAID = "marked_unpaid"  # pay_…
    PAYMENT_MISSING = "payment_missing"  # pay_…
    UNREADABLE_PAYMENT = "unreadable_payment"  # pay_…, order_… or ACCOUNT
    UNREADABLE_REFUND = "unreadable_refund"  # rfnd_…, pay_… or ACCOUNT
    UNREADABLE_MESSAGE = "unreadable_message"  # the event's name and the day
    REFUND_WAITS = "refund_waits"  # our idempotency key
    REFUND_MISSING = "refund_missing"  # rfnd_…
    REFUND_TWICE = "refund_twice"  # rfnd_…
    REFUND_AMOUNT = "refund_amount"  # rfnd_…
    REFUND_UNDONE = "refund_undone"  # rfnd_…
    REFUNDED_VISIT = "refunded_visit"  # the booking's reference
    DOCTOR_AWAY = "doctor_away"  # the booking's reference
    DISPUTED = "disputed"  # disp_…
    DISPUTE_LOST = "dispute_lost"  # disp_…
    BOOKS_DIFFER = "books_differ"  # pay_…, rfnd_… or disp_…
    NOT_COMPARED = "not_compared"  # pay_… or rfnd_…
    SETTLED_UNKNOWN = "settled_unknown"  # pay_… or rfnd_…
    SETTLED_AMOUNT = "settled_amount"  # pay_…
    SETTLED_TWICE = "settled_twice"  # pay_…
    SETTLEMENT_LATE = "settlement_late"  # the day: 2026-11-24
    BAD_SIGNATURE = "bad_signature"  # the last webhook that was signed
    WEBHOOK_SILENCE = "webhook_silence"  # the minute
    HOLDS_UNPAID = "holds_unpaid"  # the minute
    MAIL_PARKED = "mail_parked"  # mail:17
    ALERT_PARKED = "alert_parked"  # mail:17, one to ALERT_EMAIL


DISPUTES_AT = "https://dashboard.razorpay.com/app/disputes"
"""The page of Razorpay's dashboard where the clinic answers disputes."""

ACCOUNT = "account"
"""The subject of a case about an entry of the account's whole list that has no id."""

TITLES = {
    CaseKind.UNKNOWN_ORDER: N_("Money for an order we don't know"),
    CaseKind.AMOUNT_DIFFERS: N_("A payment's amount differs from Razorpay's"),
    CaseKind.OTHER_AMOUNT: N_("A payment of another amount than the fee went back"),
    CaseKind.EVERY_AMOUNT_DIFFERS: N_("Payments keep coming with another amount than the fee"),
    CaseKind.MARKED_AND_PAID: N_("A booking marked as paid was paid at Razorpay too"),
    CaseKind.MARKED_ELSEWHERE: N_("A booking was marked as paid by another booking's payment"),
    CaseKind.MARKED_UNPAID: N_("A booking was marked as paid by a payment that brought no money"),
    CaseKind.PAYMENT_MISSING: N_("A payment of ours is not at Razorpay"),
    CaseKind.UNREADABLE_PAYMENT: N_("A payment at Razorpay that we can't read"),
    CaseKind.UNREADABLE_REFUND: N_("A refund at Razorpay that we can't read"),
    CaseKind.UNREADABLE_MESSAGE: N_("A message from Razorpay that we can't read"),
    CaseKind.REFUND_WAITS: N_("A refund waits: Razorpay refuses it for now"),
    CaseKind.REFUND_MISSING: N_("A refund of ours is not at Razorpay"),
    CaseKind.REFUND_TWICE: N_("Money that may have gone back twice"),
    CaseKind.REFUND_AMOUNT: N_("A refund's amount differs from Razorpay's"),
    CaseKind.REFUND_UNDONE: N_("A refund that is done here failed at Razorpay"),
    CaseKind.REFUNDED_VISIT: N_("A visit was refunded in full at Razorpay and still stands"),
    CaseKind.DOCTOR_AWAY: N_("A visit stands at a time when its doctor is away"),
    CaseKind.DISPUTED: N_("A patient's bank disputes a payment"),
    CaseKind.DISPUTE_LOST: N_("A dispute was lost"),
    CaseKind.BOOKS_DIFFER: N_("Razorpay's books and ours tell of other money"),
    CaseKind.NOT_COMPARED: N_("An entry of Razorpay's books could not be compared"),
    CaseKind.SETTLED_UNKNOWN: N_("Razorpay paid out money we don't know"),
    CaseKind.SETTLED_AMOUNT: N_("Razorpay paid out another amount than ours"),
    CaseKind.SETTLED_TWICE: N_("Razorpay settled a payment twice"),
    CaseKind.SETTLEMENT_LATE: N_("Captured money was not paid out in time"),
    CaseKind.BAD_SIGNATURE: N_("A message that Razorpay did not sign"),
    CaseKind.WEBHOOK_SILENCE: N_("Payments arrive, webhooks do not"),
    CaseKind.HOLDS_UNPAID: N_("Many times are held, and hardly anybody tries to pay"),
    CaseKind.MAIL_PARKED: N_("A message could not be sent"),
    CaseKind.ALERT_PARKED: N_("The mail about open cases could not be sent"),
}

REMEDIES = {
    CaseKind.UNKNOWN_ORDER: N_(
        "Look the payment up at Razorpay. If it is not another shop's, refund it there; then close this case."
    ),
    CaseKind.AMOUNT_DIFFERS: N_(
        "Compare the payment at Razorpay with the booking. Refund the difference there, or mark the payment here."
    ),
    CaseKind.OTHER_AMOUNT: N_(
        "The patient can pay again, with a new order. If they paid what the page asked for, look at the account's fee bearer and offers."
    ),
    CaseKind.EVERY_AMOUNT_DIFFERS: N_(
        "In Razorpay's dashboard set Account & Settings › Fee bearer to the business, and switch offers off: no visit can be paid until then."
    ),
    CaseKind.MARKED_AND_PAID: N_(
        "Ask the patient and look at Razorpay. Is it the payment that you marked, or did they pay a second time?"
    ),
    CaseKind.MARKED_ELSEWHERE: N_(
        "The marked booking has no money of its own: ask its patient how they paid. If they did not, cancel the visit with nothing back."
    ),
    CaseKind.MARKED_UNPAID: N_(
        "Perhaps the id was mistyped: look at Razorpay, and ask the patient how they paid. If they did not, cancel the visit with nothing back."
    ),
    CaseKind.PAYMENT_MISSING: N_(
        "Check that the keys belong to the right account. If the money never came, cancel the visit with nothing back."
    ),
    CaseKind.UNREADABLE_PAYMENT: N_(
        "It may have been captured; we ask until we can read it. Look it up at Razorpay. If it was captured, refund it there."
    ),
    CaseKind.UNREADABLE_REFUND: N_(
        "The money may be back; we ask until we can read it. Look it up at Razorpay. Do not send it again."
    ),
    CaseKind.UNREADABLE_MESSAGE: N_(
        "Razorpay signed it, so its shape may be new. No booking is lost, because we also ask. Look at the webhooks and tell us."
    ),
    CaseKind.REFUND_WAITS: N_(
        "Most often the balance at Razorpay is too small: add money to it. We try again for 5 days; then settle the refund."
    ),
    CaseKind.REFUND_MISSING: N_(
        "Look at the payment's refunds at Razorpay. If this one was never made, refund the payment there and mark it here."
    ),
    CaseKind.REFUND_TWICE: N_(
        "Look at the payment's refunds at Razorpay. If it was paid twice, ask Razorpay or the patient to return the second amount."
    ),
    CaseKind.REFUND_AMOUNT: N_(
        "Look it up at Razorpay. If it was too little, give the rest back by hand; if it was too much, ask the patient. Then close this case."
    ),
    CaseKind.REFUND_UNDONE: N_(
        "Look it up at Razorpay. If it failed there, give the money back by hand, and say how when you close this case."
    ),
    CaseKind.REFUNDED_VISIT: N_(
        "Ask the patient. If you cancel the visit, its time is free for others; if you keep it, the refund was a courtesy."
    ),
    CaseKind.DOCTOR_AWAY: N_(
        "Call the patient, then move the visit or cancel it. They get no reminder meanwhile. This closes by itself."
    ),
    CaseKind.DISPUTED: N_(
        "Answer in time at {page}, with proof of the visit. No refund of it is sent by itself meanwhile."
    ),
    CaseKind.DISPUTE_LOST: N_(
        "What Razorpay took counts as given back. If the visit is still ahead, decide about it. See {page}."
    ),
    CaseKind.BOOKS_DIFFER: N_(
        "Look it up at Razorpay and at its booking. If Razorpay is right, refund or mark here; say what you found when you close this."
    ),
    CaseKind.NOT_COMPARED: N_(
        "Look it up at Razorpay and at its booking, and tell the engineer. We try again every day."
    ),
    CaseKind.SETTLED_UNKNOWN: N_(
        "Look the payment up at Razorpay. If it is not another shop's, compare the books; then close this case."
    ),
    CaseKind.SETTLED_AMOUNT: N_(
        "Compare the settlement with the payment at Razorpay. If they differ, write to Razorpay with both ids."
    ),
    CaseKind.SETTLED_TWICE: N_(
        "Write to Razorpay with both settlement ids: one of the two will be taken back."
    ),
    CaseKind.SETTLEMENT_LATE: N_(
        "Look at the settlements at Razorpay. If the account is on hold, ask Razorpay. Close this case once the money has come."
    ),
    CaseKind.BAD_SIGNATURE: N_(
        "It changed nothing. If webhooks have stopped arriving, compare the secret at Razorpay with ours; if not, close this case."
    ),
    CaseKind.WEBHOOK_SILENCE: N_(
        "Bookings are still confirmed, because we ask. Check the webhook's address and secret in Razorpay's dashboard."
    ),
    CaseKind.HOLDS_UNPAID: N_(
        "If payments can't be made, mend that. If somebody holds times to block them, let the engineer lower RATE_LIMIT_HOLDS. This closes by itself."
    ),
    CaseKind.MAIL_PARKED: N_(
        "Tell the person by phone. If the address or number is right, mend what the mail server or provider complains of (MAIL_FROM, SMTP_URL, SMS_URL, WHATSAPP_URL) and send it again in Messages."
    ),
    CaseKind.ALERT_PARKED: N_(
        "Check ALERT_EMAIL and the mail server. Until it works, cases are only shown here."
    ),
}


DECISIONS: dict[CaseKind, str] = {CaseKind.REFUNDED_VISIT: "visit", CaseKind.MARKED_AND_PAID: "payment"}
"""Kinds of case that end by one of two choices, and what the choice is about."""


def open_case(*, kind: CaseKind, subject: str, detail: Remark, now: datetime) -> None:
    """Open a case in a transaction of its own, once for a kind and subject.

    A case that the desk closed stays closed; one that mended itself opens again.
    """
    with write() as tx:
        open_within(tx, kind, subject, detail, now)


def open_within(
    tx: Session, kind: CaseKind, subject: str, detail: Remark, now: datetime, *, anew: bool = False
) -> None:
    """`open_case` within the caller's transaction. `anew`: it happened again, so that a case the desk closed opens too."""
    told = remarks.fitted(detail, DETAIL_LETTERS)
    fresh = {
        "kind": kind,
        "subject": subject,
        "detail": told,
        "opened_at": now,
        "seen_at": now,
        "closing_note": "",
    }
    if insert_once(tx, ReconciliationCase, fresh):
        log.error("reconciliation.case", kind=kind, subject=subject)
        return
    case = _find_locked(tx, kind, subject)
    if case is None:  # closed long ago, and removed this very moment
        open_within(tx, kind, subject, detail, now, anew=anew)
        return
    case.seen_at, case.detail = now, told
    if case.closed_at is not None and (anew or case.closed_by_id is None):
        case.closed_at, case.closed_by_id, case.closing_note = None, None, ""
        case.announced_at = None
    tx.add(case)


def _find_locked(tx: Session, kind: CaseKind, subject: str) -> ReconciliationCase | None:
    """The case of this kind about this subject, locked, open or closed."""
    same = select(ReconciliationCase).where(
        ReconciliationCase.kind == kind, ReconciliationCase.subject == subject
    )
    return tx.exec(same.with_for_update(), execution_options={"populate_existing": True}).first()


def opened_at(tx: Session, kind: CaseKind, subject: str) -> datetime | None:
    """The instant when this case was first opened, even if it is closed by now; None if it never was."""
    case = select(ReconciliationCase.opened_at)
    return tx.exec(case.where(ReconciliationCase.kind == kind, ReconciliationCase.subject == subject)).first()


def any_open(tx: Session, *subjects: str) -> bool:
    """True if some case about one of these subjects is open, whatever its kind; nothing is locked."""
    about = select(ReconciliationCase.id).where(col(ReconciliationCase.subject).in_(subjects))
    return tx.exec(about.where(col(ReconciliationCase.closed_at).is_(None)).limit(1)).first() is not None


def open_subjects(tx: Session, kind: CaseKind) -> set[str]:
    """The subjects of the open cases of a kind."""
    found = select(ReconciliationCase.subject).where(ReconciliationCase.kind == kind)
    return set(tx.exec(found.where(col(ReconciliationCase.closed_at).is_(None))).all())


def end(tx: Session, kind: CaseKind, subject: str, why: Remark, now: datetime) -> None:
    """Close a case whose difference has mended itself. Nothing happens when none is open."""
    case = _find_locked(tx, kind, subject)
    if case is not None and case.closed_at is None:
        _close(tx, case, None, actors.WORKER, why, now)


def count_open() -> int:
    with read() as tx:
        query = select(func.count()).select_from(ReconciliationCase)
        return tx.exec(query.where(col(ReconciliationCase.closed_at).is_(None))).one()


def open_cases() -> list[CaseView]:
    """The open cases, oldest first."""
    with read() as tx:
        rows = tx.exec(
            select(ReconciliationCase)
            .where(col(ReconciliationCase.closed_at).is_(None))
            .order_by(col(ReconciliationCase.opened_at), col(ReconciliationCase.id))
        ).all()
    return [_view(row) for row in rows]


def _view(case: ReconciliationCase) -> CaseView:
    kind = CaseKind(case.kind)
    return CaseView(
        pk(case),
        _(TITLES[kind]),
        remarks.shown(case.detail),
        _(REMEDIES[kind], page=DISPUTES_AT),
        instant_label(case.opened_at, settings().zone),
        remarks.shown(subject_words(kind, case.subject)),
        decision=DECISIONS.get(kind, ""),
    )


def subject_words(kind: CaseKind, subject: str) -> str:
    """The subject of a case as people read it."""
    if kind is CaseKind.SETTLEMENT_LATE:
        return long_day_label(date.fromisoformat(subject))
    if kind is CaseKind.BAD_SIGNATURE:
        return Remark(RemarkCode.AFTER_WEBHOOK, number=subject.rpartition(" ")[2])
    if kind in (CaseKind.WEBHOOK_SILENCE, CaseKind.HOLDS_UNPAID):
        return Remark(RemarkCode.SINCE, minute=subject.removeprefix(SINCE))
    return Remark(RemarkCode.ACCOUNTS_LIST) if subject == ACCOUNT else subject


def close(*, admin: Principal, case_id: int, note: str, now: datetime) -> None:
    """Close a case that the desk has dealt with; the note says how. Closing twice changes nothing.

    Raises NotFound, BadInput, and WrongState for one that has to be decided on.
    """
    check_note(note)
    with write() as tx:
        case = locked(tx, case_id)
        if case.closed_at is not None:
            return
        if CaseKind(case.kind) in DECISIONS:
            raise WrongState(_("Choose one of the two ways to end this case."))
        _close(tx, case, admin.person_id, actors.signed_in(admin), note.strip(), now)


def decide(*, admin: Principal, case_id: int, decision: Decision, note: str, now: datetime) -> None:
    """Cancel a visit whose money went back, or keep it and call the refund a courtesy. Deciding twice changes nothing.

    If the visit does not stand any more, or was removed, the case is only closed.

    Raises NotFound, BadInput, and WrongState for a visit that has begun.
    """
    check_note(note)
    with read() as tx:
        known = tx.get(ReconciliationCase, case_id)
    if known is None or known.kind != CaseKind.REFUNDED_VISIT:
        raise NotFound
    with write() as tx:
        # The booking's locks come before the case's, in the order of those who open a case.
        found = tx.exec(select(Appointment.id).where(Appointment.reference == known.subject)).first()
        visit = locks.booking(tx, found)[1] if found else None
        case = locked(tx, case_id)
        if case.closed_at is not None:
            return
        if decision == "cancel" and visit and visit.status is AppointmentStatus.CONFIRMED:
            _cancel(tx, visit, admin, note.strip(), now)
        close_decided(tx, case, admin, Remark(RemarkCode(decision), note=note.strip()), now)


def close_decided(tx: Session, case: ReconciliationCase, admin: Principal, said: str, now: datetime) -> None:
    """Close a case that an admin has decided, within the decision's own transaction."""
    _close(tx, case, admin.person_id, actors.signed_in(admin), said, now)


def _cancel(tx: Session, visit: Appointment, admin: Principal, why: str, now: datetime) -> None:
    """Cancel without a refund: all of the money went back already."""
    if visit.starts_at <= now:
        raise WrongState(_("This visit has already begun: keep it, and conclude it when it is over."))
    actor = actors.signed_in(admin)
    status_moves.move_appointment(tx, visit, AppointmentStatus.CANCELLED, actor=actor, reason=why, now=now)
    outbox.add_visit_message(tx, appointment_id=pk(visit), kind="cancelled", now=now)


def trail_subject(case_id: int) -> str:
    """The subject of a case's chain of audit rows."""
    return f"case:{case_id}"


DONE_WANTED = N_("Say what was done, in {shortest} to {longest} characters.")


def check_note(note: str) -> None:
    if wrong := reason_problems(note, field="note", sentence=DONE_WANTED):
        raise BadInput(*wrong)


def locked(tx: Session, case_id: int) -> ReconciliationCase:
    """The case, locked; a booking's locks come before it. Raises NotFound."""
    case = tx.get(ReconciliationCase, case_id, with_for_update=True, populate_existing=True)
    if case is None:
        raise NotFound
    return case


def _close(
    tx: Session, case: ReconciliationCase, person_id: int | None, actor: str, note: str, now: datetime
) -> None:
    case.closed_at, case.closed_by_id = now, person_id
    case.closing_note = remarks.fitted(note, DETAIL_LETTERS)
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
