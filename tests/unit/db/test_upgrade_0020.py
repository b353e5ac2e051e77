"""Revision 0020: a refund that went through before counts from the only instant it has, there and back."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlmodel import col, select

from booking_ui.db.models import Refund
from booking_ui.db.session import database, read
from booking_ui.domain.payment import RefundStatus
from tests.support.cast import NOW
from tests.support.databases import to_revision
from tests.support.desk import a_refund, book, open_desk

LATER = NOW + timedelta(hours=1)


def counted_from() -> list[datetime | None]:
    with read() as tx:
        return list(tx.exec(select(Refund.refunded_at).order_by(col(Refund.id))).all())


@pytest.mark.usefixtures("db")
def test_refunds_of_before_count_from_the_instant_at_which_we_knew() -> None:
    bill = book(open_desk(), "TWOSTEPS", payment_id="pay_kept", order_id="order_1")
    a_refund(bill, RefundStatus.PROCESSED, at=LATER, refund_id="rfnd_1", paise=20_000)
    a_refund(bill, RefundStatus.PENDING, at=NOW, paise=10_000)
    a_refund(bill, RefundStatus.FAILED, at=NOW, paise=5_000)
    address = database().url
    to_revision(address, "downgrade", "0019")
    to_revision(address, "upgrade", "0020")
    assert counted_from() == [LATER, None, None]
