"""Links and codes that are mailed: asked for, tried, used once.

What opens is made of SECRET_KEY and a row's nonce when the mail is written; the row has only its hash. An address that
nobody has leaves the same rows after the same statements, so neither the answer nor its time tells who is a patient.
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


def ask(tx: Session, *, address: str, kind: CodeKind, now: datetime, mail: str = "") -> None:
    """Make a mail with a link or code due to `address`, as far as anybody has it; `mail` for other words than usual.

    Each mail is counted by itself: what strangers ask for does not use up what the desk may send. Raises RateLimited.
    """
    person = tx.exec(select(Person).where(Person.email == address)).first()
    mail = mail or MAILS[kind]
    earlier = (
        select(func.count(), func.min(OneTimeCode.created_at))
        .join(Notification, col(Notification.one_time_code_id) == col(OneTimeCode.id))
        .where(
            OneTimeCode.address_hash == link_secrets.of_address(address),
            OneTimeCode.kind == kind,
            OneTimeCode.created_at > now - HOUR,
            Notification.kind == mail,
        )
    )
    asked, first = tx.exec(earlier).one()
    if asked >= MOST_AN_HOUR:
        raise RateLimited(max(1, int((first + HOUR - now).total_seconds())))
    _write(tx, person, address, kind, now, mail)


def send_verification(tx: Session, person: Person, now: datetime) -> None:
    """Ask a new address whether it is its owner's."""
    _write(tx, person, person.email, CodeKind.VERIFY, now)


def use_link(tx: Session, *, token: str, kind: CodeKind, now: datetime) -> tuple[Person, OneTimeCode]:
    """The person, locked, whose link this is, and the link itself; using it up is the caller's.

    Raises:
        LinkOver: unknown, used, too old, or not the newest.
    """
    query = select(OneTimeCode).where(
        OneTimeCode.secret_hash == link_secrets.link_kept(token), OneTimeCode.kind == kind
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
    """The person, locked, whose newest code this is; None when it is not, which counts as a try."""
    found = _newest(tx, link_secrets.of_address(address), CodeKind.SIGN_IN)
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
        and hmac.compare_digest(link_secrets.code_kept(found, code), found.secret_hash)
    )
    if found is None or person is None or not fits:
        return None
    spend(tx, found, now)
    return person


def spend(tx: Session, row: OneTimeCode, now: datetime) -> None:
    """Used once, over for good."""
    tx.refresh(row)
    row.used_at = now
    tx.add(row)


def _write(
    tx: Session, person: Person | None, address: str, kind: CodeKind, now: datetime, mail: str = ""
) -> None:
    row = OneTimeCode(
        person_id=pk(person) if person else None,
        kind=kind,
        address_hash=link_secrets.of_address(address),
        nonce=secrets.token_urlsafe(32),
        secret_hash="",
        created_at=now,
        expires_at=now + LIFE[kind],
    )
    row.secret_hash = link_secrets.kept(row)
    tx.add(row)
    tx.flush()
    outbox.due_to(
        tx, person_id=row.person_id, code_id=pk(row), kind=mail or MAILS[kind], key=str(pk(row)), now=now
    )


def _newest(tx: Session, address_hash: str, kind: CodeKind) -> OneTimeCode | None:
    query = select(OneTimeCode).where(OneTimeCode.address_hash == address_hash, OneTimeCode.kind == kind)
    return tx.exec(query.order_by(col(OneTimeCode.id).desc()).limit(1)).first()
