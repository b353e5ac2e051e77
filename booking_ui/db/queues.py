"""Queues: rows that wait for a worker, which takes them in hand until an instant and tries again by steps.

`locks.lease` takes them. A lease ends by itself, so what a process that died had in hand is not lost; nothing else is
needed to free it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlmodel import SQLModel, col

from booking_ui.db.models import DeliveryStatus, Notification, Payment, Refund, WebhookEvent
from booking_ui.domain.payment import RefundStatus

Row = TypeVar("Row", bound=SQLModel)


@dataclass(frozen=True, eq=False)
class Queue(Generic[Row]):
    """The rows of one table that wait, until when each does, the length of a lease, and the waits after failed tries."""

    model: type[Row]
    due: Any  # the column of the instant at which a row's next try is due
    lease: timedelta
    steps: tuple[timedelta, ...]
    waiting: tuple[sa.ColumnElement[bool], ...] = ()  # besides being due

    def after(self, tries: int, now: datetime) -> datetime | None:
        """The next try after this many that failed; None once the steps are used up."""
        return now + self.steps[tries - 1] if tries <= len(self.steps) else None

    def at_last(self, tries: int, now: datetime) -> datetime:
        """The next try of what is never given up: the last step is repeated."""
        return now + self.steps[min(max(tries, 1), len(self.steps)) - 1]


def _steps(**units: tuple[int, ...]) -> tuple[timedelta, ...]:
    return tuple(timedelta(**{unit: n}) for unit, numbers in units.items() for n in numbers)


MINUTE = timedelta(minutes=1)
WEBHOOKS = Queue(
    WebhookEvent,
    WebhookEvent.next_attempt_at,
    MINUTE,
    _steps(seconds=(1, 5, 30), minutes=(2, 10), hours=(1, 6)),
    (col(WebhookEvent.status) == DeliveryStatus.WAITING,),
)
REFUNDS = Queue(
    Refund,
    Refund.next_attempt_at,
    MINUTE,
    _steps(seconds=(5, 30), minutes=(2, 10), hours=(1,)),
    (col(Refund.status) == RefundStatus.PENDING,),
)
MAILS = Queue(
    Notification,
    Notification.next_attempt_at,
    2 * MINUTE,
    _steps(seconds=(10,), minutes=(1, 10), hours=(1, 6)),
    (col(Notification.status) == DeliveryStatus.WAITING,),
)
# Of a quiet order the steps count from its opening: webhooks may never come.
ORDERS = Queue(
    Payment,
    Payment.next_check_at,
    5 * MINUTE,
    _steps(minutes=(1, 5, 15), hours=tuple(range(1, 25)), days=(2, 3, 4)),
)
