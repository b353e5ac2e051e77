"""Razorpay's webhooks: verified, stored once, answered; thought about afterwards."""

from __future__ import annotations

import hashlib
from datetime import datetime

import structlog

from booking_ui.config.settings import settings
from booking_ui.db.inserts import insert_once
from booking_ui.db.models import DeliveryStatus, WebhookEvent, pk
from booking_ui.db.session import read, write
from booking_ui.domain import actors
from booking_ui.domain.clock import iso
from booking_ui.domain.errors import BadSignature, NotFound, WrongState
from booking_ui.domain.payment import OtherOrder, Verdict
from booking_ui.gateways import wire
from booking_ui.services.cases import reconciliation_cases
from booking_ui.services.journal import audit, changes, leases
from booking_ui.services.journal.audit import Action
from booking_ui.services.payments import apply, downtimes
from booking_ui.services.refunds import send
from booking_ui.services.views import Principal

log = structlog.get_logger()

TOPIC = "inbox"
REPLAYED = "; replayed: "


def receive(*, body: bytes, signature: str | None, event_id: str, now: datetime) -> bool:
    """Store a genuine webhook once; True when it is new. Raises BadSignature; a storage failure propagates.

    The id header is not covered by the signature, so id and body hash together are the key.
    """
    if not wire.signed_by(body, signature, settings().webhook_secrets):
        raise BadSignature
    values = {
        "event_id": event_id[:64],
        "body_sha256": hashlib.sha256(body).hexdigest(),
        "body": body,
        "event": wire.event_name(body),
        "order_id": _order_id(body),
        "status": DeliveryStatus.WAITING,
        "outcome": "",
        "attempts": 0,
        "next_attempt_at": now,
        "received_at": now,
    }
    with write() as tx:
        stored = insert_once(tx, WebhookEvent, values)
        changes.announce(tx, TOPIC)
        return stored is not None


def _order_id(body: bytes) -> str:
    try:
        return wire.event(body).order_id[:40]
    except wire.Unreadable:
        return ""


def process_due(*, now: datetime, limit: int = 50) -> int:
    """Apply the stored events whose time has come; returns how many were tried. Safe in several processes."""
    with write() as tx:
        due = leases.lease(
            tx,
            WebhookEvent,
            WebhookEvent.next_attempt_at,
            WebhookEvent.status == DeliveryStatus.WAITING,
            patience=leases.WEBHOOKS,
            now=now,
            limit=limit,
        )
        events = [(pk(row), row.body) for row in due]
    for event_row_id, body in events:
        _process(event_row_id, body, now)
    return len(events)


def _process(event_row_id: int, body: bytes, now: datetime, first: str = "") -> str:
    """Apply and record. `first` is what came of it before a replay: kept when the replay finds nothing new."""
    try:
        outcome = handle(body=body, now=now)
        ignored = outcome.startswith("ignored")
        status = DeliveryStatus.IGNORED if ignored else DeliveryStatus.DONE
        if ignored and first:
            status, again = DeliveryStatus.DONE, outcome.partition(": ")[2]
            _finish(event_row_id, status, f"{first}{REPLAYED}{again}", now)
        else:
            _finish(event_row_id, status, outcome, now)
    except (wire.Unreadable, OtherOrder) as exc:
        outcome = str(exc)
        _finish(event_row_id, DeliveryStatus.PARKED, outcome, now)
        _alert(body, outcome, now)
    except Exception as exc:
        log.exception("webhook.failed", event_row=event_row_id)
        outcome = f"failed: {type(exc).__name__}"
        _retry_later(event_row_id, outcome, now)
    return outcome


def _alert(body: bytes, outcome: str, now: datetime) -> None:
    """One that names no order of ours would be seen by nobody: the desk gets a case, one a day for each kind of event."""
    log.warning("webhook.parked", reason=outcome)
    if not _order_id(body):
        subject = f"{wire.event_name(body)[:48] or 'no event'} {iso(now)[:10]}"
        reconciliation_cases.open_case(kind="unreadable_message", subject=subject, detail=outcome, now=now)


