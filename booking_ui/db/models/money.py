"""Money: our bill, Razorpay's payments, refunds, and the messages and differences about them."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from booking_ui.db.columns import DeliveryStatus, choice, instant, noted
from booking_ui.domain.dispute import DisputeStatus
from booking_ui.domain.payment import (
    AttemptStatus,
    PaymentFailure,
    PaymentStatus,
    RefundOrigin,
    RefundStatus,
    Source,
)
from booking_ui.domain.webhook_outcome import OutcomeCode


class Payment(SQLModel, table=True):
    """Our bill for one appointment: one Razorpay order, at most one kept Razorpay payment."""

    __tablename__ = "payment"
    __table_args__ = (
        sa.CheckConstraint("amount_paise >= 100", name="amount_at_least_one_rupee"),
        sa.CheckConstraint("captured_paise >= 0", name="captured_not_negative"),
        sa.CheckConstraint(
            "refunded_paise >= 0 AND refunded_paise <= captured_paise", name="refunds_within_captured"
        ),
        sa.CheckConstraint(
            "retained_paise >= 0 AND retained_paise <= captured_paise", name="retained_within_captured"
        ),
        sa.CheckConstraint(
            "deducted_paise >= 0 AND deducted_paise <= captured_paise", name="deducted_within_captured"
        ),
        sa.Index("ix_payment_next_check_at", "next_check_at"),
        # For the payouts: captured within days; open and failed ones.
        sa.Index("ix_payment_captured_at", "captured_at"),
        sa.Index("ix_payment_status_updated_at", "status", "updated_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    appointment_id: int = Field(foreign_key="appointment.id", unique=True)
    status: PaymentStatus = Field(sa_type=choice(PaymentStatus, "status"))
    amount_paise: int
    currency: str = Field(max_length=3)
    gateway_order_id: str | None = Field(default=None, max_length=40, unique=True)
    gateway_payment_id: str | None = Field(default=None, max_length=40, unique=True)
    method: str = Field(default="", max_length=20)
    method_detail: str = Field(default="", max_length=80)
    captured_paise: int = 0
    refunded_paise: int = 0
    # Of a cancelled visit: the clinic's part, by the policy or by the desk's decision.
    retained_paise: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    # Of the payment that pays for the visit: taken back in lost disputes, beyond what was refunded.
    deducted_paise: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    captured_at: datetime | None = instant(null=True)  # by Razorpay's clock; of a mark, by ours
    recorded_at: datetime | None = instant(null=True)  # when we knew of the capture
    failure_kind: PaymentFailure | None = Field(default=None, sa_type=choice(PaymentFailure, "failure_kind"))
    failure: str = Field(default="", max_length=200)  # the bank's own words, if it has any
    marked_by_id: int | None = Field(default=None, foreign_key="person.id")
    mark_reason: str = Field(default="", max_length=300)
    mark_reference: str = Field(default="", max_length=80)
    # The Razorpay payment by which the desk marked the bill captured: written once, whatever is marked later.
    marked_payment_id: str | None = Field(default=None, max_length=40, unique=True)
    opened_at: datetime | None = instant(null=True)
    checks: int = 0
    next_check_at: datetime | None = instant(null=True)
    created_at: datetime = instant()
    updated_at: datetime = instant()


class RetiredOrder(SQLModel, table=True):
    """An order that can't be paid any more although its bill is open: Razorpay took another amount for it."""

    __tablename__ = "retired_order"

    id: int | None = Field(default=None, primary_key=True)
    payment_id: int = Field(foreign_key="payment.id", index=True)
    gateway_order_id: str = Field(max_length=40, unique=True)
    retired_at: datetime = instant()


class PaymentAttempt(SQLModel, table=True):
    """One Razorpay payment (`pay_…`) that a fact was about. Its status only moves forward."""

    __tablename__ = "payment_attempt"

    id: int | None = Field(default=None, primary_key=True)
    payment_id: int = Field(foreign_key="payment.id", index=True)
    gateway_payment_id: str = Field(max_length=40, unique=True)
    status: AttemptStatus = Field(sa_type=choice(AttemptStatus, "status"))
    amount_paise: int
    currency: str = Field(max_length=3)
    method: str = Field(default="", max_length=20)
    detail: str = Field(default="", max_length=80)
    error_code: str = Field(default="", max_length=60)
    error_reason: str = Field(default="", max_length=80)
    error_description: str = Field(default="", max_length=300)
    fee_paise: int | None = None
    # Taken back in lost disputes, beyond what was refunded: it is not the clinic's to give back any more.
    deducted_paise: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    settlement_id: str = Field(default="", max_length=40)
    settled_at: datetime | None = instant(null=True)
    source: Source = Field(sa_type=choice(Source, "source"))  # of the first fact about it
    created_at: datetime = instant()
    updated_at: datetime = instant()


