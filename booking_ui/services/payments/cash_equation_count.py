"""The count of promise 9, beside those of the other promises: it is taken when the books are compared, not every few minutes."""

from __future__ import annotations

from datetime import datetime

import structlog
from sqlmodel import Session

from booking_ui.db.inserts import unless_known
from booking_ui.db.models import PromiseCount
from booking_ui.db.session import write
from booking_ui.domain import remarks
from booking_ui.domain.remark_codes import RemarkCode
from booking_ui.domain.remarks import Remark
from booking_ui.languages import N_
from booking_ui.services.cases import reconciliation_cases
from booking_ui.services.cases.reconciliation_cases import CaseKind
from booking_ui.services.payments.cash_equation import Equation

log = structlog.get_logger()

FAULT_LETTERS = 300  # of the column

NUMBER = 9
PROMISE = N_(
    "For each payment, captured minus refunded is the same at Razorpay and here, and disputes are marked"
)
NEVER = Remark(RemarkCode.NEVER_COMPARED)


def keep(equation: Equation, *, now: datetime) -> None:
    """Store the count for /api/ready and the desk. Each difference is a case, unless an open one tells of it."""
    broken = {one.subject: one.fault for one in equation.differences}
    with write() as tx:
        _update_cases(tx, broken, equation.examined, now)
        first = next(iter(broken.items()), None)
        tx.merge(
            PromiseCount(
                number=NUMBER,
                promise=PROMISE,
                checked=equation.checked,
                violated=len(equation.differences),
                first_fault=remarks.fitted(
                    Remark(RemarkCode.FAULT, subject=first[0], fault=first[1]), FAULT_LETTERS
                )
                if first
                else "",
                note=note_on(equation),
                unchecked=False,
                at=now,
            )
        )
    if broken:
        log.error("promises.violated", promise=NUMBER, violations=len(equation.differences))


def _update_cases(tx: Session, broken: dict[str, Remark], examined: frozenset[str], now: datetime) -> None:
    for subject, fault in broken.items():
        if not reconciliation_cases.any_open(tx, subject):
            reconciliation_cases.open_within(tx, CaseKind.BOOKS_DIFFER, subject, fault, now)
    over = reconciliation_cases.open_subjects(tx, CaseKind.BOOKS_DIFFER) & examined - broken.keys()
    for subject in sorted(over):
        reconciliation_cases.end(tx, CaseKind.BOOKS_DIFFER, subject, Remark(RemarkCode.AGREE), now)


def note_on(equation: Equation) -> str:
    """The part that was left out of the count, for people; empty for none."""
    if not equation.explained:
        return equation.note
    code = RemarkCode.ONE_EXPLAINED if equation.explained == 1 else RemarkCode.EXPLAINED
    counted = Remark(code, count=equation.explained)
    return Remark(RemarkCode.TOGETHER, one=counted, other=equation.note) if equation.note else counted


def keep_unchecked(*, why: Remark, now: datetime) -> None:
    """Store that Razorpay could not be asked. What the last comparison found stays, with its instant."""
    note_never(now=now)
    with write() as tx:
        known = tx.get_one(PromiseCount, NUMBER, with_for_update=True)
        known.unchecked, known.note = True, why
        tx.add(known)


def note_never(*, now: datetime) -> None:
    """Show the promise as unchecked until the first comparison."""
    empty = {"number": NUMBER, "promise": PROMISE, "checked": 0, "violated": 0, "first_fault": ""}
    with write() as tx:
        first = unless_known(tx, PromiseCount).values(**empty, unchecked=True, note=NEVER, at=now)
        tx.execute(first)
