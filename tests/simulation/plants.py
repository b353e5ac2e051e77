"""Rules that read sentences, planted to prove that they are found out. Each is of a kind that this product once had."""

from __future__ import annotations

import dataclasses
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import object_session
from sqlmodel import col, select

from booking_ui.db.models import AuditEntry
from booking_ui.domain.causes import Cause
from booking_ui.services.journal import audit
from booking_ui.services.refunds import outcome
from booking_ui.services.upkeep import invariants
from booking_ui.services.visits import patient_view
from tests.simulation.planting import Bug, Swap
from tests.simulation.stage import Stage

BY_ORIGIN = sa.text(f"r.origin IN {invariants.COURTESIES}").text
BY_TEXT = sa.text("r.reason IN ('made at Razorpay', 'given back by hand')").text
EXTRA = ("paid twice", "amount or currency differs")


def _text_in_sql(_stage: Stage) -> list[Swap]:
    """Promise 3 knows a courtesy by the text of a refund's reason."""
    promises = tuple(
        dataclasses.replace(one, queries=tuple(query.replace(BY_ORIGIN, BY_TEXT) for query in one.queries))
        for one in invariants.PROMISES
    )
    return [(invariants, "PROMISES", promises)]


def _text_written_twice(_stage: Stage) -> list[Swap]:
    """A refund of the visit's own money is known by its reason, which is written here a second time."""
    return [(outcome, "_of_visit", lambda _payment, refund: refund.reason not in EXTRA)]


def _shared_constant(_stage: Stage) -> list[Swap]:
    """A hold that ended is known by the reason of an audit row, compared with what that was made of."""

    def ended(b: patient_view.Booking) -> bool:
        said = [row.reason for row in b.trail if row.action == audit.Action.APPOINTMENT]
        return said[-1] in (Cause.HOLD_EXPIRED.words, Cause.LET_GO.words)

    return [(patient_view, "phase", _phase(ended))]


def _constant_in_query(_stage: Stage) -> list[Swap]:
    """The same, asked of the database."""

    def ended(b: patient_view.Booking) -> bool:
        rows = select(AuditEntry.reason).where(
            AuditEntry.subject == audit.booking(b.appointment.id or 0),
            AuditEntry.action == audit.Action.APPOINTMENT,
        )
        last = rows.order_by(col(AuditEntry.seq).desc()).limit(1).subquery()
        ends = last.c.reason.in_([Cause.HOLD_EXPIRED.words, Cause.LET_GO.words])
        said = select(sa.func.count()).where(ends).select_from(last)
        tx = object_session(b.appointment)
        assert tx is not None  # a phase is told while its rows are read
        return bool(tx.execute(said).scalar_one())

    return [(patient_view, "phase", _phase(ended))]


def _phase(ended: object) -> object:
    phase = patient_view.phase

    def by_words(b: patient_view.Booking, now: datetime) -> str:
        found = phase(b, now)
        if found not in ("expired", "failed") or b.appointment.status != "failed":
            return found
        return "expired" if ended(b) else "failed"  # type: ignore[operator]

    return by_words


PLANTS = {
    "text-in-sql": Bug("a query names a text", _text_in_sql),
    "text-written-twice": Bug("a rule compares with a text of its own", _text_written_twice),
    "shared-constant": Bug("a rule compares with the constant", _shared_constant),
    "constant-in-query": Bug("a query compares with the constant", _constant_in_query),
}
