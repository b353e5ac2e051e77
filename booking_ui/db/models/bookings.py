"""Appointments, and the mails that are due about them."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from booking_ui.db.columns import DeliveryStatus, choice, instant, noted
from booking_ui.domain.appointment import LIVE, AppointmentStatus
from booking_ui.domain.causes import Cause
from booking_ui.domain.channel import Channel
from booking_ui.domain.mail_refusal import Refusal

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
        sa.CheckConstraint("refund_cap_percent BETWEEN 0 AND 100", name="refund_cap_is_a_percent"),
        sa.CheckConstraint(
            "status <> 'pending_payment' OR hold_expires_at IS NOT NULL", name="pending_has_a_hold"
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    reference: str = Field(max_length=12, unique=True)
    slot_id: int = Field(foreign_key="slot.id", index=True)
    doctor_id: int = Field(foreign_key="doctor.id")
    patient_id: int = Field(foreign_key="person.id")
    dependent_id: int | None = Field(
        default=None, foreign_key="dependent.id", index=True
    )  # None: the patient's own visit
    starts_at: datetime = instant()
    ends_at: datetime = instant()
    status: AppointmentStatus = Field(sa_type=choice(AppointmentStatus, "status"))
    # The cause of the last change of status; none when its reason was in a person's own words.
    status_cause: Cause | None = Field(default=None, sa_type=choice(Cause, "status_cause"))
    reason: str = Field(default="", max_length=300)
    fee_paise: int
    # CANCELLATION_POLICY as the patient saw it; empty for a booking older than this column: the setting counts.
    cancellation_policy: str = Field(default="", max_length=200, sa_column_kwargs={"server_default": ""})
    held_at: datetime | None = instant(null=True)  # when the present hold, or the last one, began
    hold_expires_at: datetime | None = instant(null=True)
    moved: int = Field(
        default=0, sa_column_kwargs={"server_default": "0"}
    )  # how often; a calendar's SEQUENCE
    # A move must not win back what cancelling would have cost: no later refund is a greater part of the fee.
    refund_cap_percent: int = Field(default=100, sa_column_kwargs={"server_default": "100"})
    # Links in messages carry it: each one made before it went up is over.
    link_number: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    created_at: datetime = instant()
    updated_at: datetime = instant()


class Notification(SQLModel, table=True):
    """A message that is due on one channel, written in the transaction that made it due, sent once after commit."""

    __tablename__ = "notification"
    __table_args__ = (
        sa.Index("ix_notification_status_next_attempt_at", "status", "next_attempt_at"),
        sa.Index("ix_notification_address_hash_sent_at", "address_hash", "sent_at"),
        sa.CheckConstraint(
            "appointment_id IS NOT NULL OR person_id IS NOT NULL OR one_time_code_id IS NOT NULL "
            "OR status = 'ignored' OR kind = 'case_opened'",
            name="about_something",
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(max_length=80, unique=True)
    appointment_id: int | None = Field(default=None, foreign_key="appointment.id", index=True)
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    one_time_code_id: int | None = Field(default=None, foreign_key="one_time_code.id", index=True)
    kind: str = Field(max_length=40)
    channel: Channel = Field(
        default=Channel.MAIL, sa_type=choice(Channel, "channel"), sa_column_kwargs={"server_default": "mail"}
    )
    # The clinic's own, such as the reason why a visit was cancelled.
    words: str = Field(default="", max_length=300, sa_column_kwargs={"server_default": ""})
    status: DeliveryStatus = Field(sa_type=choice(DeliveryStatus, "status"))
    attempts: int = 0
    next_attempt_at: datetime | None = instant(null=True)
    last_error: str = noted(300)
    sent_again: int = Field(default=0, sa_column_kwargs={"server_default": "0"})  # how often, by the desk
    refusal: Refusal | None = Field(default=None, sa_type=choice(Refusal, "refusal"))  # of the last try
    # Where it goes, if not to the person's own address: a number or mail that is to be proven. Emptied once it left.
    address: str = Field(default="", max_length=254, sa_column_kwargs={"server_default": ""})
    # Keyed: it finds the mails to one address and names nobody. Empty before the mail left.
    address_hash: str = Field(default="", max_length=64, sa_column_kwargs={"server_default": ""})
    created_at: datetime = instant()
    sent_at: datetime | None = instant(null=True)
    request_id: str | None = Field(default=None, max_length=64)  # of the request that made it; in the log
