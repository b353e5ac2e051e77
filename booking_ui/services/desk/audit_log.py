"""Audit for the desk: who changed what, why, and whether the record still holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from booking_ui.config.settings import settings
from booking_ui.db.models import Appointment, AuditChain, AuditEntry, Doctor, Payment, pk
from booking_ui.db.session import read
from booking_ui.domain import actors
from booking_ui.domain.clock import instant_label, iso
from booking_ui.domain.errors import BadInput
from booking_ui.domain.paging import page_problems, paging
from booking_ui.domain.period import order_problems, span
from booking_ui.languages import N_, _
from booking_ui.services.desk import booking_timeline
from booking_ui.services.journal import audit
from booking_ui.services.journal.audit import Action
from booking_ui.services.views.desk import AuditPage, AuditRow

_SUBJECTS = {
    "case": N_("Money case"),
    "webhook_event": N_("Webhook"),
    "signature": N_("A signature"),
    "appointment": N_("Appointment"),
    "dependent": N_("Dependent"),
    "doctor": N_("Doctor"),
    "clinic": N_("Clinic"),
    "mail": N_("Mail"),
    "retention": N_("Retention"),
}


@dataclass(frozen=True)
class _Booking:
    reference: str
    appointment: str
    payment: str


@dataclass(frozen=True)
class AuditFilter:
    """A choice of rows and a page of them. The plain one has all of them.

    `subject` is whole (`appointment:7`); `reference` is a booking's; `actor` is whole (`admin:3`) or its kind
    (`admin`); both dates count, in the clinic's zone.
    """

    subject: str = ""
    appointment_id: int | None = None
    reference: str = ""
    actor: str = ""
    action: str = ""
    date_from: date | None = None
    date_to: date | None = None
    page: int = 1
    page_size: int = 50


def entries(wanted: AuditFilter) -> AuditPage:
    """One page of the trail, newest first; a page past the end is the last one.

    Each row says whether its subject's chain of hashes holds.

    Raises:
        BadInput: dates the wrong way round, a page or page size out of range.
    """
    days, sizes = (wanted.date_from, wanted.date_to), (wanted.page, wanted.page_size)
    if wrong := [*order_problems(*days), *page_problems(*sizes)]:
        raise BadInput(*wrong)
    with read() as tx:
        where = [
            *_about(tx, wanted),
            *_by(wanted.actor),
            *_during(*days),
            *([col(AuditEntry.action) == wanted.action] if wanted.action else []),
        ]
        total = tx.exec(select(func.count()).select_from(AuditEntry).where(*where)).one()
        shown = paging(total, *sizes)
        newest = (
            select(AuditEntry).where(*where).order_by(col(AuditEntry.at).desc(), col(AuditEntry.id).desc())
        )
        found = tx.exec(newest.offset(shown.offset).limit(shown.size)).all()
        rows = _views(tx, found)
    broken = dict.fromkeys(row.subject_label for row in rows if not row.verified)
    return AuditPage(rows, shown, list(broken))


Conditions = Iterable[sa.ColumnElement[bool]]


def _about(tx: Session, wanted: AuditFilter) -> Conditions:
    if wanted.subject:
        yield col(AuditEntry.subject) == wanted.subject
    if wanted.appointment_id is not None:
        yield col(AuditEntry.subject) == audit.booking(wanted.appointment_id)
    if reference := wanted.reference.upper():
        number = tx.exec(select(Appointment.id).where(Appointment.reference == reference)).first()
        yield col(AuditEntry.subject) == audit.booking(number) if number else sa.false()


def _by(actor: str) -> Conditions:
    if not actor:
        return
    whole = col(AuditEntry.actor).in_((actor, actors.WORKER) if actor == "system" else (actor,))
    yield (
        whole
        if ":" in actor
        else sa.or_(whole, col(AuditEntry.actor).startswith(f"{actor}:", autoescape=True))
    )


def _during(date_from: date | None, date_to: date | None) -> Conditions:
    days = span(date_from, date_to, settings().zone)
    if days.start:
        yield col(AuditEntry.at) >= days.start
    if days.end:
        yield col(AuditEntry.at) < days.end


def _views(tx: Session, found: Sequence[AuditEntry]) -> list[AuditRow]:
    subjects = {row.subject for row in found}
    bookings = _bookings(tx, subjects)
    sound = _sound(tx, subjects, bookings)
    names = booking_timeline.person_names(tx, found) | _doctor_names(tx, subjects)
    return [_view(row, bookings.get(row.subject), row.subject in sound, names) for row in found]


def _bookings(tx: Session, subjects: Iterable[str]) -> dict[str, _Booking]:
    numbers = [
        int(tail) for kind, _, tail in (one.partition(":") for one in subjects) if kind == "appointment"
    ]
    columns: Any = sa.select(
        col(Appointment.id), col(Appointment.reference), col(Appointment.status), col(Payment.status)
    )
    query = columns.join(Payment, col(Payment.appointment_id) == col(Appointment.id))
    return {
        audit.booking(number): _Booking(reference, status, payment)
        for number, reference, status, payment in tx.execute(query.where(col(Appointment.id).in_(numbers)))
    }


def _doctor_names(tx: Session, subjects: Iterable[str]) -> dict[str, str]:
    """ "doctor:7" → the name, for every doctor whom the rows are about."""
    numbers = [int(tail) for kind, _, tail in (one.partition(":") for one in subjects) if kind == "doctor"]
    found = tx.exec(select(Doctor.id, Doctor.name).where(col(Doctor.id).in_(numbers))) if numbers else ()
    return {f"doctor:{number}": name for number, name in found}


def _sound(tx: Session, subjects: Iterable[str], bookings: dict[str, _Booking]) -> set[str]:
    """The subjects whose chain holds; a booking's must also end where the booking stands now."""
    ends = {
        one.subject: one for one in tx.exec(select(AuditChain).where(col(AuditChain.subject).in_(subjects)))
    }
    chains: dict[str, list[AuditEntry]] = defaultdict(list)
    whole = select(AuditEntry).where(col(AuditEntry.subject).in_(subjects))
    for row in tx.exec(whole.order_by(col(AuditEntry.subject), col(AuditEntry.seq))):
        chains[row.subject].append(row)
    return {
        subject
        for subject, rows in chains.items()
        if audit.is_whole(rows, ends.get(subject))
        and (subject not in bookings or _ends_at(rows, bookings[subject]))
    }


