"""Who may come in: registering, signing in, cookie sessions, and the API's tokens.

Nothing that opens an account is stored as it is: passwords as argon2id, tokens as sha256. Passwords are hashed outside
every transaction, because a hash takes as long as fifty queries.
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
from booking_ui.services.accounts import access_tokens, one_time_codes, passwords, sessions
from booking_ui.services.journal import audit
from booking_ui.services.journal.audit import Action
from booking_ui.services.views import Principal, TokensView


def register(*, name: str, email: str, phone: str, password: str, now: datetime) -> Principal:
    """Open a patient's account; a mail asks whether the address is hers.

    Raises:
        BadInput: every wrong field with its sentence.
        EmailTaken: the mail has an account already.
    """
    who = applicant(name, email, phone, password)
    person = Person(
        name=who.name,
        email=who.email,
        phone=who.phone,
        password_hash=passwords.hashed(password),
        role=Role.PATIENT,
        created_at=now,
    )
    try:
        with write() as tx:
            if _is_taken(tx, who.email):
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
                reason=f"agreed to {terms}" if terms else "",
                now=now,
            )
            one_time_codes.send_verification(tx, person, now)
            return sessions.principal(person)
    except IntegrityError as fault:
        with read() as tx:
            taken = _is_taken(tx, who.email)
        if not taken:
            raise
        raise EmailTaken from fault  # two forms with the same new mail at the same moment


def _is_taken(tx: Session, email: str) -> bool:
    return tx.exec(select(Person.id).where(Person.email == email)).first() is not None


def sign_in(*, email: str, password: str, now: datetime) -> Principal:
    """The person with this mail and password.

    Takes as long for an unknown mail as for a wrong password.

    Raises:
        WrongCredentials: either is wrong; which one is not told.
    """
    del now  # a right password changes nothing yet: opening a session or issuing tokens is what leaves a row
    person = _by_email(email)
    fits = passwords.matches(person.password_hash if person else None, password)
    if person is None or not fits:
        raise WrongCredentials
    return sessions.principal(person)


def open_session(
    *, person_id: int, now: datetime, key_number: int | None = None, device: str = "", instead_of: str = ""
) -> str:
    """A new cookie session; returns its token, which is kept nowhere else. `instead_of` is the one it replaces.

    `key_number` is the principal's who signed in. Raises NotFound, NotSignedIn (everything of hers ended meanwhile).
    """
    close_session(token=instead_of, now=now)
    with write() as tx:
        person = sessions.still_hers(tx, person_id, key_number)
        sessions.record(tx, person_id, Action.SIGNED_IN, now)
        return sessions.issue(tx, person, sessions.SESSION, now, device)


def session_life(role: str) -> timedelta:
    """How long a cookie session of this role may live."""
    return sessions.LIFE[Role(role)]


def resolve(*, token: str, now: datetime) -> Principal | None:
    """Whose cookie session this is; None when unknown, expired, unused for too long, or revoked."""
    return of_session(digest=sessions.digest(token), now=now) if sessions.is_token(token) else None


def of_session(*, digest: str, now: datetime) -> Principal | None:
    """The same for the sha256 of its token, which is all that a page's socket keeps of it."""
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
    if unused >= sessions.IDLE[person.role]:
        return None
    if unused >= sessions.SEEN_EVERY:
        _seen(pk(held), now)
    return sessions.principal(person)


def _seen(sign_in_id: int, now: datetime) -> None:
    with write() as tx:
        tx.exec(update(SignIn).where(col(SignIn.id) == sign_in_id).values(seen_at=now))


def close_session(*, token: str, now: datetime) -> None:
    """End a cookie session at once; an unknown or closed one is left as it is."""
    _close(token, sessions.SESSION, "signed_out", now)


def issue_tokens(*, person_id: int, now: datetime, key_number: int | None = None) -> TokensView:
    """An access token of 15 minutes and a refresh token of 30 days. `key_number` is the principal's who signed in.

    Raises:
        NotFound: there is no such person.
        NotSignedIn: everything of hers ended meanwhile.
    """
    with write() as tx:
        person = sessions.still_hers(tx, person_id, key_number)
        sessions.record(tx, person_id, "tokens_issued", now)
        return sessions.pair(tx, person, now)


def refresh(*, refresh_token: str, now: datetime) -> TokensView:
    """Trade a refresh token for a fresh pair; the old one is revoked.

    A token that was already traded is in two hands: every refresh token of that person is revoked.

    Raises:
        NotSignedIn: unknown, expired or revoked.
    """
    with write() as tx:
        person = sessions.owner(tx, refresh_token, sessions.REFRESH)
        if person is None:
            raise NotSignedIn
        if pair := _rotate(tx, person, refresh_token, now):
            return pair
    raise NotSignedIn  # after the block: what `_rotate` revoked must be committed


def revoke(*, refresh_token: str, now: datetime) -> None:
    """End a refresh token at once; an unknown or revoked one is left as it is."""
    _close(refresh_token, sessions.REFRESH, "tokens_revoked", now)


def revoke_all(*, person_id: int, now: datetime) -> None:
    """End every refresh token of the person at once; her sessions in browsers stay. Raises NotFound."""
    with write() as tx:
        person = sessions.locked(tx, person_id)
        if sessions.end_all(tx, person, now, kind=sessions.REFRESH):
            sessions.record(tx, person_id, "tokens_revoked", now)


def bearer(*, access_token: str, now: datetime) -> Principal:
    """Who carries this access token; the role is read fresh, so taking one away works at once.

    Raises:
        NotSignedIn: forged, expired, ended with all others of the account, or the person is gone.
    """
    person_id, key_number = access_tokens.person_of(access_token, now)
    with read() as tx:
        person = tx.get(Person, person_id)
    if person is None or person.key_number != key_number:
        raise NotSignedIn
    return sessions.principal(person)


def demo_logins() -> list[str]:
    """The mails of demo people who could sign in: everybody knows their password."""
    with read() as tx:
        people = tx.exec(select(Person).where(col(Person.demo)).order_by(col(Person.email))).all()
    return [one.email for one in people if one.password_hash.startswith("$argon2")]


def _by_email(email: str) -> Person | None:
    """Asks the database also for what is no address: the answer must not come sooner."""
    with read() as tx:
        return tx.exec(select(Person).where(Person.email == clean_email(email))).first()


def _rotate(tx: Session, person: Person, token: str, now: datetime) -> TokensView | None:
    """The fresh pair, or None; a token that was revoked before takes its siblings with it."""
    held = tx.exec(select(SignIn).where(SignIn.token_hash == sessions.digest(token))).one()
    if held.revoked_at is not None:
        if sessions.end_all(tx, person, now, kind=sessions.REFRESH):
            reason = "a used refresh token came back"
            sessions.record(tx, held.person_id, "tokens_revoked", now, reason=reason)
        return None
    if held.expires_at <= now:
        return None
    held.revoked_at = now
    sessions.record(tx, held.person_id, "tokens_refreshed", now)
    return sessions.pair(tx, person, now)


def _close(token: str, kind: str, action: str, now: datetime) -> None:
    if not sessions.is_token(token):
        return
    with write() as tx:
        if sessions.owner(tx, token, kind) is None:
            return
        held = tx.exec(select(SignIn).where(SignIn.token_hash == sessions.digest(token))).one()
        if held.revoked_at is None:
            held.revoked_at = now
            sessions.record(tx, held.person_id, action, now)
