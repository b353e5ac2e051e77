"""The ledger of mails, SMS and WhatsApp messages: to whom, what, what became of it, and sending one again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from booking_ui.config.settings import settings
from booking_ui.db import locks, queues
from booking_ui.db.models import Appointment, DeliveryStatus, Dependent, Notification, Person, pk
from booking_ui.db.session import read, write
from booking_ui.domain import actors
from booking_ui.domain.channel import Channel
from booking_ui.domain.clock import instant_label, iso
from booking_ui.domain.errors import BadInput, FieldError, NotFound
from booking_ui.domain.message_kind import MessageKind
from booking_ui.domain.paging import page_problems, paging
from booking_ui.domain.people.person import shown_name, spaced_phone
from booking_ui.domain.remark_codes import RemarkCode
from booking_ui.domain.remarks import Remark
from booking_ui.languages import _
from booking_ui.services.journal import audit
from booking_ui.services.journal.audit import Action
from booking_ui.services.mail import answers, kinds, outbox
from booking_ui.services.views import Principal
from booking_ui.services.views.desk import MessagePage, MessageRow

STATUSES = ("", *(s.value for s in DeliveryStatus))
LONGEST_SEARCH = 100


@dataclass(frozen=True)
class MessageFilter:
    """A choice of messages and a page of them, newest first.

    `q`: part of a booking's reference, of a name, an address or a number.
    """

    status: str = ""
    q: str = ""
    page: int = 1
    page_size: int = 25

    def __post_init__(self) -> None:
        object.__setattr__(self, "q", self.q.strip()[:LONGEST_SEARCH])


def listed(wanted: MessageFilter) -> MessagePage:
    """One page of messages; a page past the end is the last one. Raises BadInput."""
    if wanted.status not in STATUSES:
        raise BadInput(FieldError("status", _("Choose one of {expected}.", expected=", ".join(STATUSES[1:]))))
    if wrong := page_problems(wanted.page, wanted.page_size):
        raise BadInput(*wrong)
    with read() as tx:
        counts = _counts(tx, wanted)
        total = counts[DeliveryStatus(wanted.status)] if wanted.status else sum(counts.values())
        shown = paging(total, wanted.page, wanted.page_size)
        columns: Any = select(Notification, Appointment.reference, Person)
        found = _narrowed(columns, wanted).order_by(col(Notification.id).desc())
        rows = [_view(*one) for one in tx.exec(found.offset(shown.offset).limit(shown.size))]
    return MessagePage(rows, shown, [(status.value, count) for status, count in counts.items()])


def send_again(*, admin: Principal, message_id: int, now: datetime, seen: int | None = None) -> MessageRow:
    """Make a message due now, whatever became of it; as it leaves it is looked at like any other.

    Nothing happens while it is about to leave, nor when it was sent again since `seen`, the `sent_again` of the page that
    asks: a click that comes twice sends one. Raises NotFound.
    """
    with write() as tx:
        row = _locked(tx, message_id)
        if not _leaves_soon(row, now) and seen in (None, row.sent_again):
            _note(tx, row, admin, now)
            row.status, row.attempts, row.next_attempt_at = DeliveryStatus.WAITING, 0, now
            row.sent_again += 1
            row.last_error, row.refusal = "", None
            tx.add(row)
            tx.flush()
        columns: Any = select(Notification, Appointment.reference, Person)
        return _view(*tx.exec(_joined(columns).where(col(Notification.id) == message_id)).one())


def _locked(tx: Session, message_id: int) -> Notification:
    """The message, locked after its booking or its person, whose chain gets a row. Raises NotFound."""
    known = tx.get(Notification, message_id)
    if known is None:
        raise NotFound
    if known.appointment_id:
        locks.booking(tx, known.appointment_id)
    elif known.person_id:
        locks.person(tx, known.person_id)
    elif known.kind != outbox.ALERT and known.channel is Channel.MAIL:
        raise NotFound
    row = tx.get(Notification, message_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound
    return row


def _leaves_soon(row: Notification, now: datetime) -> bool:
    """True while it is due or in a worker's hands."""
    due = row.next_attempt_at
    return row.status is DeliveryStatus.WAITING and due is not None and due <= now + queues.MAILS.lease


