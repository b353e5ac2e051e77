"""Receipts and credit notes for their patients."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ReceiptView:
    """A receipt or credit note that was issued; `refund_id` is 0 for a receipt."""

    kind: str
    number: str
    amount_paise: int
    issued_at: str
    refund_id: int


@dataclass(frozen=True)
class ReceiptFile:
    """A PDF with the name under which it is saved."""

    name: str
    content: bytes
