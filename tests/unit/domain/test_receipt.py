"""Numbers of receipts and the years of India's tax office."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from booking_ui.domain.receipt import ReceiptKind, financial_year, number_text


@pytest.mark.parametrize(
    ("instant", "year"),
    [
        (datetime(2026, 3, 31, 18, 29, 59, tzinfo=UTC), 2025),  # 23:59:59 in India
        (datetime(2026, 3, 31, 18, 30, tzinfo=UTC), 2026),
        (datetime(2026, 12, 31, 23, 0, tzinfo=UTC), 2026),
        (datetime(2027, 1, 1, 0, 0, tzinfo=UTC), 2026),
    ],
)
def test_a_financial_year_begins_with_april_in_india(instant: datetime, year: int) -> None:
    assert financial_year(instant) == year


def test_a_number_names_its_kind_and_year_in_at_most_sixteen_characters() -> None:
    assert number_text(ReceiptKind.RECEIPT, 2026, 1) == "R/2026-27/000001"
    assert number_text(ReceiptKind.CREDIT_NOTE, 2099, 123_456) == "C/2099-00/123456"
    assert len(number_text(ReceiptKind.CREDIT_NOTE, 2099, 999_999)) == 16
