"""The mail to ALERT_EMAIL: the cases that are open as it leaves, by title and subject alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from booking_ui.config.notations import mail_box
from booking_ui.config.settings import settings
from booking_ui.db.models import Notification, ReconciliationCase
from booking_ui.domain.clock import instant_label
from booking_ui.domain.remark_codes import RemarkCode
from booking_ui.domain.remarks import Remark
from booking_ui.gateways import mail
from booking_ui.services.cases.reconciliation_cases import TITLES, CaseKind, subject_words
from booking_ui.services.mail import letter

MOST = 10  # cases that are named


def compose(tx: Session, row: Notification, _now: datetime) -> mail.Message | Remark:
    """The mail, or the reason why it must not be sent."""
    cases = tx.exec(
        select(ReconciliationCase)
        .where(col(ReconciliationCase.closed_at).is_(None), ReconciliationCase.kind != CaseKind.ALERT_PARKED)
        .order_by(col(ReconciliationCase.opened_at).desc(), col(ReconciliationCase.id).desc())
    ).all()
    if not cases:
        return Remark(RemarkCode.CASES_CLOSED)
    if not settings().alert_email:
        return Remark(RemarkCode.NO_ALERTS)
    text, link = _text(cases), f"{settings().base_url}/admin/books/"
    return mail.Message(
        to=mail_box(settings().alert_email)[1],
        subject=f"{_count(len(cases))}: {TITLES[CaseKind(cases[0].kind)]}",
        text=f"{text}\n\nSee what to do: {link}\n\n{settings().merchant_name}\n",
        html=letter.page(text, link, "See what to do"),
        key=row.key,
    )


def _text(cases: Sequence[ReconciliationCase]) -> str:
    lines = [_line(case) for case in cases[:MOST]]
    more = [f"And {len(cases) - MOST} more."] if len(cases) > MOST else []
    return "\n".join([f"{_count(len(cases))} at the desk of {settings().merchant_name}.", "", *lines, *more])


def _count(cases: int) -> str:
    return "1 case waits" if cases == 1 else f"{cases} cases wait"


def _line(case: ReconciliationCase) -> str:
    kind, since = CaseKind(case.kind), instant_label(case.opened_at, settings().zone)
    return f"{TITLES[kind]}: {subject_words(kind, case.subject)}, since {since}"
