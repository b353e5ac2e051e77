"""The values of stories: everything that the product decided, and none of what it says."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel, col, func, select

from booking_ui.db.models import Appointment, AuditEntry
from booking_ui.db.session import read, use
from booking_ui.services.desk import booking, webhook_log
from booking_ui.services.visits import patient_view
from tests.simulation.plan import plan
from tests.simulation.planting import Bug
from tests.simulation.stage import Stage
from tests.simulation.storage import Storage
from tests.simulation.story import play

# What people read, and what is drawn by lot.
READ = {
    "appointment": {"reference", "reason"},
    "payment": {"failure", "mark_reason", "mark_reference", "method_detail", "gateway_order_id", "gateway_payment_id"},
    "payment_attempt": {"gateway_payment_id", "detail", "error_description", "settlement_id"},
    "refund": {"reason", "last_error", "idempotency_key", "gateway_payment_id", "gateway_refund_id"},
    "webhook_event": {"event_id", "body", "body_sha256", "order_id", "outcome_detail"},
    "reconciliation_case": {"subject", "detail", "closing_note"},
    "notification": {"key", "last_error"},
    "audit_entry": {"reason", "facts", "hash", "previous_hash"},
    "audit_chain": {"head", "seal"},
    "promise_count": {"promise", "first_fault"},
}  # fmt: skip
PAGES = timedelta(0), timedelta(days=2)
"""How long after the last change the pages are looked at."""


def values(seed: int, storage: Storage, plant: Bug | None = None) -> Any:
    """One story's: whether a promise was broken, every row, and what the pages make of each booking."""
    ending = play(plan(seed), storage, plant)
    use(storage.database)
    try:
        with (plant or Bug()).planted(storage, Stage(lambda _step: None)):
            found = [bool(ending.fault), _rows(storage), _seen()]
    finally:
        use(None)
    return json.loads(json.dumps(found, default=str))


def _rows(storage: Storage) -> dict[str, list[list[Any]]]:
    rows = {}
    with storage.database.engine.connect() as tx:
        for table in SQLModel.metadata.sorted_tables:
            columns = [one for one in table.columns if one.name not in READ.get(table.name, ())]
            found = tx.execute(sa.select(*columns).order_by(*table.primary_key))
            rows[table.name] = [list(row) for row in found]
    return rows


def _seen() -> list[Any] | str:
    try:
        return _pages()
    except AssertionError as fault:  # a sentence was read
        return type(fault).__name__


def _pages() -> list[Any]:
    with read() as tx:
        references = tx.exec(select(Appointment.reference).order_by(col(Appointment.id))).all()
        last = tx.exec(select(func.max(AuditEntry.at))).one() or datetime(2026, 11, 24, tzinfo=UTC)
    stored = [[row.status, row.outcome.partition(":")[0]] for row in webhook_log.stored(page_size=100).rows]
    return [stored, [_booking(one, last + ahead) for one in references for ahead in PAGES]]


def _booking(reference: str, now: datetime) -> list[Any]:
    with read() as tx:
        seen = patient_view.view(patient_view.load(tx, Appointment.reference == reference)[0], now)
    desk = booking.whole_booking(now=now, reference=reference)
    return [
        seen.phase, seen.can_pay, seen.can_try_again, seen.can_cancel, seen.cancel_refund_paise, seen.can_reschedule,
        [line.tone for line in seen.timeline], [line.tone for line in desk.timeline],
        [[one.status, one.can_settle, bool(one.problem)] for one in desk.refunds], [one.status for one in desk.attempts],
        desk.marks, desk.can_conclude, desk.row.way_out, bool(desk.row.needs_attention),
        [one.name for one in desk.cancel_choices],
    ]  # fmt: skip
