"""Receipts and credit notes: their gapless numbers, and what they say, kept as it was when they were issued."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from booking_ui.db.columns import choice, instant
from booking_ui.domain.receipt import ReceiptKind

_OF_A_BILL = sa.text("kind = 'receipt'")


class Receipt(SQLModel, table=True):
    """The receipt of a bill, or the credit note of one of its refunds.

    Within a kind and a financial year each number points at the one before it, so the database itself refuses a gap: a
    number whose predecessor is missing, and the removal of one that has a successor.
    """

    __tablename__ = "receipt"
    __table_args__ = (
        sa.UniqueConstraint("kind", "financial_year", "number"),
        sa.ForeignKeyConstraint(
            ["kind", "financial_year", "previous"],
            ["receipt.kind", "receipt.financial_year", "receipt.number"],
        ),
        sa.CheckConstraint(
            "number = 1 AND previous IS NULL OR number > 1 AND previous IS NOT NULL AND previous = number - 1",
            name="follows_its_predecessor",
        ),
        sa.CheckConstraint("amount_paise > 0", name="amount_positive"),
        sa.CheckConstraint("kind = 'credit_note' OR refund_id IS NULL", name="a_receipt_is_of_no_refund"),
        sa.Index(
            "uq_receipt_of_payment",
            "payment_id",
            unique=True,
            sqlite_where=_OF_A_BILL,
            postgresql_where=_OF_A_BILL,
        ),
        sa.Index("ix_receipt_payment_id", "payment_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    kind: ReceiptKind = Field(sa_type=choice(ReceiptKind, "kind"))
    financial_year: int  # the year in which it begins
    number: int
    previous: int | None = None
    # Both are emptied when the booking is removed after its years: the number stays as long as its year has bookings.
    payment_id: int | None = Field(default=None, foreign_key="payment.id")
    refund_id: int | None = Field(default=None, foreign_key="refund.id", unique=True)
    amount_paise: int
    currency: str = Field(max_length=3)
    facts: dict[str, str] = Field(sa_type=sa.JSON)  # of services/receipts/facts.py
    issued_at: datetime = instant()
