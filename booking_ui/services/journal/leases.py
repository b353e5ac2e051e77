"""Rows that wait for a worker: taken in hand until an instant, after which another worker may, and tried again by steps.

A lease ends by itself, so what a process that died had in hand is not lost; nothing else is needed to free it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, select

Row = TypeVar("Row", bound=SQLModel)


@dataclass(frozen=True)
class Patience:
    """The length of a lease, and the waits after each try that failed."""

    lease: timedelta
    steps: tuple[timedelta, ...]

    def after(self, tries: int, now: datetime) -> datetime | None:
        """The next try after this many that failed; None once the steps are used up."""
        return now + self.steps[tries - 1] if tries <= len(self.steps) else None

    def at_last(self, tries: int, now: datetime) -> datetime:
        """The next try of what is never given up: the last step is repeated."""
        return now + self.steps[min(max(tries, 1), len(self.steps)) - 1]


def _steps(**units: tuple[int, ...]) -> tuple[timedelta, ...]:
    return tuple(timedelta(**{unit: n}) for unit, numbers in units.items() for n in numbers)


MINUTE = timedelta(minutes=1)
WEBHOOKS = Patience(MINUTE, _steps(seconds=(1, 5, 30), minutes=(2, 10), hours=(1, 6)))
REFUNDS = Patience(MINUTE, _steps(seconds=(5, 30), minutes=(2, 10), hours=(1,)))
MAILS = Patience(2 * MINUTE, _steps(seconds=(10,), minutes=(1, 10), hours=(1, 6)))
# Of a quiet order the steps count from its opening: webhooks may never come.
ORDERS = Patience(5 * MINUTE, _steps(minutes=(1, 5, 15), hours=tuple(range(1, 25)), days=(2, 3, 4)))


def lease(
    tx: Session, model: type[Row], due: Any, *where: Any, patience: Patience, now: datetime, limit: int
) -> list[Row]:
    """Take the rows in hand whose instant in the column `due` has come, longest due first; two workers get different rows.

    `due` is set to the end of the lease, and the try is counted in tables that count them.
    """
    rows = tx.exec(
        select(model)
        .where(*where, col(due) <= now)
        .order_by(col(due), *sa.inspect(model).primary_key)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        setattr(row, due.key, now + patience.lease)
        if "attempts" in model.model_fields:
            row.attempts += 1  # type: ignore[attr-defined]  # just asked
        tx.add(row)
    return list(rows)
