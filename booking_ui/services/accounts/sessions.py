"""The rows behind cookies and refresh tokens, inside the caller's transaction. Only sha256 of a token is kept."""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select, update

from booking_ui.config.settings import settings
from booking_ui.db import locks
from booking_ui.db.models import Person, Role, SignIn, pk
from booking_ui.domain import actors
from booking_ui.domain.errors import NotFound, NotSignedIn
from booking_ui.services.accounts import access_tokens
from booking_ui.services.journal import audit
from booking_ui.services.views import Principal, TokensView

SESSION, REFRESH = "session", "refresh"

# The longest time from one sign-in to the next, by cookie or by refresh tokens, however often they were traded; and a
# session's longest time without use. A browser at the desk is shared, a patient's is not.
LIFE = {Role.PATIENT: timedelta(days=30), Role.ADMIN: timedelta(hours=12), Role.DOCTOR: timedelta(hours=12)}
IDLE = {Role.PATIENT: timedelta(days=14), Role.ADMIN: timedelta(hours=2), Role.DOCTOR: timedelta(hours=2)}
SEEN_EVERY = timedelta(minutes=5)  # the precision of "last used": exact would be a write for every event

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")  # 256 bits as secrets.token_urlsafe writes them


def cookie_name() -> str:
    """Over https a name that a neighbouring subdomain can't set; plain http may not use that prefix."""
    return "__Host-sid" if settings().https else "sid"


def is_token(token: str) -> bool:
    return bool(_TOKEN.fullmatch(token))


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def lock_person(tx: Session, person_id: int) -> Person:
    """The person's row, locked, so that their audit chain has one writer at a time. Raises NotFound."""
    person = locks.person(tx, person_id)
    if person is None or person.erased_at is not None:
        raise NotFound
    return person


def lock_if_current(tx: Session, person_id: int, key_number: int | None) -> Person:
    """The person's row, locked, if the account still has this key number; None accepts any.

    A person proves who they are before this lock is taken. If the account's sessions and tokens were all ended in between,
    the password that was right then need not be right now. Raises NotFound, NotSignedIn.
    """
    person = lock_person(tx, person_id)
    if key_number is not None and person.key_number != key_number:
        raise NotSignedIn
    return person


def lock_owner(tx: Session, token: str, kind: str) -> Person | None:
    """The person who was given this token, locked, even if it expired or was revoked."""
    if not is_token(token):
        return None
    query = select(SignIn.person_id).where(SignIn.token_hash == digest(token), SignIn.kind == kind)
    person_id = tx.exec(query).first()
    return None if person_id is None else lock_person(tx, person_id)


def end_of(held: SignIn, role: Role) -> datetime:
    """The instant at which the sign-in ends in this role; a row of another role, or of an older rule, may say later."""
    return min(held.expires_at, held.created_at + LIFE[role])


def issue_token(
    tx: Session, person: Person, kind: str, now: datetime, *, device: str = "", until: datetime | None = None
) -> str:
    """A new token of this kind with its row; returns the token itself. Without `until` it lives as its role may."""
    token = secrets.token_urlsafe(32)
    tx.add(
        SignIn(
            token_hash=digest(token),
            person_id=pk(person),
            kind=kind,
            device=device[:60],
            created_at=now,
            seen_at=now,
            expires_at=until or now + LIFE[person.role],
        )
    )
    return token


def issue_pair(tx: Session, person: Person, now: datetime, *, until: datetime | None = None) -> TokensView:
    """An access token and a refresh token; a pair that was traded for another ends with it, at `until`."""
    owner = principal(person)
    life = access_tokens.LIFE if until is None else min(access_tokens.LIFE, until - now)
    return TokensView(
        access_token=access_tokens.mint(owner.person_id, person.key_number, now, life),
        refresh_token=issue_token(tx, person, REFRESH, now, until=until),
        expires_in=int(life.total_seconds()),
        person=owner,
    )


def end_all(tx: Session, person: Person, now: datetime, *, kind: str | None = None, but: str = "") -> int:
    """End the person's sessions and refresh tokens at once, except the one whose token is `but`; returns their number.

    Without `kind` the access tokens end as well.
    """
    open_ones: list[ColumnElement[bool]] = [
        col(SignIn.person_id) == pk(person),
        col(SignIn.revoked_at).is_(None),
        col(SignIn.token_hash) != digest(but),
    ]
    if kind:
        open_ones.append(col(SignIn.kind) == kind)
    else:
        person.key_number += 1
        tx.add(person)
    return tx.exec(update(SignIn).where(*open_ones).values(revoked_at=now)).rowcount


def record_own_action(tx: Session, person_id: int, action: str, now: datetime, reason: str = "") -> None:
    account = actors.account(person_id)
    audit.record(tx, account, action, actor=account, now=now, reason=reason)


def principal(person: Person) -> Principal:
    return Principal(
        person_id=pk(person),
        name=person.name,
        email=person.email or "",
        phone=person.phone,
        role=person.role.value,
        doctor_id=person.doctor_id,
        key_number=person.key_number,
    )
