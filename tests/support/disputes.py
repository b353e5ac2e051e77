"""Razorpay's word on the disputes of Asha's payment."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlmodel import col, select

from booking_ui.db.models import Dispute
from booking_ui.db.session import read
from booking_ui.domain.dispute import DisputeFact, DisputeStatus
from booking_ui.domain.payment import Source
from booking_ui.domain.webhook_outcome import OutcomeCode
from booking_ui.services.payments import disputes
from booking_ui.services.upkeep import invariants
from tests.support.cast import FEE, NOW
from tests.support.refunds import PAID

DISPUTED = "disp_00000000000001"


def dispute(status: str, *, paise: int = FEE, n: int = 1, **more: Any) -> DisputeFact:
    """The state of one dispute; a lost one took all of it unless the test says otherwise."""
    taken = paise if status == "lost" else 0
    values = {"phase": "chargeback", "reason_code": "goods_not_received", "deducted_paise": taken, **more}
    return DisputeFact(f"disp_{n:014d}", PAID, paise, "INR", DisputeStatus(status), **values)


def hear(fact: DisputeFact, minute: int = 0, *, at: datetime | None = None) -> OutcomeCode:
    """Apply it as a message of that minute; every promise holds afterwards."""
    told_at = at or NOW + timedelta(minutes=minute)
    done = disputes.record(fact=fact, source=Source.WEBHOOK, at=told_at, now=NOW)
    assert [(v.subject, v.fault) for c in invariants.count(now=NOW) for v in c.violations] == []
    return done.code


def kept() -> list[Dispute]:
    """Our disputes, oldest first."""
    with read() as tx:
        return list(tx.exec(select(Dispute).order_by(col(Dispute.id))).all())
