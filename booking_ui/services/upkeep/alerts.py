"""Mails to ALERT_EMAIL about cases that were opened: soon, and never a storm.

A job looks for them, and not the transaction that opens a case: two that opened cases of one kind at once would wait for
each other there, and money with them.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from booking_ui.config.settings import settings
from booking_ui.db.models import ReconciliationCase, pk
from booking_ui.db.session import write
from booking_ui.domain.clock import iso
from booking_ui.services.cases.reconciliation_cases import CaseKind
from booking_ui.services.mail import outbox

AT_MOST_EVERY = timedelta(hours=1)  # for each kind of case


def announce(*, now: datetime) -> int:
    """Make one mail due about all the cases that are new; returns their number.

    A case waits while another of its kind was announced within the hour. One that says that these mails can't be sent is
    never announced by them.
    """
    if not settings().alert_email:
        return 0
    with write() as tx:
        new = tx.exec(
            select(ReconciliationCase)
            .where(
                col(ReconciliationCase.closed_at).is_(None),
                col(ReconciliationCase.announced_at).is_(None),
                ReconciliationCase.kind != CaseKind.ALERT_PARKED,
            )
            .order_by(col(ReconciliationCase.id))
            .with_for_update()
        ).all()
        recent = _announced_since(tx, now - AT_MOST_EVERY)
        told = [case for case in new if case.kind not in recent]
        if told:
            outbox.add_alert(tx, key=f"{pk(told[0])}:{iso(now)}", now=now)
        for case in told:
            case.announced_at = now
            tx.add(case)
        return len(told)


def _announced_since(tx: Session, instant: datetime) -> set[str]:
    """The kinds of case of which one was announced after this instant."""
    last = select(ReconciliationCase.kind).group_by(ReconciliationCase.kind)
    return set(tx.exec(last.having(func.max(ReconciliationCase.announced_at) > instant)).all())
