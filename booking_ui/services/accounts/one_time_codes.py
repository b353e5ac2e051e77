"""Links and one-time codes in messages: requested, tried, used once.

The secret is made of SECRET_KEY and the row's nonce when the message is written; the row holds only its hash. An address
without an account leaves the same rows after the same statements, so that neither the answer nor its time tells who is a
patient.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, func, select, update

from booking_ui.db import locks
from booking_ui.db.models import CodeKind, Notification, OneTimeCode, Person, pk
from booking_ui.domain.errors import LinkOver, RateLimited
from booking_ui.languages import spoken
from booking_ui.services.mail import link_secrets, outbox

CODE_LIFE = timedelta(minutes=10)
LIFE = {CodeKind.VERIFY: timedelta(days=3), CodeKind.RESET: timedelta(minutes=30)}
"""Of a link; a code lives CODE_LIFE."""
MESSAGES = {
    CodeKind.VERIFY: "verify_mail",
    CodeKind.RESET: "reset_password",
    CodeKind.NEW_EMAIL: "email_code",
    CodeKind.ERASE: "erase_code",
}
"""The message of each kind; the others bring a sign-in code."""
SIGN_IN_CODE = "sign_in_code"
MOST_TRIES = 10
MOST_TRIES_BY_MAIL = 5  # the newest code of an address counts for every device: a stranger tries it as well
HOUR = timedelta(hours=1)
MOST_AN_HOUR = (
    5  # mails of one kind to one address: with five tries each, 25 guesses an hour at a million codes
)


@dataclass(frozen=True)
class Device:
    """The device that asks for a code or tries one, by the nonce it was given; empty for none.

    `bound`: the code works with that nonce alone. A program may leave it out, and tries its newest code then.
    """

    nonce: str = ""
    bound: bool = False


def new_nonce() -> str:
    return secrets.token_urlsafe(16)


def request(tx: Session, *, address: str, kind: CodeKind, now: datetime, mail: str = "") -> None:
    """Queue a mail with a link or code to `address`, if it has an account; `mail` is for another text than the kind's own.

    Each mail is counted by itself: requests of strangers do not use up those of the desk. Raises RateLimited.
    """
    person = tx.exec(select(Person).where(Person.email == address)).first()
    mail = mail or MESSAGES.get(kind, SIGN_IN_CODE)
    limit_mails(tx, address=address, kind=kind, mail=mail, now=now)
    row = _row(tx, kind, address, pk(person) if person else None, now)
    _add_mail(tx, row, mail, now)


def limit_mails(tx: Session, *, address: str, kind: CodeKind, mail: str, now: datetime) -> None:
    """Refuse one more mail of this kind to this address within an hour. Raises RateLimited."""
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


def send_verification(tx: Session, person: Person, now: datetime) -> None:
    """Queue the mail that asks whether the address is the person's own. The person has one."""
    row = _row(tx, CodeKind.VERIFY, person.email or "", pk(person), now)
    _add_mail(tx, row, MESSAGES[CodeKind.VERIFY], now)


def send_by_text(
    tx: Session, *, phone: str, kind: CodeKind, person_id: int | None, device: Device, now: datetime
) -> None:
    """Queue a text message with a code to `phone`. Its limits are the caller's."""
    row = _row(tx, kind, phone, person_id, now, device)
    key = f"{kind.value}:{pk(row)}"
    outbox.add_account_text(tx, person_id, phone, pk(row), kind=SIGN_IN_CODE, key=key, now=now)


def send_by_mail(
    tx: Session, *, address: str, kind: CodeKind, person_id: int | None, device: Device, now: datetime
) -> None:
    """Queue a mail with a code to `address`, which need not be the person's own; to nobody without a person.

    Raises RateLimited.
    """
    limit_mails(tx, address=address, kind=kind, mail=MESSAGES[kind], now=now)
    row = _row(tx, kind, address, person_id, now, device)
    _add_mail(tx, row, MESSAGES[kind], now, address)


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
    """The owner of an address, locked, when `code` is the newest one mailed there; else None. Each call counts as a try."""
    found = _newest(tx, link_secrets.address_hash(address), CodeKind.SIGN_IN)
    person = locks.person(tx, (found.person_id if found else None) or 0)
    fits = _fits(tx, found, code, MOST_TRIES_BY_MAIL, now)
    if found is None or person is None or not fits:
        return None
    spend(tx, found, now)
    return person


def fitting(
    tx: Session, *, address: str, kind: CodeKind, code: str, device: Device, now: datetime
) -> OneTimeCode | None:
    """The row of `code`, when it was sent to `address` and this device may use it; else None. Each call counts as a try.

    The caller spends it, or gives the try back.
    """
    mine: sa.ColumnElement[bool] = (
        col(OneTimeCode.device_hash) == link_secrets.device_hash(device.nonce)
        if device.nonce
        else col(OneTimeCode.bound).is_(False)
    )
    bound = col(OneTimeCode.bound).is_(device.bound)
    found = _newest(tx, link_secrets.address_hash(address), kind, mine, bound)
    return found if _fits(tx, found, code, MOST_TRIES, now) else None


def give_back(tx: Session, row: OneTimeCode) -> None:
    """Let the last try not count: the code was right, and is not used yet."""
    tx.refresh(row)
    row.tries -= 1
    tx.add(row)


def spend(tx: Session, row: OneTimeCode, now: datetime) -> None:
    """Mark a link or code as used: it opens nothing any more."""
    tx.refresh(row)
    row.used_at = now
    tx.add(row)


def _fits(tx: Session, found: OneTimeCode | None, code: str, most: int, now: datetime) -> bool:
    """True for the right code, if it may still be used. Counts a try, in the one statement that looks for a free one."""
    counted = tx.exec(
        update(OneTimeCode)
        .where(
            col(OneTimeCode.id) == (found.id if found else 0),
            col(OneTimeCode.tries) < most,
            col(OneTimeCode.used_at).is_(None),
            col(OneTimeCode.expires_at) > now,
        )
        .values(tries=OneTimeCode.tries + 1)
        .execution_options(synchronize_session=False)
    ).rowcount
    return (
        bool(counted)
        and found is not None
        and hmac.compare_digest(link_secrets.code_hash(found, code), found.secret_hash)
    )


def _row(
    tx: Session,
    kind: CodeKind,
    address: str,
    person_id: int | None,
    now: datetime,
    device: Device | None = None,
) -> OneTimeCode:
    asking = device or Device()
    row = OneTimeCode(
        person_id=person_id,
        kind=kind,
        address_hash=link_secrets.address_hash(address),
        nonce=secrets.token_urlsafe(32),
        secret_hash="",
        device_hash=link_secrets.device_hash(asking.nonce),
        bound=asking.bound,
        language=spoken(),
        created_at=now,
        expires_at=now + LIFE.get(kind, CODE_LIFE),
    )
    row.secret_hash = link_secrets.secret_hash(row)
    tx.add(row)
    tx.flush()
    return row


def _add_mail(tx: Session, row: OneTimeCode, mail: str, now: datetime, address: str = "") -> None:
    key = str(pk(row))
    outbox.add_account_mail(
        tx, person_id=row.person_id, code_id=pk(row), kind=mail, key=key, now=now, address=address
    )


def _newest(
    tx: Session, address_hash: str, kind: CodeKind, *more: sa.ColumnElement[bool]
) -> OneTimeCode | None:
    query = select(OneTimeCode).where(
        OneTimeCode.address_hash == address_hash, OneTimeCode.kind == kind, *more
    )
    return tx.exec(query.order_by(col(OneTimeCode.id).desc()).limit(1)).first()
