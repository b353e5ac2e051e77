"""The tables. Statuses are text with a CHECK, money is integer paise, time is an aware UTC instant.

What must never happen is forbidden here, not only by the services: two live appointments of one slot, two payments of
one appointment, one Razorpay id twice, an unknown status.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Any, Protocol

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from booking_ui.domain.appointment import LIVE, AppointmentStatus
from booking_ui.domain.payment import AttemptStatus, PaymentStatus, RefundStatus

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
SQLModel.metadata.naming_convention = NAMING


class Instant(sa.TypeDecorator[datetime]):
    """An aware UTC instant; a naive one is refused at the door. SQLite forgets the zone, so it is put back."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime is not an instant")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _choice(values: type[StrEnum], name: str) -> sa.Enum:
    return sa.Enum(
        values,
        native_enum=False,
        create_constraint=True,
        length=24,
        name=name,
        values_callable=lambda e: [m.value for m in e],
    )


def _instant(*, null: bool = False, index: bool = False) -> Any:
    return Field(default=None if null else ..., sa_type=Instant, nullable=null, index=index)


class _Stored(Protocol):
    id: int | None


def pk(row: _Stored) -> int:
    """The primary key of a row that is in the database; only a row not yet written has none."""
    assert row.id is not None
    return row.id


class Role(StrEnum):
    PATIENT = "patient"
    ADMIN = "admin"
    DOCTOR = "doctor"


class DeliveryStatus(StrEnum):
    """Of a webhook event or a notification: waiting has a next attempt; parked needs a person."""

    WAITING = "waiting"
    DONE = "done"
    IGNORED = "ignored"
    PARKED = "parked"


class HoursKind(StrEnum):
    WORK = "work"
    BREAK = "break"


class Doctor(SQLModel, table=True):
    __tablename__ = "doctor"
    __table_args__ = (sa.CheckConstraint("fee_paise >= 100", name="fee_at_least_one_rupee"),)

    id: int | None = Field(default=None, primary_key=True)
    slug: str = Field(max_length=80, unique=True)
    name: str = Field(max_length=120)
    speciality: str = Field(max_length=60, index=True)
    qualifications: str = Field(max_length=160)
    practising_since: int
    languages: list[str] = Field(sa_type=sa.JSON)
    city: str = Field(max_length=60, index=True)
    area: str = Field(max_length=80)
    address: str = Field(max_length=240)
    fee_paise: int
    about: str = Field(default="", max_length=1200)
    slot_minutes: int = 30
    active: bool = True


class WorkingHours(SQLModel, table=True):
    """A weekly stretch in the clinic's zone: work, or a break inside it. Several rows a day make split shifts."""

    __tablename__ = "working_hours"
    __table_args__ = (
        sa.CheckConstraint("starts < ends", name="ends_after_start"),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
    )

    id: int | None = Field(default=None, primary_key=True)
    doctor_id: int = Field(foreign_key="doctor.id", index=True)
    weekday: int
    starts: time
    ends: time
    kind: HoursKind = Field(default=HoursKind.WORK, sa_type=_choice(HoursKind, "kind"))


class DayOff(SQLModel, table=True):
    """Leave of one doctor, or a holiday of the whole clinic (no doctor). Both days count, in the clinic's zone."""

    __tablename__ = "day_off"
    __table_args__ = (sa.CheckConstraint("first_day <= last_day", name="last_not_before_first"),)

    id: int | None = Field(default=None, primary_key=True)
    doctor_id: int | None = Field(default=None, foreign_key="doctor.id", index=True)
    first_day: date
    last_day: date
    name: str = Field(max_length=80)


class Slot(SQLModel, table=True):
    """A bookable time of a doctor. Whether it is free is computed from its live appointment, never stored."""

    __tablename__ = "slot"
    __table_args__ = (
        sa.UniqueConstraint("doctor_id", "starts_at"),
        sa.CheckConstraint("starts_at < ends_at", name="ends_after_start"),
    )

    id: int | None = Field(default=None, primary_key=True)
    doctor_id: int = Field(foreign_key="doctor.id")
    starts_at: datetime = _instant(index=True)
    ends_at: datetime = _instant()
    withdrawn: bool = (
        False  # the hours changed after the slot was made; kept for the bookings that point at it
    )


class Person(SQLModel, table=True):
    """Somebody who can sign in. The mail is stored in lower case."""

    __tablename__ = "person"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=80)
    email: str = Field(max_length=254, unique=True)
    phone: str = Field(max_length=16)
    password_hash: str = Field(max_length=200)
    role: Role = Field(default=Role.PATIENT, sa_type=_choice(Role, "role"))
    doctor_id: int | None = Field(default=None, foreign_key="doctor.id")
    demo: bool = False
    created_at: datetime = _instant()