def _ends_at(rows: Iterable[AuditEntry], now: _Booking) -> bool:
    last = {row.action: row.after for row in rows}
    return (last.get(Action.APPOINTMENT), last.get(Action.PAYMENT)) == (now.appointment, now.payment)


def _view(row: AuditEntry, of: _Booking | None, verified: bool, names: dict[str, str]) -> AuditRow:
    text, tone = booking_timeline.change_words(row)
    return AuditRow(
        id=pk(row),
        at=iso(row.at),
        at_label=instant_label(row.at, settings().zone),
        subject=row.subject,
        subject_label=_("Booking {reference}", reference=of.reference)
        if of
        else _subject_label(row.subject, names),
        reference=of.reference if of else "",
        seq=row.seq,
        actor=row.actor,
        actor_label=booking_timeline.actor_name(row.actor, names),
        action=row.action,
        before=row.before,
        after=row.after,
        reason=booking_timeline.reason_words(row),
        text=text[:1].upper() + text[1:],
        tone=tone,
        verified=verified,
    )


def _subject_label(subject: str, names: dict[str, str]) -> str:
    """The subject of a row, without its number."""
    kind, _sep, tail = subject.partition(":")
    if kind == "person":
        return _("Account of {name}", name=names[tail]) if tail in names else _("An account")
    if kind == "doctor" and subject in names:
        return names[subject]
    return _(_SUBJECTS[kind]) if kind in _SUBJECTS else kind.replace("_", " ").capitalize()
