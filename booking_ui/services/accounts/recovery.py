"""Mailed links and codes in use: confirming an address, choosing a new password, signing in without one."""

from __future__ import annotations

from datetime import datetime

from booking_ui.db.models import CodeKind, Person, pk
from booking_ui.db.session import read, write
from booking_ui.domain.errors import BadInput, FieldError, WrongCode
from booking_ui.domain.people.person import SENTENCES, clean_email, password_faults
from booking_ui.domain.typed import digits
from booking_ui.languages import _
from booking_ui.services.accounts import one_time_codes, passwords, sessions
from booking_ui.services.mail import outbox
from booking_ui.services.views import Principal


def request_reset_link(*, email: str, now: datetime) -> None:
    """Mail a link for choosing a new password, if the address has an account.

    Raises:
        BadInput: no address at all.
        RateLimited: requested too often, whether the address has an account or not.
    """
    _request(email, CodeKind.RESET, now)


def request_code(*, email: str, now: datetime) -> None:
    """Mail a sign-in code of six digits, if the address has an account. Raises BadInput, RateLimited."""
    _request(email, CodeKind.SIGN_IN, now)


def request_verification_link(*, person_id: int, now: datetime) -> bool:
    """Mail the confirming link once more; False when the address is confirmed already. Raises RateLimited."""
    with write() as tx:
        person = sessions.lock_person(tx, person_id)
        if person.email is None or person.email_verified_at is not None:
            return False
        one_time_codes.request(tx, address=person.email, kind=CodeKind.VERIFY, now=now)
        return True


def verify_email(*, token: str, now: datetime) -> None:
    """Mark the address as confirmed by the link that was mailed to it. Raises LinkOver."""
    with write() as tx:
        person, link = one_time_codes.open_link(tx, token=token, kind=CodeKind.VERIFY, now=now)
        one_time_codes.spend(tx, link, now)
        _mark_verified(person, now)
        sessions.record_own_action(tx, pk(person), "mail_verified", now)


def reset_password(*, token: str, password: str, now: datetime) -> Principal:
    """Set a new password by the mailed link; every session and token of the account ends.

    Raises:
        LinkOver: the link is unknown, used or too old.
        BadInput: the new password is too short, too long or too easy; the link stays good.
    """
    with read() as tx:  # the person's name must not be the password; the link is checked again below
        person, _ = one_time_codes.open_link(tx, token=token, kind=CodeKind.RESET, now=now)
    if wrong := password_faults(password, person.name, person.email or "", person.phone):
        raise BadInput(*wrong)
    hashed = passwords.hashed(password)
    with write() as tx:
        person, link = one_time_codes.open_link(tx, token=token, kind=CodeKind.RESET, now=now)
        one_time_codes.spend(tx, link, now)
        person.password_hash = hashed
        _mark_verified(person, now)
        sessions.end_all(tx, person, now)
        sessions.record_own_action(tx, pk(person), "password_reset", now)
        outbox.add_account_mail(
            tx, person_id=pk(person), code_id=None, kind="password_changed", key=f"reset:{link.id}", now=now
        )
        return sessions.principal(person)


def authenticate_by_code(*, email: str, code: str, now: datetime) -> Principal:
    """The person whose newest code this is. Having read the mail also confirms the address.

    The first confirmation ends the password and the sessions that the account had: a stranger may have registered it.

    Raises:
        WrongCode: wrong, used, too old, tried too often, or for no account; the error does not tell which.
    """
    with write() as tx:
        person = one_time_codes.try_code(tx, address=clean_email(email), code=digits(code), now=now)
        if person is not None:
            if person.email_verified_at is None:
                person.password_hash = passwords.NO_PASSWORD
                sessions.end_all(tx, person, now)
            _mark_verified(person, now)
            sessions.record_own_action(tx, pk(person), "code_used", now)
            return sessions.principal(person)
    raise WrongCode  # after the block: the try must be counted


def _request(email: str, kind: CodeKind, now: datetime) -> None:
    address = clean_email(email)
    if not address:
        raise BadInput(FieldError("email", _(SENTENCES["email"])))
    with write() as tx:
        one_time_codes.request(tx, address=address, kind=kind, now=now)


def _mark_verified(person: Person, now: datetime) -> None:
    person.email_verified_at = person.email_verified_at or now