class SignIn(SQLModel, table=True):
    """A cookie session or a refresh token; only the sha256 of the token is kept, so a leak opens nothing."""

    __tablename__ = "sign_in"

    id: int | None = Field(default=None, primary_key=True)
    token_hash: str = Field(max_length=64, unique=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    kind: str = Field(max_length=10)
    created_at: datetime = _instant()
    expires_at: datetime = _instant()
    revoked_at: datetime | None = _instant(null=True)


_LIVE_SQL = "status IN ({})".format(", ".join(f"'{s.value}'" for s in sorted(LIVE)))


class Appointment(SQLModel, table=True):
    __tablename__ = "appointment"
    __table_args__ = (
        sa.Index(
            "uq_appointment_live_slot",
            "slot_id",
            unique=True,
            sqlite_where=sa.text(_LIVE_SQL),
            postgresql_where=sa.text(_LIVE_SQL),
        ),
        sa.Index("ix_appointment_patient_id_starts_at", "patient_id", "starts_at"),
        sa.Index("ix_appointment_doctor_id_starts_at", "doctor_id", "starts_at"),
        sa.Index("ix_appointment_starts_at", "starts_at"),
        sa.Index("ix_appointment_status_hold_expires_at", "status", "hold_expires_at"),
        sa.CheckConstraint("fee_paise >= 100", name="fee_at_least_one_rupee"),
        sa.CheckConstraint(
            "status <> 'pending_payment' OR hold_expires_at IS NOT NULL", name="pending_has_a_hold"
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    reference: str = Field(max_length=12, unique=True)
    slot_id: int = Field(foreign_key="slot.id", index=True)
    doctor_id: int = Field(foreign_key="doctor.id")
    patient_id: int = Field(foreign_key="person.id")
    starts_at: datetime = _instant()
    ends_at: datetime = _instant()
    status: AppointmentStatus = Field(sa_type=_choice(AppointmentStatus, "status"))
    status_reason: str = Field(default="", max_length=200)
    reason: str = Field(default="", max_length=300)
    fee_paise: int
    hold_expires_at: datetime | None = _instant(null=True)
    created_at: datetime = _instant()
    updated_at: datetime = _instant()


class Payment(SQLModel, table=True):
    """Our bill for one appointment: one Razorpay order, at most one kept Razorpay payment."""

    __tablename__ = "payment"
    __table_args__ = (
        sa.CheckConstraint("amount_paise >= 100", name="amount_at_least_one_rupee"),
        sa.CheckConstraint("captured_paise >= 0", name="captured_not_negative"),
        sa.CheckConstraint(
            "refunded_paise >= 0 AND refunded_paise <= captured_paise", name="refunds_within_captured"
        ),
        sa.Index("ix_payment_next_check_at", "next_check_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    appointment_id: int = Field(foreign_key="appointment.id", unique=True)
    status: PaymentStatus = Field(sa_type=_choice(PaymentStatus, "status"))
    amount_paise: int
    currency: str = Field(max_length=3)
    gateway_order_id: str | None = Field(default=None, max_length=40, unique=True)
    gateway_payment_id: str | None = Field(default=None, max_length=40, unique=True)
    method: str = Field(default="", max_length=20)
    method_detail: str = Field(default="", max_length=80)
    captured_paise: int = 0
    refunded_paise: int = 0
    captured_at: datetime | None = _instant(null=True)
    failure: str = Field(default="", max_length=200)
    marked_by_id: int | None = Field(default=None, foreign_key="person.id")
    mark_reason: str = Field(default="", max_length=300)
    mark_reference: str = Field(default="", max_length=80)
    opened_at: datetime | None = _instant(null=True)
    checks: int = 0
    next_check_at: datetime | None = _instant(null=True)
    created_at: datetime = _instant()
    updated_at: datetime = _instant()


class PaymentAttempt(SQLModel, table=True):
    """One Razorpay payment (`pay_…`) that we have heard of. Its status only moves forward."""

    __tablename__ = "payment_attempt"

    id: int | None = Field(default=None, primary_key=True)
    payment_id: int = Field(foreign_key="payment.id", index=True)
    gateway_payment_id: str = Field(max_length=40, unique=True)
    status: AttemptStatus = Field(sa_type=_choice(AttemptStatus, "status"))
    amount_paise: int
    currency: str = Field(max_length=3)
    method: str = Field(default="", max_length=20)
    detail: str = Field(default="", max_length=80)
    error_code: str = Field(default="", max_length=60)
    error_reason: str = Field(default="", max_length=80)
    error_description: str = Field(default="", max_length=300)
    fee_paise: int | None = None
    heard_from: str = Field(default="", max_length=20)
    created_at: datetime = _instant()
    updated_at: datetime = _instant()


class Refund(SQLModel, table=True):
    """Money on its way back. The key and the amount are stored before Razorpay is called, and never change."""

    __tablename__ = "refund"
    __table_args__ = (
        sa.CheckConstraint("amount_paise >= 100", name="amount_at_least_one_rupee"),
        sa.Index("ix_refund_status_next_attempt_at", "status", "next_attempt_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    payment_id: int = Field(foreign_key="payment.id", index=True)
    gateway_payment_id: str = Field(max_length=40, index=True)
    gateway_refund_id: str | None = Field(default=None, max_length=40, unique=True)
    amount_paise: int
    status: RefundStatus = Field(sa_type=_choice(RefundStatus, "status"))
    reason: str = Field(max_length=80)
    idempotency_key: str = Field(max_length=60, unique=True)
    attempts: int = 0
    next_attempt_at: datetime | None = _instant(null=True)
    last_error: str = Field(default="", max_length=300)
    created_at: datetime = _instant()
    updated_at: datetime = _instant()


class WebhookEvent(SQLModel, table=True):
    """A signed message from Razorpay, raw. The pair of id and body hash dedupes: the id alone is not signed."""

    __tablename__ = "webhook_event"
    __table_args__ = (
        sa.UniqueConstraint("event_id", "body_sha256"),
        sa.Index("ix_webhook_event_status_next_attempt_at", "status", "next_attempt_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    event_id: str = Field(default="", max_length=64)
    body_sha256: str = Field(max_length=64)
    body: bytes
    event: str = Field(default="", max_length=60)
    order_id: str = Field(default="", max_length=40, index=True)
    status: DeliveryStatus = Field(sa_type=_choice(DeliveryStatus, "status"))
    outcome: str = Field(default="", max_length=300)
    attempts: int = 0
    next_attempt_at: datetime | None = _instant(null=True)
    received_at: datetime = _instant(index=True)
    handled_at: datetime | None = _instant(null=True)


class Notification(SQLModel, table=True):
    """A mail that is due, written in the transaction that made it due, sent once after commit."""

    __tablename__ = "notification"
    __table_args__ = (sa.Index("ix_notification_status_next_attempt_at", "status", "next_attempt_at"),)

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(max_length=80, unique=True)
    appointment_id: int = Field(foreign_key="appointment.id", index=True)
    kind: str = Field(max_length=40)
    status: DeliveryStatus = Field(sa_type=_choice(DeliveryStatus, "status"))
    attempts: int = 0
    next_attempt_at: datetime | None = _instant(null=True)
    last_error: str = Field(default="", max_length=300)
    created_at: datetime = _instant()
    sent_at: datetime | None = _instant(null=True)


class AuditEntry(SQLModel, table=True):
    """One change of one subject: who, from, to, why. Each subject's rows form a chain of hashes."""

    __tablename__ = "audit_entry"
    __table_args__ = (sa.UniqueConstraint("subject", "seq"),)

    id: int | None = Field(default=None, primary_key=True)
    subject: str = Field(max_length=60)
    seq: int
    at: datetime = _instant(index=True)
    actor: str = Field(max_length=60)
    action: str = Field(max_length=60)
    before: str = Field(default="", max_length=60)
    after: str = Field(default="", max_length=60)
    reason: str = Field(default="", max_length=400)
    previous_hash: str = Field(max_length=64)
    hash: str = Field(max_length=64)


class Heartbeat(SQLModel, table=True):
    """When a periodic job last ended well, for `/api/ready`."""

    __tablename__ = "heartbeat"

    job: str = Field(primary_key=True, max_length=40)
    at: datetime = _instant()


class PromiseCount(SQLModel, table=True):
    """The last count of one promise over the whole database, for `/api/ready` and the desk."""

    __tablename__ = "promise_count"

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    promise: str = Field(max_length=160)
    checked: int
    violated: int
    first_fault: str = Field(default="", max_length=300)
    at: datetime = _instant()


class ReconciliationCase(SQLModel, table=True):
    """A difference between Razorpay's books and ours that does not heal by itself, until somebody closes it."""

    __tablename__ = "reconciliation_case"
    __table_args__ = (sa.UniqueConstraint("kind", "subject"),)

    id: int | None = Field(default=None, primary_key=True)
    kind: str = Field(max_length=40)
    subject: str = Field(max_length=60)
    detail: str = Field(max_length=300)
    opened_at: datetime = _instant()
    seen_at: datetime = _instant()
    closed_at: datetime | None = _instant(null=True, index=True)
    closed_by_id: int | None = Field(default=None, foreign_key="person.id")
    closing_note: str = Field(default="", max_length=300)
