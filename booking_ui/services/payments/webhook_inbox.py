"""Razorpay's webhooks: verified, stored once and answered; applied afterwards."""

from __future__ import annotations

import hashlib
from datetime import datetime

import structlog

from booking_ui.config.settings import settings
from booking_ui.db import locks, queues
from booking_ui.db.inserts import insert_once
from booking_ui.db.models import DeliveryStatus, WebhookEvent, pk
from booking_ui.db.session import read, write
from booking_ui.domain import actors
from booking_ui.domain.clock import iso
from booking_ui.domain.errors import BadSignature, NotFound, WrongState
from booking_ui.domain.payment import OtherOrder, Source, Verdict
from booking_ui.domain.remark_codes import RemarkCode
from booking_ui.domain.remarks import Remark
from booking_ui.domain.webhook_outcome import OF_VERDICT, Group, Outcome, OutcomeCode
from booking_ui.gateways import wire
from booking_ui.languages import _
from booking_ui.services.cases import reconciliation_cases
from booking_ui.services.cases.reconciliation_cases import CaseKind
from booking_ui.services.journal import audit, changes, request_ids
from booking_ui.services.journal.audit import Action
from booking_ui.services.payments import apply, disputes, downtimes
from booking_ui.services.refunds import send
from booking_ui.services.views import Principal

log = structlog.get_logger()

TOPIC = "inbox"


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
        "attempts": 0,
        "next_attempt_at": now,
        "received_at": now,
        "request_id": request_ids.current(),
    }
    with write() as tx:
        stored = insert_once(tx, WebhookEvent, values)
        changes.announce(tx, TOPIC)
    log.info("webhook.stored", event_id=values["event_id"], order=values["order_id"], new=stored is not None)
    return stored is not None


def _order_id(body: bytes) -> str:
    try:
        return wire.event(body).order_id[:40]
    except wire.Unreadable:
        return ""


def process_due(*, now: datetime, limit: int = 50) -> int:
    """Apply the stored events whose time has come; returns how many were tried. Safe in several processes."""
    with write() as tx:
        due = locks.lease(tx, queues.WEBHOOKS, now=now, limit=limit)
        events = [(pk(row), row.body, row.request_id) for row in due]
    for event_row_id, body, request_id in events:
        with request_ids.known_by(request_id, event_row=str(event_row_id)):
            outcome = _process(event_row_id, body, now)
            log.info("webhook.handled", outcome=outcome.code)
    return len(events)


def _process(event_row_id: int, body: bytes, now: datetime, first: Outcome | None = None) -> Outcome:
    """Apply and record. `first` is what came of it before a replay: kept when the replay finds nothing new."""
    try:
        outcome = handle(body=body, now=now)
        ignored = outcome.code.group is Group.IGNORED
        if ignored and first:
            _finish(event_row_id, DeliveryStatus.DONE, first, now, replayed=outcome)
        else:
            _finish(event_row_id, DeliveryStatus.IGNORED if ignored else DeliveryStatus.DONE, outcome, now)
    except (wire.Unreadable, OtherOrder) as exc:
        outcome = _not_applied(exc)
        _finish(event_row_id, DeliveryStatus.PARKED, outcome, now)
        _open_case(body, str(exc), now)
    except Exception as exc:
        log.exception("webhook.failed", event_row=event_row_id)
        outcome = Outcome(OutcomeCode.BROKEN, type(exc).__name__)
        _retry_later(event_row_id, outcome, now)
    return outcome


def _not_applied(why: wire.Unreadable | OtherOrder) -> Outcome:
    if isinstance(why, OtherOrder):
        return Outcome(OutcomeCode.OTHER_ORDER)
    return Outcome(OutcomeCode.UNREADABLE, str(why))


def _open_case(body: bytes, why: str, now: datetime) -> None:
    """Open a case for a message that names no order of ours, one a day for each kind: no booking would show it."""
    log.warning("webhook.parked", reason=why)
    if not _order_id(body):
        subject = f"{wire.event_name(body)[:48] or 'no event'} {iso(now)[:10]}"
        reconciliation_cases.open_case(
            kind=CaseKind.UNREADABLE_MESSAGE,
            subject=subject,
            detail=Remark(RemarkCode.QUOTED, text=why),
            now=now,
        )


def handle(*, body: bytes, now: datetime) -> Outcome:
    """Apply one event's content; returns what was done. Raises Unreadable, OtherOrder."""
    event = wire.event(body)
    if event.refund and event.payment:
        # The refund may be the first that we hear of its payment: captured, or lapsed.
        verdict = apply.apply(fact=event.payment, source=Source.WEBHOOK, now=now, refunds=(event.refund,))
        done = send.settle(fact=event.refund, now=now, source=Source.WEBHOOK)
        return OF_VERDICT[verdict] if verdict and verdict is not Verdict.IGNORE else done
    if event.dispute:
        if event.payment:  # the dispute may be the first that we hear of its payment
            apply.apply(fact=event.payment, source=Source.WEBHOOK, now=now)
        return disputes.record(fact=event.dispute, source=Source.WEBHOOK, at=event.at, now=now)
    if event.downtime:
        return downtimes.record(fact=event.downtime, now=now)
    if event.payment is None:
        return Outcome(OutcomeCode.NO_USE, event.name)
    return OF_VERDICT[apply.apply(fact=event.payment, source=Source.WEBHOOK, now=now)]


