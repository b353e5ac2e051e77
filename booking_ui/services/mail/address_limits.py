"""Limits on the messages to one address or number, whoever caused them and by whatever door.

Counted in the table of messages by a keyed hash of the address, so that neither a restart nor an account that is erased and
opened again begins anew. Two workers at the same instant may go over by one.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from booking_ui.config.notations import rate_limits
from booking_ui.config.settings import settings
from booking_ui.db.models import Notification, Person
from booking_ui.services.mail import link_secrets


def free_at(tx: Session, address: str, now: datetime) -> datetime | None:
    """The instant at which another message may leave to this mail address or telephone number; None for now.

    RATE_LIMIT_MAILS counts for one that its owner has confirmed, RATE_LIMIT_MAILS_UNCONFIRMED for any other.
    """
    mailed = sa.and_(col(Person.email) == address, col(Person.email_verified_at).is_not(None))
    texted = sa.and_(col(Person.phone) == address, col(Person.phone_verified_at).is_not(None))
    owner = tx.exec(select(Person.id).where(sa.or_(mailed, texted))).first()
    limits = settings().rate_limit_mails if owner else settings().rate_limit_mails_unconfirmed
    waits = (
        _free_at(tx, address, rule.amount, timedelta(seconds=rule.get_expiry()), now)
        for rule in rate_limits(limits)
    )
    return max((wait for wait in waits if wait is not None), default=None)


def _free_at(tx: Session, address: str, amount: int, window: timedelta, now: datetime) -> datetime | None:
    """The instant at which the oldest of the last `amount` mails is `window` old; None if that was before now."""
    sent = (
        select(Notification.sent_at)
        .where(
            Notification.address_hash == link_secrets.address_hash(address),
            col(Notification.sent_at) > now - window,
        )
        .order_by(col(Notification.sent_at).desc())
    )
    oldest = tx.exec(sent.offset(amount - 1).limit(1)).first()
    return oldest + window if oldest else None