def _note(tx: Session, row: Notification, admin: Principal, now: datetime) -> None:
    account = actors.account(row.person_id) if row.person_id else outbox.case_subject(pk(row))
    subject = audit.booking(row.appointment_id) if row.appointment_id else account
    what = Remark(RemarkCode.MESSAGE, message=MessageKind(row.kind))
    actor = actors.signed_in(admin)
    audit.record(tx, subject, Action.SENT_AGAIN, actor=actor, before=row.status.value, reason=what, now=now)


def _counts(tx: Session, wanted: MessageFilter) -> dict[DeliveryStatus, int]:
    """Every status under the search."""
    status = col(Notification.status)
    columns: Any = sa.select(status, func.count())
    found = tx.execute(_narrowed(columns, replace(wanted, status="")).group_by(status)).all()
    return dict.fromkeys(DeliveryStatus, 0) | dict(found)


def _narrowed(columns: Any, wanted: MessageFilter) -> Any:
    query = _joined(columns).where(
        # A code that was asked for with a mail address of nobody's has a row too, and goes nowhere.
        sa.or_(
            col(Notification.channel) != Channel.MAIL,
            col(Notification.appointment_id).is_not(None),
            col(Notification.person_id).is_not(None),
            col(Notification.kind) == outbox.ALERT,
        )
    )
    if wanted.status:
        query = query.where(col(Notification.status) == DeliveryStatus(wanted.status))
    return query.where(_matches(wanted.q)) if wanted.q else query


def _joined(columns: Any) -> Any:
    person = func.coalesce(col(Notification.person_id), col(Appointment.patient_id))
    return (
        columns.select_from(Notification)
        .join(Appointment, col(Appointment.id) == col(Notification.appointment_id), isouter=True)
        .join(Person, col(Person.id) == person, isouter=True)
    )


def _matches(q: str) -> sa.ColumnElement[bool]:
    family = select(Dependent.id).where(col(Dependent.name).icontains(q, autoescape=True))
    words = (col(Appointment.reference), col(Person.name), col(Person.email))
    mentioned = [word.icontains(q, autoescape=True) for word in words]
    if digits := "".join(q.removeprefix("+").split()):
        mentioned.append(col(Person.phone).contains(digits, autoescape=True))
    return sa.or_(*mentioned, col(Appointment.dependent_id).in_(family))


def _view(row: Notification, reference: str | None, person: Person | None) -> MessageRow:
    zone = settings().zone
    return MessageRow(
        id=pk(row),
        kind=row.kind,
        label=_(kinds.LABELS.get(row.kind, row.kind)),
        channel=row.channel.value,
        channel_label=_(kinds.CHANNELS[row.channel]),
        recipient=settings().alert_email if row.kind == outbox.ALERT else _recipient(row, person),
        patient_name=shown_name(person.name, erased=person.erased_at is not None) if person else "",
        reference=reference or "",
        status=row.status.value,
        attempts=row.attempts,
        sent_again=row.sent_again,
        answer=answers.in_words(row, zone),
        due_at=iso(row.created_at),
        due_label=instant_label(row.created_at, zone),
        sent_at=iso(row.sent_at) if row.sent_at else "",
        next_attempt_at=iso(row.next_attempt_at) if row.next_attempt_at else "",
    )


def _recipient(row: Notification, person: Person | None) -> str:
    """The address that it goes to; the person's own of now, once it has left."""
    if row.channel is Channel.MAIL:
        return row.address or (person.email if person else "") or ""
    return spaced_phone(row.address or (person.phone if person else ""))