def handle(*, body: bytes, now: datetime) -> str:
    """Apply one event's content; returns what was done, in words ("ignored: …" when nothing). Raises Unreadable."""
    event = wire.event(body)
    if event.refund and event.payment:
        # The refund may be the first that we hear of its payment: captured, or lapsed.
        heard = apply.apply(fact=event.payment, heard_from="webhook", now=now)
        done = send.settle(fact=event.refund, now=now, heard_from="webhook")
        return f"applied: {heard.value}" if heard and heard is not Verdict.IGNORE else done
    if event.downtime:
        return downtimes.note(fact=event.downtime, now=now)
    if event.payment is None:
        return f"ignored: no use for {event.name}"
    found = apply.apply(fact=event.payment, heard_from="webhook", now=now)
    if found is None:
        return "ignored: an order we do not know"
    return "ignored: nothing new" if found is Verdict.IGNORE else f"applied: {found.value}"


def replay(*, admin: Principal, event_row_id: int, now: datetime) -> str:
    """Apply a stored event again, whatever became of it; returns what the replay did.

    Harmless for one that was applied: what it did the first time stays on record, and the replay beside it.

    Raises NotFound; WrongState when its text was removed.
    """
    with write() as tx:
        # Locked, or retention might take the text meanwhile.
        row = tx.get(WebhookEvent, event_row_id, with_for_update=True)
        if row is None:
            raise NotFound
        _has_text(row)
        audit.record(
            tx,
            f"webhook_event:{event_row_id}:{iso(now)}",
            Action.REPLAY,
            actor=actors.signed_in(admin),
            before=row.status.value,
            after=DeliveryStatus.WAITING,
            reason=row.outcome,
            now=now,
        )
        row.status, row.next_attempt_at, row.attempts = DeliveryStatus.WAITING, now + leases.WEBHOOKS.lease, 1
        tx.add(row)
        body, first = row.body, row.outcome.partition(REPLAYED)[0]
    return _process(event_row_id, body, now, first if first.startswith("applied") else "")


def dry_run(*, event_row_id: int, now: datetime) -> str:
    """What applying a stored event would do now, in words; changes nothing.

    Raises NotFound; WrongState when its text was removed.
    """
    with read() as tx:
        row = tx.get(WebhookEvent, event_row_id)
    if row is None:
        raise NotFound
    _has_text(row)
    try:
        event = wire.event(row.body)
    except wire.Unreadable as exc:
        return f"can't be read: {exc}"
    if event.downtime:
        return f"would record: news about {event.downtime.method}"
    if event.payment is None:
        return f"would ignore: no use for {event.name}"
    try:
        found = apply.preview(fact=event.payment, now=now)
    except OtherOrder as exc:
        return f"can't be applied: {exc}"
    if found and found is not Verdict.IGNORE:
        return f"would apply: {found.value}"
    if event.refund:
        return _foreseen(send.preview(fact=event.refund, now=now))
    return "would ignore: an order we do not know" if found is None else "would ignore: nothing new"


def _foreseen(outcome: str) -> str:
    """The words of an outcome, before it happens."""
    kind, _, what = outcome.partition(": ")
    return f"would ignore: {what}" if kind == "ignored" else f"would record: {what}"


def _has_text(row: WebhookEvent) -> None:
    if not row.body:
        raise WrongState(
            "The text of this message was removed, as RETENTION_WEBHOOK_DAYS asks. Ask Razorpay instead."
        )


def _finish(event_row_id: int, status: DeliveryStatus, outcome: str, now: datetime) -> None:
    with write() as tx:
        row = tx.get(WebhookEvent, event_row_id)
        assert row is not None  # retention removes only what was handled, and has no text any more
        row.status, row.outcome, row.handled_at, row.next_attempt_at = status, outcome[:300], now, None
        tx.add(row)


def _retry_later(event_row_id: int, outcome: str, now: datetime) -> None:
    with write() as tx:
        row = tx.get(WebhookEvent, event_row_id)
        assert row is not None  # see _finish
        row.next_attempt_at = leases.WEBHOOKS.after(row.attempts, now)
        row.outcome = outcome
        row.status = DeliveryStatus.WAITING if row.next_attempt_at else DeliveryStatus.PARKED
        tx.add(row)
