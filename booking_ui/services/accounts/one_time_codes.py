"""Mailed links and one-time codes: requested, tried, used once.

The secret is made of SECRET_KEY and the row's nonce when the mail is written; the row holds only its hash. An address
without an account leaves the same rows after the same statements, so that neither the answer nor its time tells who is a
patient.
"""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select, update

from booking_ui.db import locks
from booking_ui.db.models import CodeKind, Notification, OneTimeCode, Person, pk
from booking_ui.domain.errors import LinkOver, RateLimited
from booking_ui.services.mail import link_secrets, outbox

LIFE = {
    CodeKind.VERIFY: timedelta(days=3),
    CodeKind.RESET: timedelta(minutes=30),
    CodeKind.SIGN_IN: timedelta(minutes=10),
}
MAILS = {
    CodeKind.VERIFY: "verify_mail",
    CodeKind.RESET: "reset_password",
    CodeKind.SIGN_IN: "sign_in_code",
}
MOST_TRIES = 5
HOUR = timedelta(hours=1)
MOST_AN_HOUR = 5  # of one kind to one address: with five tries each, 25 guesses an hour at a million codes


def request(tx: Session, *, address: str, kind: CodeKind, now: datetime, mail: str = "") -> None:
    """Queue a mail with a link or code to `address`, if it has an account; `mail` is for another text than the kind's own.

    Each mail is counted by itself: requests of strangers do not use up those of the desk. Raises RateLimited.
    """
    person = tx.exec(select(Person).where(Person.email == address)).first()
    mail = mail or MAILS[kind]
    earlier = (
        select(func.count(), func.min(OneTimeCode.created_at))
        .join(Notification, col(Notification.one_time_code_id) == col(OneTimeCode.id))
        .where(
            OneTimeCode.address_hash == link_secrets.address_hash(address),
            OneTimeCode.kind == kind,
            OneTimeCode.created_at > now - HOUR,
            Notification.kind == mail,
        )
    )
    requests, first = tx.exec(earlier).one()
    if requests >= MOST_AN_HOUR:
        raise RateLimited(max(1, int((first + HOUR - now).total_seconds())))
    _issue(tx, person, address, kind, now, mail)


def send_verification(tx: Session, person: Person, now: datetime) -> None:
    _issue(tx, person, person.email, CodeKind.VERIFY, now)


def open_link(tx: Session, *, token: str, kind: CodeKind, now: datetime) -> tuple[Person, OneTimeCode]:
    """The owner of a link, locked, and the link's row. The caller spends it.

    Raises:
        LinkOver: unknown, used, too old, or not the newest.
    """
    query = select(OneTimeCode).where(
        OneTimeCode.secret_hash == link_secrets.link_hash(token), OneTimeCode.kind == kind
    )
    found = tx.exec(query).first()
    person = locks.person(tx, found.person_id) if found and found.person_id else None
    if found is None or person is None:
        raise LinkOver
    tx.refresh(found)  # it may have been used while the lock was awaited
    if found.used_at is not None or found.expires_at <= now or _newest(tx, found.address_hash, kind) != found:
        raise LinkOver
    return person, found


def try_code(tx: Session, *, address: str, code: str, now: datetime) -> Person | None:
    """The owner of an address, locked, when `code` is the newest one sent there; else None. Each call counts as a try."""
    found = _newest(tx, link_secrets.address_hash(address), CodeKind.SIGN_IN)
    person = locks.person(tx, (found.person_id if found else None) or 0)
    counted = tx.exec(
        update(OneTimeCode)
        .where(
            col(OneTimeCode.id) == (found.id if found else 0),
            col(OneTimeCode.tries) < MOST_TRIES,
            col(OneTimeCode.used_at).is_(None),
            col(OneTimeCode.expires_at) > now,
        )
        .values(tries=OneTimeCode.tries + 1)
        .execution_options(synchronize_session=False)
    ).rowcount
    fits = (
        bool(counted)
        and found is not None
        and hmac.compare_digest(link_secrets.code_hash(found, code), found.secret_hash)
    )
    if found is None or person is None or not fits:
        return None
    spend(tx, found, now)
    return person


def spend(tx: Session, row: OneTimeCode, now: datetime) -> None:
    """Mark a link or code as used: it opens nothing any more."""
    tx.refresh(row)
    row.used_at = now
    tx.add(row)


def _issue(
    tx: Session, person: Person | None, address: str, kind: CodeKind, now: datetime, mail: str = ""
) -> None:
    row = OneTimeCode(
        person_id=pk(person) if person else None,
        kind=kind,
        address_hash=link_secrets.address_hash(address),
        nonce=secrets.token_urlsafe(32),
        secret_hash="",
        created_at=now,
        expires_at=now + LIFE[kind],
    )
    row.secret_hash = link_secrets.secret_hash(row)
    tx.add(row)
    tx.flush()
    outbox.add_account_mail(
        tx, person_id=row.person_id, code_id=pk(row), kind=mail or MAILS[kind], key=str(pk(row)), now=now
    )


def _newest(tx: Session, address_hash: str, kind: CodeKind) -> OneTimeCode | None:
    query = select(OneTimeCode).where(OneTimeCode.address_hash == address_hash, OneTimeCode.kind == kind)
    return tx.exec(query.order_by(col(OneTimeCode.id).desc()).limit(1)).first()
