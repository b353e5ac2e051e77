"""Downtimes: known from webhooks and from asking now and then, told at checkout in one calm sentence."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from sqlmodel import Session, col, select, update

from booking_ui.config.settings import settings
from booking_ui.db.models import Downtime
from booking_ui.db.session import read, write
from booking_ui.domain.errors import GatewayError
from booking_ui.domain.gateway_news import DowntimeFact
from booking_ui.domain.webhook_outcome import Outcome, OutcomeCode
from booking_ui.gateways.razorpay import gateway
from booking_ui.languages import N_, _

log = structlog.get_logger()

STALE = timedelta(hours=1)
"""News that nothing has repeated for so long is not shown: better no warning than an old one."""

METHODS = {"upi": "UPI", "card": N_("Card payments"), "netbanking": N_("Netbanking"), "wallet": N_("Wallets")}
PLURAL = frozenset({"card", "wallet"})


def record(*, fact: DowntimeFact, now: datetime) -> Outcome:
    """Record one piece of news, in any order; returns what was done."""
    with write() as tx:
        return _record(tx, fact, now)


def _record(tx: Session, fact: DowntimeFact, now: datetime, *, current: bool = False) -> Outcome:
    """Record one piece of news. `current`: Razorpay was asked just now, so older messages do not count."""
    row = tx.exec(
        select(Downtime).where(Downtime.gateway_downtime_id == fact.downtime_id).with_for_update()
    ).first()
    old = row is not None and (row.changed_at > fact.changed_at or row.ended)
    # Once a downtime is removed, an old message about it must not bring it back.
    old = old or fact.changed_at < now - timedelta(days=settings().retention_webhook_days)
    if old and not current:
        return Outcome(OutcomeCode.NOTHING_NEW)
    row = row or Downtime(
        gateway_downtime_id=fact.downtime_id,
        method=fact.method,
        begins_at=fact.begins_at,
        changed_at=fact.changed_at,
        seen_at=now,
    )
    row.severity, row.instrument, row.begins_at = fact.severity, fact.instrument, fact.begins_at
    row.ended, row.changed_at, row.seen_at = fact.ended, fact.changed_at, now
    tx.add(row)
    return Outcome(
        OutcomeCode.DOWNTIME_ENDED if fact.ended else OutcomeCode.DOWNTIME_BEGAN, detail=fact.method
    )


def refresh(*, now: datetime) -> int:
    """Ask Razorpay what is in trouble and forget what is not; returns 0. Gateway trouble changes nothing."""
    try:
        current = gateway().downtimes()
    except GatewayError as exc:
        log.info("downtimes.postponed", reason=exc.reason)
        return 0
    with write() as tx:
        for fact in current:
            _record(tx, fact, now, current=True)
        gone = update(Downtime).where(
            col(Downtime.ended).is_(False),
            col(Downtime.seen_at) < now,
            col(Downtime.gateway_downtime_id).not_in([fact.downtime_id for fact in current]),
        )
        tx.exec(gone.values(ended=True))
    return 0


def notice(*, now: datetime) -> str:
    """The warning for a patient about to pay; empty when every way to pay works, as far as we know."""
    with read() as tx:
        rows = tx.exec(
            select(Downtime)
            .where(
                col(Downtime.ended).is_(False),
                col(Downtime.begins_at) <= now,
                col(Downtime.seen_at) > now - STALE,
            )
            .order_by(col(Downtime.begins_at), col(Downtime.id))
        ).all()
    return sentence(list(rows))


def sentence(rows: list[Downtime]) -> str:
    """UPI is slow at some banks right now. If it doesn't go through, another way to pay should."""
    methods = list(dict.fromkeys(row.method for row in rows))
    if not methods:
        return ""
    names = [_(METHODS[method]) if method in METHODS else method.title() for method in methods]
    many = len(names) > 1 or methods[0] in PLURAL
    listed = names[0]
    if len(names) > 1:
        listed = _("{methods} and {last}", methods=", ".join(names[:-1]), last=names[-1])
    if any(not row.instrument for row in rows):
        slow = (
            _("{methods} are slow right now.", methods=listed)
            if many
            else _("{methods} is slow right now.", methods=listed)
        )
    else:
        slow = (
            _("{methods} are slow at some banks right now.", methods=listed)
            if many
            else _("{methods} is slow at some banks right now.", methods=listed)
        )
    otherwise = _("If a payment doesn't go through, try another way to pay.")
    return f"{slow} {otherwise}"
