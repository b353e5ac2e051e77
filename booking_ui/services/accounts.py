"""Who may come in: registering, signing in, cookie sessions, and the API's tokens.

Nothing that opens an account is stored as it is: passwords as argon2id, tokens as sha256. Passwords are hashed outside
every transaction, because a hash takes as long as fifty queries.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from datetime import datetime, timedelta
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select, update

from booking_ui.db import locks
from booking_ui.db.models import Person, Role, SignIn, pk
from booking_ui.db.session import read, write
from booking_ui.domain.errors import EmailTaken, NotFound, NotSignedIn, WrongCredentials
from booking_ui.domain.person import applicant, clean_email, password_fits
from booking_ui.services import access_tokens, audit
from booking_ui.services.views import Principal, TokensView

SESSION_DAYS = 30
REFRESH_DAYS = 30

_SESSION, _REFRESH = "session", "refresh"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")  # 256 bits as secrets.token_urlsafe writes them

# OWASP's first choice for argon2id: 19 MiB and one lane, so sixteen people signing in at once fit into 304 MiB.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def register(*, name: str, email: str, phone: str, password: str, now: datetime) -> Principal:
    """Open a patient's account.

    Raises:
        BadInput: every wrong field with its sentence.
        EmailTaken: the mail has an account already.
    """
    who = applicant(name, email, phone, password)
    person = Person(
        name=who.name,
        email=who.email,
        phone=who.phone,
        password_hash=hash_password(password),
        role=Role.PATIENT,
        created_at=now,
    )
    try:
        with write() as tx:
            if tx.exec(select(Person.id).where(Person.email == person.email)).first() is not None:
                raise EmailTaken
            tx.add(person)
            tx.flush()
            subject = f"person:{pk(person)}"
            audit.record(tx, subject=subject, actor=subject, action="registered", now=now, after=person.role)
            return _principal(person)
    except IntegrityError as race:  # two forms with the same new mail at the same moment
        raise EmailTaken from race


def sign_in(*, email: str, password: str, now: datetime) -> Principal:
    """The person with this mail and password.

    Takes as long for an unknown mail as for a wrong password.

    Raises:
        WrongCredentials: either is wrong; which one is not told.
    """
    del now  # a right password changes nothing yet: opening a session or issuing tokens is what leaves a row
    nobody = _nobodys_hash()  # asked for always, so that the first call is slow for everybody
    person = _by_email(email)
    matches = _verify(person.password_hash if person else nobody, password)
    if person is None or not matches:
        raise WrongCredentials
    return _principal(person)


def open_session(*, person_id: int, now: datetime) -> str:
    """A new cookie session of 30 days; returns its token, which is kept nowhere else."""
    with write() as tx:
        _locked(tx, person_id)
        _record(tx, person_id, "signed_in", now)
        return _issue(tx, person_id, _SESSION, now + timedelta(days=SESSION_DAYS), now)


def resolve(*, token: str, now: datetime) -> Principal | None:
    """Whose cookie session this is; None when unknown, expired or revoked."""
    if not _TOKEN.fullmatch(token):
        return None
    with read() as tx:
        person = tx.exec(
            select(Person)
            .join(SignIn, col(SignIn.person_id) == col(Person.id))
            .where(
                SignIn.token_hash == _digest(token),
                SignIn.kind == _SESSION,
                col(SignIn.revoked_at).is_(None),
                SignIn.expires_at > now,
            )
        ).first()
    return _principal(person) if person else None


def close_session(*, token: str, now: datetime) -> None:
    """End a cookie session at once; an unknown or closed one is left as it is."""
    _close(token, _SESSION, "signed_out", now)


def issue_tokens(*, person_id: int, now: datetime) -> TokensView:
    """An access token of 15 minutes and a refresh token of 30 days.

    Raises:
        NotFound: there is no such person.
    """
    with write() as tx:
        person = _locked(tx, person_id)
        _record(tx, person_id, "tokens_issued", now)
        return _pair(tx, person, now)


def refresh(*, refresh_token: str, now: datetime) -> TokensView:
    """Trade a refresh token for a fresh pair; the old one is revoked.

    A token that was already traded is in two hands: every refresh token of that person is revoked.

    Raises:
        NotSignedIn: unknown, expired or revoked.
    """
    with write() as tx:
        person = _owner(tx, refresh_token, _REFRESH)
        if person is None:
            raise NotSignedIn
        if pair := _rotate(tx, person, refresh_token, now):
            return pair
    raise NotSignedIn  # after the block: what `_rotate` revoked must be committed


def revoke(*, refresh_token: str, now: datetime) -> None:
    """End a refresh token at once; an unknown or revoked one is left as it is."""
    _close(refresh_token, _REFRESH, "tokens_revoked", now)


def bearer(*, access_token: str, now: datetime) -> Principal:
    """Who carries this access token; the role is read fresh, so taking one away works at once.

    Raises:
        NotSignedIn: forged, expired, or the person is gone.
    """
    person_id = access_tokens.person_of(access_token, now)
    with read() as tx:
        person = tx.get(Person, person_id)
    if person is None:
        raise NotSignedIn
    return _principal(person)


def demo_logins() -> list[str]:
    """The mails of demo people who could sign in: everybody knows their password."""
    with read() as tx:
        people = tx.exec(select(Person).where(col(Person.demo)).order_by(col(Person.email))).all()
    return [one.email for one in people if one.password_hash.startswith("$argon2")]


def hash_password(password: str) -> str:
    """The argon2id hash to store. Slow on purpose (about 40 ms): never inside a transaction."""
    return _hasher.hash(_spelt(password))


def _spelt(password: str) -> str:
    """The same letters give the same bytes, however the keyboard composed them."""
    return unicodedata.normalize("NFKC", password)


def _verify(password_hash: str, password: str) -> bool:
    # Hashing a megabyte for a stranger would be a gift to him.
    given = _spelt(password) if password_fits(password) else ""
    try:
        return _hasher.verify(password_hash, given)
    except (VerificationError, InvalidHashError):
        return False


@lru_cache(maxsize=1)
def _nobodys_hash() -> str:
    return hash_password(secrets.token_urlsafe(16))


def _by_email(email: str) -> Person | None:
    address = clean_email(email)
    if not address:
        return None
    with read() as tx:
        return tx.exec(select(Person).where(Person.email == address)).first()


def _locked(tx: Session, person_id: int) -> Person:
    """The person's row, locked: her audit chain has one writer at a time."""
    person = locks.person(tx, person_id)
    if person is None:
        raise NotFound
    return person


