"""Asha's account, and the links and codes that are mailed to it."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlmodel import col, select

from booking_ui.db.models import OneTimeCode
from booking_ui.db.session import read
from booking_ui.services.accounts import authentication, recovery
from booking_ui.services.views import Principal
from tests.support.mails import Post

NOW = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)

MAIL, PASSWORD, OTHER = "asha@example.com", "asha's long password", "another good one"


def asha() -> Principal:
    """Open the account."""
    return authentication.open_account(
        name="Asha Rao", email=MAIL, phone="9876543210", password=PASSWORD, now=NOW
    )


def rows() -> list[OneTimeCode]:
    """Every link and code, oldest first."""
    with read() as tx:
        return list(tx.exec(select(OneTimeCode).order_by(col(OneTimeCode.id))).all())


def code_for(post: Post, now: datetime = NOW) -> str:
    """Ask for a sign-in code; the code that was mailed."""
    recovery.request_code(email=MAIL, now=now)
    return post.newest(now)


def link_for(post: Post, now: datetime = NOW) -> str:
    """Ask for a link to reset the password; its token."""
    recovery.request_reset_link(email=MAIL, now=now)
    return post.newest(now)
