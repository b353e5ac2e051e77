"""Settlements: the payments that Razorpay has paid out to the clinic's bank, compared with ours.

Our own books do not depend on them: money is kept or refunded when it is captured, not when it is paid out.
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from datetime import date, datetime, timedelta

import sqlalchemy as sa
import structlog
from sqlmodel import Session, col, select

from booking_ui.config.settings import settings
from booking_ui.db.models import Dispute, PaymentAttempt, Refund
from booking_ui.db.session import read, write
from booking_ui.domain.clock import today
from booking_ui.domain.errors import GatewayError, GatewayRejected, GatewayUnreadable
from booking_ui.domain.gateway_news import SettledItem
from booking_ui.domain.payment import AttemptStatus, RefundStatus, Source
from booking_ui.domain.period import span
from booking_ui.domain.remark_codes import RemarkCode
from booking_ui.domain.remarks import Paise, Remark
from booking_ui.gateways.razorpay import gateway
from booking_ui.services.cases import reconciliation_cases
from booking_ui.services.cases.reconciliation_cases import CaseKind
from booking_ui.services.payments import disputes

log = structlog.get_logger()

DAYS = 3  # a day's list may grow until the evening of the next; one to spare
OVERDUE = timedelta(days=10)  # two working days are usual; a festival week and a bank's strike fit
FORGOTTEN = timedelta(days=31)  # what is older has its case, or was never looked at


def reconcile(*, now: datetime) -> int:
    """Compare the settlements of the last days; gateway trouble only postpones it. Returns how many payments were noted.

    While captured money is overdue, every day since its capture is compared again; what stays unpaid is a case a day.
    """
    last = today(now, settings().zone)
    late = _overdue(now)
    days = max([DAYS, *((last - day).days + 1 for day in late)])
    try:
        noted = sum(compare(day=last - timedelta(days=back), now=now) for back in range(days))
    except GatewayError as exc:
        log.warning("settlements.postponed", reason=exc.reason)
        return 0
    for day, paise in _overdue(now).items():
        code = RemarkCode.ONE_UNSETTLED if len(paise) == 1 else RemarkCode.UNSETTLED
        detail = Remark(code, count=len(paise), amount=Paise(sum(paise)))
        reconciliation_cases.open_case(
            kind=CaseKind.SETTLEMENT_LATE, subject=day.isoformat(), detail=detail, now=now
        )
    return noted


def _overdue(now: datetime) -> dict[date, list[int]]:
    """Paise that were captured, kept and not paid out in time, by the day of their payment, oldest first.

    Only whole days: the desk could close the case of a day between two parts of it. Nothing for an account that is not
    live and was never paid out to: Razorpay's test mode settles nothing.
    """
    going_back = sa.exists().where(
        col(Refund.gateway_payment_id) == col(PaymentAttempt.gateway_payment_id),
        col(Refund.status) != RefundStatus.FAILED,
    )
    day = today(now, settings().zone)
    days = span(day - FORGOTTEN, day - OVERDUE - timedelta(days=1), settings().zone)
    query = (
        select(PaymentAttempt.created_at, PaymentAttempt.amount_paise)
        .where(
            col(PaymentAttempt.created_at) >= days.start,
            col(PaymentAttempt.created_at) < days.end,
            PaymentAttempt.status == AttemptStatus.CAPTURED,
            PaymentAttempt.settlement_id == "",
            ~going_back,
            ~sa.exists().where(col(Dispute.gateway_payment_id) == col(PaymentAttempt.gateway_payment_id)),
        )
        .order_by(col(PaymentAttempt.created_at))
    )
    found: defaultdict[date, list[int]] = defaultdict(list)
    with read() as tx:
        settled = select(PaymentAttempt.id).where(PaymentAttempt.settlement_id != "").limit(1)
        if settings().live or tx.exec(settled).first() is not None:
            for at, paise in tx.exec(query):
                found[today(at, settings().zone)].append(paise)
    return found


def compare(*, day: date, now: datetime) -> int:
    """Note which payments were settled on a day and open a case for each that is not as we know it. Safe to repeat.

    Returns how many payments were newly noted. Raises GatewayError.
    """
    noted = 0
    for item in gateway().settled_on(day):
        if item.kind == "payment":
            noted += _note_payment(item, now)
        elif item.kind == "refund":
            _check_refund(item, now)
        elif item.kind == "adjustment" and item.dispute_id:
            _ask_about_dispute(item, now)
    return noted


def _ask_about_dispute(item: SettledItem, now: datetime) -> None:
    """Follow a dispute whose deduction Razorpay has settled: its message may be lost. Raises GatewayError."""
    # Razorpay may not show it to this account; one that can't be read is a case of the daily comparison.
    with suppress(GatewayRejected, GatewayUnreadable):
        disputes.record(fact=gateway().dispute(item.dispute_id), source=Source.COMPARISON, now=now)


def _check_refund(item: SettledItem, now: datetime) -> None:
    """Open a case for a refund of one of our payments that we do not know."""
    with write() as tx:
        ours = select(PaymentAttempt.id).where(PaymentAttempt.gateway_payment_id == item.payment_id)
        known = select(Refund.id).where(Refund.gateway_refund_id == item.entity_id)
        if tx.exec(ours).first() is not None and tx.exec(known).first() is None:
            detail = Remark(
                RemarkCode.REFUND_IN, amount=Paise(item.amount_paise), settlement=item.settlement_id
            )
            reconciliation_cases.open_within(tx, CaseKind.SETTLED_UNKNOWN, item.entity_id, detail, now)


def _note_payment(item: SettledItem, now: datetime) -> int:
    with write() as tx:
        attempt = tx.exec(
            select(PaymentAttempt)
            .where(PaymentAttempt.gateway_payment_id == item.payment_id)
            .with_for_update()
        ).first()
        if attempt is None:
            detail = Remark(
                RemarkCode.PAYMENT_IN, amount=Paise(item.amount_paise), settlement=item.settlement_id
            )
            reconciliation_cases.open_within(tx, CaseKind.SETTLED_UNKNOWN, item.payment_id, detail, now)
            return 0
        _check_payment(tx, attempt, item, now)
        if attempt.settlement_id:
            return 0
        attempt.settlement_id, attempt.settled_at = item.settlement_id, item.settled_at
        tx.add(attempt)
        return 1


def _check_payment(tx: Session, attempt: PaymentAttempt, item: SettledItem, now: datetime) -> None:
    if attempt.amount_paise != item.amount_paise:
        amount, here = Paise(item.amount_paise), Paise(attempt.amount_paise)
        detail = Remark(RemarkCode.SETTLED_OTHER, amount=amount, here=here)
        reconciliation_cases.open_within(tx, CaseKind.SETTLED_AMOUNT, item.payment_id, detail, now)
    if attempt.settlement_id and attempt.settlement_id != item.settlement_id:
        detail = Remark(RemarkCode.SETTLED_TWICE, one=attempt.settlement_id, other=item.settlement_id)
        reconciliation_cases.open_within(tx, CaseKind.SETTLED_TWICE, item.payment_id, detail, now)