def replay(*, admin: Principal, event_row_id: int, now: datetime) -> Outcome:
    """Apply a stored event again, whatever became of it; returns what the replay did.

    Harmless for one that was applied: what it did the first time stays on record, and the replay beside it.

    Raises NotFound; WrongState when its text was removed.
    """
    with write() as tx:
        # Locked, or retention might take the text meanwhile.
        row = tx.get(WebhookEvent, event_row_id, with_for_update=True)
        if row is None:
            raise NotFound
        _require_text(row)
        first, replayed = outcomes(row)
        audit.record(
            tx,
            f"webhook_event:{event_row_id}:{iso(now)}",
            Action.REPLAY,
            actor=actors.signed_in(admin),
            before=row.status.value,
            after=DeliveryStatus.WAITING,
            reason=_stated(first, replayed),
            now=now,
        )
        row.status, row.next_attempt_at, row.attempts = DeliveryStatus.WAITING, now + queues.WEBHOOKS.lease, 1
        tx.add(row)
        body = row.body
    return _process(event_row_id, body, now, first if first and first.code.group is Group.APPLIED else None)


def _stated(first: Outcome | None, replayed: Outcome | None) -> str:
    """The outcomes of an event before it is replayed; empty before its first try."""
    if first is None:
        return ""
    if replayed is None:
        return Remark(RemarkCode.OUTCOME, outcome=first)
    return Remark(RemarkCode.REPLAYED, outcome=first, replayed=replayed)


def dry_run(*, event_row_id: int, now: datetime) -> Outcome:
    """The outcome that a replay of a stored event would have now; changes nothing.

    Raises NotFound; WrongState when its text was removed.
    """
    with read() as tx:
        row = tx.get(WebhookEvent, event_row_id)
    if row is None:
        raise NotFound
    _require_text(row)
    try:
        return _foreseen(wire.event(row.body), now)
    except (wire.Unreadable, OtherOrder) as exc:
        return _not_applied(exc)


def _foreseen(event: wire.Event, now: datetime) -> Outcome:
    """Raises OtherOrder."""
    if event.dispute:
        return disputes.preview(fact=event.dispute, at=event.at, now=now)
    if event.downtime:
        return Outcome(OutcomeCode.DOWNTIME_NEWS, event.downtime.method)
    if event.payment is None:
        return Outcome(OutcomeCode.NO_USE, event.name)
    verdict = apply.preview(fact=event.payment, now=now)
    if event.refund and verdict in (None, Verdict.IGNORE):
        return send.preview(fact=event.refund, now=now)
    return OF_VERDICT[verdict]


def _require_text(row: WebhookEvent) -> None:
    if not row.body:
        raise WrongState(
            _("The text of this message was removed, as RETENTION_WEBHOOK_DAYS asks. Ask Razorpay instead.")
        )


def outcomes(row: WebhookEvent) -> tuple[Outcome | None, Outcome | None]:
    """(what became of the event, what its replay found); the second only where a replay changed nothing more."""
    first = Outcome(row.outcome_code, row.outcome_detail) if row.outcome_code else None
    # Of what a replay can find, only an event of no use has a detail, and it is the event's name.
    return first, Outcome(row.replay_code, row.event) if row.replay_code else None


def _finish(
    event_row_id: int,
    status: DeliveryStatus,
    outcome: Outcome,
    now: datetime,
    *,
    replayed: Outcome | None = None,
) -> None:
    with write() as tx:
        row = tx.get(WebhookEvent, event_row_id)
        assert row is not None  # retention removes only what was handled, and has no text any more
        row.status, row.handled_at, row.next_attempt_at = status, now, None
        _record_outcome(row, outcome, replayed)
        tx.add(row)


def _retry_later(event_row_id: int, outcome: Outcome, now: datetime) -> None:
    with write() as tx:
        row = tx.get(WebhookEvent, event_row_id)
        assert row is not None  # see _finish
        row.next_attempt_at = queues.WEBHOOKS.after(row.attempts, now)
        row.status = DeliveryStatus.WAITING if row.next_attempt_at else DeliveryStatus.PARKED
        _record_outcome(row, outcome)
        tx.add(row)


def _record_outcome(row: WebhookEvent, outcome: Outcome, replayed: Outcome | None = None) -> None:
    row.outcome_code, row.outcome_detail = outcome.code, outcome.detail[:300]
    row.replay_code = replayed.code if replayed else None
