"""Erasing a person: everything that names them goes, everything that was paid stays."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, delete, func, select, update

from booking_ui.db import orders
from booking_ui.db.models import (
    Appointment,
    DeliveryStatus,
    Dependent,
    Dispute,
    IdempotencyKey,
    Notification,
    OneTimeCode,
    Payment,
    PaymentAttempt,
    Person,
    Receipt,
    ReconciliationCase,
    Refund,
    SignIn,
    WebhookEvent,
    pk,
)
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.channel import TEXTED
from booking_ui.domain.dispute import UNDECIDED
from booking_ui.domain.payment import PaymentStatus, RefundStatus
from booking_ui.domain.people.person import FORMER
from booking_ui.domain.remark_codes import RemarkCode
from booking_ui.domain.remarks import Remark
from booking_ui.services.accounts import passwords, sessions
from booking_ui.services.cases.reconciliation_cases import CaseKind
from booking_ui.services.mail import link_secrets, outbox
from booking_ui.services.receipts.facts import NAMES

OPEN_PAYMENTS = (PaymentStatus.AUTHORIZED, PaymentStatus.REFUND_PENDING)
ASKED_ABOUT = (
    CaseKind.MARKED_AND_PAID,
    CaseKind.MARKED_ELSEWHERE,
    CaseKind.MARKED_UNPAID,
    CaseKind.REFUND_TWICE,
    CaseKind.REFUND_AMOUNT,
    CaseKind.REFUND_UNDONE,
)
"""Kinds of case that end by what the patient says, or by money in their hand."""

OVER = (AppointmentStatus.CANCELLED, AppointmentStatus.FAILED)


def is_still_needed(tx: Session, person_id: int, now: datetime) -> bool:
    """True while a visit of the person lies ahead, money is on its way, in or out, or a bank may take it back."""
    ahead = sa.or_(
        col(Appointment.status) == AppointmentStatus.PENDING_PAYMENT,
        sa.and_(col(Appointment.status) == AppointmentStatus.CONFIRMED, col(Appointment.ends_at) > now),
    )
    money = sa.or_(
        col(Payment.status).in_(OPEN_PAYMENTS),
        col(Payment.next_check_at).is_not(None),  # Razorpay may still report a late success
        col(Refund.status) == RefundStatus.PENDING,
        sa.and_(
            col(Refund.status) == RefundStatus.FAILED,
            col(Refund.replaced_by_id).is_(None),
            col(Refund.dispute_id).is_(None),
            col(Payment.status) != PaymentStatus.REFUNDED,
            col(Appointment.status).in_(OVER),
        ),
    )
    # The clinic may have to answer the bank with the facts of the visit.
    disputed = sa.exists().where(
        col(Dispute.payment_id) == col(Payment.id), col(Dispute.status).in_(UNDECIDED)
    )
    found = tx.exec(
        select(Appointment.id)
        .join(Payment, col(Payment.appointment_id) == col(Appointment.id), isouter=True)
        .join(Refund, col(Refund.payment_id) == col(Payment.id), isouter=True)
        .where(Appointment.patient_id == person_id, sa.or_(ahead, money, disputed, _asked_about()))
        .limit(1)
    ).first()
    return found is not None


def _asked_about() -> sa.ColumnElement[bool]:
    """True while the desk has to ask the patient about this payment or refund, to know whose the money is."""
    attempts = select(PaymentAttempt.gateway_payment_id).where(PaymentAttempt.payment_id == Payment.id)
    case = ReconciliationCase
    return sa.exists().where(
        col(case.closed_at).is_(None),
        col(case.kind).in_(ASKED_ABOUT),
        sa.or_(
            col(case.subject) == col(Payment.marked_payment_id),
            col(case.subject) == col(Refund.gateway_refund_id),
            col(case.subject).in_(attempts.correlate(Payment)),
        ),
    )


def erase_person(tx: Session, person: Person, now: datetime) -> list[str]:
    """Take out everything that names the person.

    Returns the keys of their mails and texts, whose files the caller deletes after the commit.
    """
    person_id = pk(person)
    bookings = select(Appointment.id).where(Appointment.patient_id == person_id)
    bills = select(Payment.id).where(col(Payment.appointment_id).in_(bookings))
    their_orders = orders.ids_of(bookings)
    before = _codes_before_the_account(person)
    about_them = sa.or_(
        col(Notification.person_id) == person_id, col(Notification.appointment_id).in_(bookings), before
    )
    mails = [key for row in tx.exec(select(Notification).where(about_them)) for key in outbox.sent_keys(row)]
    for statement in (
        update(Appointment).where(col(Appointment.patient_id) == person_id).values(reason=""),
        update(Payment).where(col(Payment.id).in_(bills)).values(method_detail=""),
        update(PaymentAttempt).where(col(PaymentAttempt.payment_id).in_(bills)).values(detail=""),
        update(WebhookEvent).where(col(WebhookEvent.order_id).in_(their_orders), _handled()).values(body=b""),
        # The row of each mail stays as a count for its address, else erasing and registering again would begin anew.
        update(Notification)
        .where(sa.or_(col(Notification.person_id) == person_id, before))
        .values(
            status=DeliveryStatus.IGNORED,
            key=sa.literal("erased:")
            + sa.cast(col(Notification.id), sa.String),  # a code's number may come again
            person_id=None,
            one_time_code_id=None,
            address="",
            next_attempt_at=None,
            last_error=Remark(RemarkCode.ERASED),
        ),
        update(Notification).where(col(Notification.appointment_id).in_(bookings)).values(words=""),
        update(Notification)
        .where(
            col(Notification.appointment_id).in_(bookings), col(Notification.status) == DeliveryStatus.WAITING
        )
        .values(status=DeliveryStatus.IGNORED, next_attempt_at=None, last_error=Remark(RemarkCode.ERASED)),
        update(Dependent)
        .where(col(Dependent.patient_id) == person_id)
        .values(name=FORMER, born_on=None, removed_at=func.coalesce(Dependent.removed_at, now)),
        # Each key holds the answer that it repeats.
        delete(IdempotencyKey).where(col(IdempotencyKey.person_id) == person_id),
        delete(OneTimeCode).where(col(OneTimeCode.person_id) == person_id),
        delete(SignIn).where(col(SignIn.person_id) == person_id),
    ):
        tx.execute(statement.execution_options(synchronize_session=False))
    for receipt in tx.exec(select(Receipt).where(col(Receipt.payment_id).in_(bills))):
        receipt.facts = {**receipt.facts, **dict.fromkeys(NAMES, "")}  # the tax office needs the rest of it
        tx.add(receipt)
    _remove_name(person, now)
    sessions.record_own_action(tx, person_id, "erased", now, reason=Remark(RemarkCode.ASKED_FOR))
    return mails


def _codes_before_the_account(person: Person) -> sa.ColumnElement[bool]:
    """The texts to this number when nobody had it: one that was refused still names it, and so does a demo's file."""
    number = person.phone if person.phone_verified_at else ""
    same = sa.or_(
        col(Notification.address) == number,
        col(Notification.address_hash) == link_secrets.address_hash(number),
    )
    texted = col(Notification.channel).in_(TEXTED) & col(Notification.appointment_id).is_(None)
    return sa.and_(texted, col(Notification.person_id).is_(None), sa.literal(bool(number)), same)


def _handled() -> sa.ColumnElement[bool]:
    return col(WebhookEvent.status).in_((DeliveryStatus.DONE, DeliveryStatus.IGNORED))


def _remove_name(person: Person, now: datetime) -> None:
    person.name, person.email, person.phone = FORMER, None, ""
    person.email_verified_at = person.phone_verified_at = None
    person.password_hash, person.language = passwords.NO_PASSWORD, ""
    person.stopped_messages = ""
    person.key_number += 1
    person.erased_at = now
