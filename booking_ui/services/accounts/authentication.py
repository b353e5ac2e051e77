"""Opening accounts, checking passwords, cookie sessions, and the API's tokens.

Nothing that opens an account is stored in clear: passwords are stored as argon2id, tokens as sha256. Passwords are hashed
outside every transaction, because a hash takes as long as fifty queries.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select, update

from booking_ui.config.settings import settings
from booking_ui.db.models import Person, Role, SignIn, pk
from booking_ui.db.session import read, write
from booking_ui.domain import actors
from booking_ui.domain.errors import EmailTaken, NotSignedIn, WrongCredentials
from booking_ui.domain.people.person import applicant, clean_email
from booking_ui.domain.remark_codes import RemarkCode
from booking_ui.domain.remarks import Remark
from booking_ui.languages import spoken
from booking_ui.services.accounts import access_tokens, one_time_codes, passwords, sessions
from booking_ui.services.journal import audit
from booking_ui.services.journal.audit import Action
from booking_ui.services.views import Principal, TokensView


def open_account(*, name: str, email: str, phone: str, password: str, now: datetime) -> Principal:
    """Open a patient's account; a mail asks for confirmation of the address.

    Raises:
        BadInput: every wrong field with its sentence.
        EmailTaken: the mail has an account already.
    """
    wanted = applicant(name, email, phone, password)
    person = Person(
        name=wanted.name,
        email=wanted.email,
        phone=wanted.phone,
        password_hash=passwords.hashed(password),
        role=Role.PATIENT,
        language=spoken(),
        created_at=now,
    )
    try:
        with write() as tx:
            if _is_taken(tx, wanted.email):
                raise EmailTaken
            tx.add(person)
            tx.flush()
            account = actors.account(pk(person))
            terms = settings().terms_url
            audit.record(
                tx,
                account,
                "registered",
                actor=account,
                after=person.role,
                reason=Remark(RemarkCode.AGREED, terms=terms) if terms else "",
                now=now,
            )
            one_time_codes.send_verification(tx, person, now)
            return sessions.principal(person)
    except IntegrityError as fault:
        with read() as tx:
            taken = _is_taken(tx, wanted.email)
        if not taken:
            raise
        raise EmailTaken from fault  # two forms with the same new mail at the same moment


def _is_taken(tx: Session, email: str) -> bool:
    return tx.exec(select(Person.id).where(Person.email == email)).first() is not None


def authenticate(*, email: str, password: str, now: datetime) -> Principal:
    """The person with this mail and password. An unknown mail takes as long as a wrong password.

    Raises:
        WrongCredentials: either is wrong; the error does not tell which.
    """
    del now  # a right password alone writes nothing: a session or tokens come next, and write their own rows
    person = _by_email(email)
    fits = passwords.matches(person.password_hash if person else None, password)
    if person is None or not fits:
        raise WrongCredentials
    return sessions.principal(person)


def open_session(
    *, person_id: int, now: datetime, key_number: int | None = None, device: str = "", instead_of: str = ""
) -> str:
    """A new cookie session; returns its token, which is stored nowhere. `instead_of` is the token of the one it replaces.

    `key_number` is that of the principal who signed in. Raises NotFound, NotSignedIn (the account's keys ended meanwhile).
    """
    close_session(token=instead_of, now=now)
    with write() as tx:
        person = sessions.lock_if_current(tx, person_id, key_number)
        person.language = spoken()  # messages follow the pages that they read
        tx.add(person)
        sessions.record_own_action(tx, person_id, Action.SIGNED_IN, now)
        return sessions.issue_token(tx, person, sessions.SESSION, now, device=device)


def session_life(role: str) -> timedelta:
    return sessions.LIFE[Role(role)]


def session_principal(*, token: str, now: datetime) -> Principal | None:
    """The person of a cookie session; None when it is unknown, expired, unused for too long, or revoked."""
    return (
        session_principal_by_digest(digest=sessions.digest(token), now=now)
        if sessions.is_token(token)
        else None
    )


def session_principal_by_digest(*, digest: str, now: datetime) -> Principal | None:
    """The person of a cookie session, by the sha256 of its token: a page's socket keeps no more of it."""
    with read() as tx:
        found = tx.exec(
            select(Person, SignIn)
            .join(SignIn, col(SignIn.person_id) == col(Person.id))
            .where(
                SignIn.token_hash == digest,
                SignIn.kind == sessions.SESSION,
                col(SignIn.revoked_at).is_(None),
                SignIn.expires_at > now,
            )
        ).first()
    if found is None:
        return None
    person, held = found
    unused = now - (held.seen_at or held.created_at)
    if unused >= sessions.IDLE[person.role] or sessions.end_of(held, person.role) <= now:
        return None
    if unused >= sessions.SEEN_EVERY:
        _note_use(pk(held), now)
    return sessions.principal(person)


def _note_use(sign_in_id: int, now: datetime) -> None:
    with write() as tx:
        tx.exec(update(SignIn).where(col(SignIn.id) == sign_in_id).values(seen_at=now))


def close_session(*, token: str, now: datetime) -> None:
    """End a cookie session at once; an unknown or closed one is left as it is."""
    _end(token, sessions.SESSION, "signed_out", now)


def issue_tokens(*, person_id: int, now: datetime, key_number: int | None = None) -> TokensView:
    """An access token of 15 minutes, and a refresh token that lives as long as a session of this role may.

    `key_number` is that of the principal who signed in. Raises NotFound, NotSignedIn (the account's keys ended meanwhile).
    """
    with write() as tx:
        person = sessions.lock_if_current(tx, person_id, key_number)
        sessions.record_own_action(tx, person_id, "tokens_issued", now)
        return sessions.issue_pair(tx, person, now)


def refresh_tokens(*, refresh_token: str, now: datetime) -> TokensView:
    """Trade a refresh token for a fresh pair; the old one is revoked. Trading does not put off the end of the sign-in.

    A token that was traded before is in two hands: every refresh and access token of that person ends.

    Raises:
        NotSignedIn: unknown, expired or revoked.
    """
    with write() as tx:
        person = sessions.lock_owner(tx, refresh_token, sessions.REFRESH)
        if person is None:
            raise NotSignedIn
        if pair := _rotate(tx, person, refresh_token, now):
            return pair
    raise NotSignedIn  # after the block: revocations of `_rotate` must be committed


def revoke_refresh_token(*, refresh_token: str, now: datetime) -> None:
    """End a refresh token at once; an unknown or revoked one is left as it is."""
    _end(refresh_token, sessions.REFRESH, "tokens_revoked", now)


def revoke_refresh_tokens(*, person_id: int, now: datetime) -> None:
    """End every refresh token of the person at once; sessions in browsers stay. Raises NotFound."""
    with write() as tx:
        person = sessions.lock_person(tx, person_id)
        if sessions.end_all(tx, person, now, kind=sessions.REFRESH):
            sessions.record_own_action(tx, person_id, "tokens_revoked", now)


def access_token_principal(*, access_token: str, now: datetime) -> Principal:
    """The person of an access token. The role is read from the database, so that taking it away works at once.

    Raises:
        NotSignedIn: forged, expired, ended with all others of the account, or the person is gone.
    """
    person_id, key_number = access_tokens.decode(access_token, now)
    with read() as tx:
        person = tx.get(Person, person_id)
    if person is None or person.key_number != key_number:
        raise NotSignedIn
    return sessions.principal(person)


def demo_logins() -> list[str]:
    """The mails of demo people who can sign in with the public password."""
    with read() as tx:
        people = tx.exec(select(Person).where(col(Person.demo)).order_by(col(Person.email))).all()
    return [one.email or "" for one in people if one.password_hash.startswith("$argon2")]


def _by_email(email: str) -> Person | None:
    """Asks the database even for a malformed address: the answer must not come sooner."""
    with read() as tx:
        return tx.exec(select(Person).where(Person.email == clean_email(email))).first()


def _rotate(tx: Session, person: Person, token: str, now: datetime) -> TokensView | None:
    """The fresh pair, or None. A token that comes back after it was revoked ends all the person's tokens."""
    held = tx.exec(select(SignIn).where(SignIn.token_hash == sessions.digest(token))).one()
    if held.revoked_at is not None:
        if sessions.end_all(tx, person, now, kind=sessions.REFRESH):
            person.key_number += 1  # the thief's access token has minutes left
            tx.add(person)
            reason = Remark(RemarkCode.TOKEN_AGAIN)
            sessions.record_own_action(tx, held.person_id, "tokens_revoked", now, reason=reason)
        return None
    until = sessions.end_of(held, person.role)
    if until <= now:
        return None
    held.revoked_at = now
    sessions.record_own_action(tx, held.person_id, "tokens_refreshed", now)
    return sessions.issue_pair(tx, person, now, until=until)


def _end(token: str, kind: str, action: str, now: datetime) -> None:
    if not sessions.is_token(token):
        return
    with write() as tx:
        if sessions.lock_owner(tx, token, kind) is None:
            return
        held = tx.exec(select(SignIn).where(SignIn.token_hash == sessions.digest(token))).one()
        if held.revoked_at is None:
            held.revoked_at = now
            sessions.record_own_action(tx, held.person_id, action, now)
