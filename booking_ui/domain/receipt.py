"""Receipts and credit notes: their kinds and their numbers."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

INDIA = ZoneInfo("Asia/Kolkata")
"""The zone of financial years, wherever the clinic is: they are the tax office's."""

FIRST_MONTH = 4


class ReceiptKind(StrEnum):
    """A receipt is for captured money, a credit note for money that went back. Each has numbers of its own."""

    RECEIPT = "receipt"
    CREDIT_NOTE = "credit_note"


_LETTERS = {ReceiptKind.RECEIPT: "R", ReceiptKind.CREDIT_NOTE: "C"}


def financial_year(instant: datetime) -> int:
    """The year in which the financial year (April to March) of an instant begins."""
    local = instant.astimezone(INDIA)
    return local.year if local.month >= FIRST_MONTH else local.year - 1


def number_text(kind: ReceiptKind, year: int, number: int) -> str:
    """R/2026-27/000001, a credit note's C/2026-27/000001: at most 16 characters, as the GST rules ask for."""
    return f"{_LETTERS[kind]}/{year}-{(year + 1) % 100:02}/{number:06}"