class Refund(SQLModel, table=True):
    """Money on its way back. The key and the amount are stored before Razorpay is called, and never change."""

    __tablename__ = "refund"
    __table_args__ = (
        sa.CheckConstraint("amount_paise >= 100", name="amount_at_least_one_rupee"),
        sa.CheckConstraint("dispute_id IS NULL OR next_attempt_at IS NULL", name="none_is_sent_in_a_dispute"),
        sa.Index("ix_refund_status_next_attempt_at", "status", "next_attempt_at"),
        sa.Index("ix_refund_refunded_at", "refunded_at"),  # for credit notes: those of the last days
    )

    id: int | None = Field(default=None, primary_key=True)
    payment_id: int = Field(foreign_key="payment.id", index=True)
    gateway_payment_id: str = Field(max_length=40, index=True)
    gateway_refund_id: str | None = Field(default=None, max_length=40, unique=True)
    amount_paise: int
    status: RefundStatus = Field(sa_type=choice(RefundStatus, "status"))
    origin: RefundOrigin = Field(sa_type=choice(RefundOrigin, "origin"))
    reason: str = Field(max_length=80)
    idempotency_key: str = Field(max_length=60, unique=True)
    attempts: int = 0
    next_attempt_at: datetime | None = instant(null=True)
    last_error: str = noted(300)
    # Of a failed refund that another one replaced: Razorpay paid it after all.
    paid_after_all: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    replaced_by_id: int | None = Field(
        default=None, foreign_key="refund.id"
    )  # of a failed refund: the one made instead of it
    # Of a pending refund: it waits for the end of this dispute. Of a failed one: this lost dispute gave the money back.
    dispute_id: int | None = Field(default=None, foreign_key="dispute.id")
    # By Razorpay's clock, once it has the refund: the money left the clinic. Of one given back by hand, by ours.
    refunded_at: datetime | None = instant(null=True)
    created_at: datetime = (
        instant()
    )  # when it was promised; of one made at Razorpay's dashboard, by its clock
    updated_at: datetime = instant()  # when we knew of its status
    request_id: str | None = Field(default=None, max_length=64)  # of the request that made it; in the log


class Dispute(SQLModel, table=True):
    """A payment that the patient's bank may take back. A payment may have several, one after the other."""

    __tablename__ = "dispute"
    __table_args__ = (
        sa.CheckConstraint("amount_paise >= 0", name="amount_not_negative"),
        sa.CheckConstraint("deducted_paise >= 0", name="deducted_not_negative"),
        sa.Index("ix_dispute_status_changed_at", "status", "changed_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    payment_id: int = Field(foreign_key="payment.id", index=True)
    gateway_dispute_id: str = Field(max_length=40, unique=True)
    gateway_payment_id: str = Field(max_length=40, index=True)
    amount_paise: int
    deducted_paise: int = 0
    currency: str = Field(max_length=3)
    phase: str = Field(default="", max_length=24)  # Razorpay's word: it may be one that we do not know
    status: DisputeStatus = Field(sa_type=choice(DisputeStatus, "status"))
    reason_code: str = Field(default="", max_length=80)
    respond_by: datetime | None = instant(null=True)
    created_at: datetime = instant()  # by Razorpay's clock, as is the next one
    changed_at: datetime = instant()  # of the word that gave it its status
    seen_at: datetime = instant()  # by ours: the first word of it


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
    status: DeliveryStatus = Field(sa_type=choice(DeliveryStatus, "status"))
    outcome_code: OutcomeCode | None = Field(default=None, sa_type=choice(OutcomeCode, "outcome_code"))
    outcome_detail: str = Field(default="", max_length=300, sa_column_kwargs={"server_default": ""})
    # The outcome of a replay, where an event that had been applied brought nothing new.
    replay_code: OutcomeCode | None = Field(default=None, sa_type=choice(OutcomeCode, "replay_code"))
    attempts: int = 0
    next_attempt_at: datetime | None = instant(null=True)
    received_at: datetime = instant(index=True)
    handled_at: datetime | None = instant(null=True)
    request_id: str | None = Field(default=None, max_length=64)  # of the request that brought it; in the log


class ReconciliationCase(SQLModel, table=True):
    """A difference between Razorpay's books and ours that does not mend itself, until the desk closes it."""

    __tablename__ = "reconciliation_case"
    __table_args__ = (sa.UniqueConstraint("kind", "subject"),)

    id: int | None = Field(default=None, primary_key=True)
    kind: str = Field(max_length=40)
    subject: str = Field(max_length=60)
    detail: str = noted(300, required=True)
    opened_at: datetime = instant()
    seen_at: datetime = instant()
    announced_at: datetime | None = instant(null=True)  # to ALERT_EMAIL
    closed_at: datetime | None = instant(null=True, index=True)
    closed_by_id: int | None = Field(default=None, foreign_key="person.id")
    closing_note: str = noted(300)


class Downtime(SQLModel, table=True):
    """A way to pay that Razorpay says is in trouble."""

    __tablename__ = "downtime"
    __table_args__ = (sa.Index("ix_downtime_ended", "ended"),)

    id: int | None = Field(default=None, primary_key=True)
    gateway_downtime_id: str = Field(max_length=40, unique=True)
    method: str = Field(max_length=20)
    severity: str = Field(default="", max_length=20)
    instrument: str = Field(default="", max_length=80)
    begins_at: datetime = instant()
    ended: bool = False
    changed_at: datetime = instant()  # by Razorpay's clock; an older message is no news
    seen_at: datetime = instant()  # by ours: the last message or answer that named it
