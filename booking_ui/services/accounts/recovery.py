"""What a mailbox proves: an address, a forgotten password, a sign-in without one."""

from __future__ import annotations

from datetime import datetime

from booking_ui.db.models import CodeKind, Person, pk
from booking_ui.db.session import read, write
from booking_ui.domain.errors import BadInput, FieldError, WrongCode
from booking_ui.domain.people.person import SENTENCES, clean_email, password_faults
from booking_ui.domain.typed import plain
from booking_ui.services.accounts import one_time_codes, passwords, sessions
from booking_ui.services.mail import outbox
from booking_ui.services.views import Principal


def ask_reset(*, email: str, now: datetime) -> None:
    """Mail a link that lets its reader choose another password, as far as anybody has this address.

    Raises:
        BadInput: no address at all.
        RateLimited: asked for too often, whether anybody has it or not.
    """
    _ask(email, CodeKind.RESET, now)


def ask_code(*, email: str, now: datetime) -> None:
    """Mail a code of six digits, as far as anybody has this address. Raises BadInput, RateLimited."""
    _ask(email, CodeKind.SIGN_IN, now)


def ask_verification(*, person_id: int, now: datetime) -> bool:
    """Mail the link that confirms an address once more; False when it is confirmed. Raises RateLimited."""
    with write() as tx:
        person = sessions.locked(tx, person_id)
        if person.email_verified_at is not None:
            return False
        one_time_codes.ask(tx, address=person.email, kind=CodeKind.VERIFY, now=now)
        return True


def verify(*, token: str, now: datetime) -> None:
    """The address is its owner's: she followed the link in the mail. Raises LinkOver."""
    with write() as tx:
        person, link = one_time_codes.use_link(tx, token=token, kind=CodeKind.VERIFY, now=now)
        one_time_codes.spend(tx, link, now)
        _proven(person, now)
        sessions.record(tx, pk(person), "mail_verified", now)


def reset(*, token: str, password: str, now: datetime) -> Principal:
    """Choose another password by the mailed link; every session and token of the account ends.

    Raises:
        LinkOver: the link is unknown, used or too old.
        BadInput: the new password is too short, too long or too easy; the link stays good.
    """
    with read() as tx:  # who she is, for her name must not be her password; checked again below
        person, _ = one_time_codes.use_link(tx, token=token, kind=CodeKind.RESET, now=now)
    if wrong := password_faults(password, person.name, person.email, person.phone):
        raise BadInput(*wrong)
    hashed = passwords.hashed(password)
    with write() as tx:
        person, link = one_time_codes.use_link(tx, token=token, kind=CodeKind.RESET, now=now)
        one_time_codes.spend(tx, link, now)
        person.password_hash = hashed
        _proven(person, now)
        sessions.end_all(tx, person, now)
        sessions.record(tx, pk(person), "password_reset", now)
        outbox.due_to(
            tx, person_id=pk(person), code_id=None, kind="password_changed", key=f"reset:{link.id}", now=now
        )
        return sessions.principal(person)


def sign_in(*, email: str, code: str, now: datetime) -> Principal:
    """The person whose newest code this is; having read the mail proves her address.

    The first proof of an address ends the password and the sessions it had: whoever chose them need not have been her.

    Raises:
        WrongCode: wrong, used, too old, tried too often, or nobody's; which of them is not told.
    """
    digits = "".join(plain(code).split())
    with write() as tx:
        person = one_time_codes.try_code(tx, address=clean_email(email), code=digits, now=now)
        if person is not None:
            if person.email_verified_at is None:
                person.password_hash = passwords.NO_PASSWORD
                sessions.end_all(tx, person, now)
            _proven(person, now)
            sessions.record(tx, pk(person), "code_used", now)
            return sessions.principal(person)
    raise WrongCode  # after the block: the try must be counted


def _ask(email: str, kind: CodeKind, now: datetime) -> None:
    address = clean_email(email)
    if not address:
        raise BadInput(FieldError("email", SENTENCES["email"]))
    with write() as tx:
        one_time_codes.ask(tx, address=address, kind=kind, now=now)


def _proven(person: Person, now: datetime) -> None:
    person.email_verified_at = person.email_verified_at or now