def _owner(tx: Session, token: str, kind: str) -> Person | None:
    """The person, locked, whose token this is, whatever has become of it."""
    if not _TOKEN.fullmatch(token):
        return None
    query = select(SignIn.person_id).where(SignIn.token_hash == _digest(token), SignIn.kind == kind)
    person_id = tx.exec(query).first()
    return None if person_id is None else _locked(tx, person_id)


def _rotate(tx: Session, person: Person, token: str, now: datetime) -> TokensView | None:
    """The fresh pair, or None; a token that was revoked before takes its siblings with it."""
    held = tx.exec(select(SignIn).where(SignIn.token_hash == _digest(token))).one()
    if held.revoked_at is not None:
        if _revoke_all(tx, held.person_id, now):
            _record(tx, held.person_id, "tokens_revoked", now, reason="a used refresh token came back")
        return None
    if held.expires_at <= now:
        return None
    held.revoked_at = now
    _record(tx, held.person_id, "tokens_refreshed", now)
    return _pair(tx, person, now)


def _revoke_all(tx: Session, person_id: int, now: datetime) -> int:
    """How many of the person's refresh tokens this ended."""
    open_ones = (
        col(SignIn.person_id) == person_id,
        col(SignIn.kind) == _REFRESH,
        col(SignIn.revoked_at).is_(None),
    )
    return tx.exec(update(SignIn).where(*open_ones).values(revoked_at=now)).rowcount


def _close(token: str, kind: str, action: str, now: datetime) -> None:
    with write() as tx:
        if _owner(tx, token, kind) is None:
            return
        held = tx.exec(select(SignIn).where(SignIn.token_hash == _digest(token))).one()
        if held.revoked_at is None:
            held.revoked_at = now
            _record(tx, held.person_id, action, now)


def _issue(tx: Session, person_id: int, kind: str, expires_at: datetime, now: datetime) -> str:
    token = secrets.token_urlsafe(32)
    tx.add(
        SignIn(
            token_hash=_digest(token), person_id=person_id, kind=kind, created_at=now, expires_at=expires_at
        )
    )
    return token


def _pair(tx: Session, person: Person, now: datetime) -> TokensView:
    who = _principal(person)
    return TokensView(
        access_token=access_tokens.mint(who.person_id, now),
        refresh_token=_issue(tx, who.person_id, _REFRESH, now + timedelta(days=REFRESH_DAYS), now),
        expires_in=int(access_tokens.LIFE.total_seconds()),
        person=who,
    )


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _record(tx: Session, person_id: int, action: str, now: datetime, reason: str = "") -> None:
    subject = f"person:{person_id}"
    audit.record(tx, subject=subject, actor=subject, action=action, now=now, reason=reason)


def _principal(person: Person) -> Principal:
    return Principal(
        person_id=pk(person),
        name=person.name,
        email=person.email,
        phone=person.phone,
        role=person.role.value,
        doctor_id=person.doctor_id,
    )
