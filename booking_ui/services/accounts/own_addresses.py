"""A patient's own number and mail address: another one, or a first one, takes a code that was sent to it.

An account whose number is proven has no address that is not: else the address's owner could sign in to an account that
somebody else opened, or never could again with their own.
"""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select, update

from booking_ui.config.settings import settings
from booking_ui.db.models import CodeKind, OneTimeCode, Person, Role, pk
from booking_ui.db.session import write
from booking_ui.domain.errors import (
    BadInput,
    BookingError,
    EmailTaken,
    EmailUnconfirmed,
    FieldError,
    Forbidden,
    NoTexts,
    PhoneTaken,
    WrongTextedCode,
)
from booking_ui.domain.people.person import SENTENCES, clean_email, mobile_number
from booking_ui.domain.typed import digits
from booking_ui.languages import _
from booking_ui.services.accounts import one_time_codes, sessions
from booking_ui.services.accounts.one_time_codes import Device
from booking_ui.services.mail import outbox
from booking_ui.services.views import Principal

_OF_THE_ADDRESS = (CodeKind.VERIFY, CodeKind.RESET, CodeKind.SIGN_IN)


# ── The number ────────────────────────────────────────────────────────────────────────────────────────────────────


def request_phone_code(*, person_id: int, phone: str, device: Device, now: datetime) -> None:
    """Send a code to the number that the account is to have. The limits are the caller's.

    Raises:
        BadInput: no number, or no mobile one.
        Forbidden: for staff.
        EmailUnconfirmed: the account's address is not confirmed yet.
        NoTexts: this clinic sends no text messages.
    """
    number = mobile_number(phone)
    if not settings().phone_sign_in:
        raise NoTexts
    with write() as tx:
        person = _lock_patient(tx, person_id)
        if person.email is not None and person.email_verified_at is None:
            raise EmailUnconfirmed
        one_time_codes.send_by_text(
            tx, phone=number, kind=CodeKind.NEW_PHONE, person_id=person_id, device=device, now=now
        )


def change_phone(*, person_id: int, phone: str, code: str, device: Device, now: datetime) -> Principal:
    """Give the account the number at which the code arrived; from then on the number signs in.

    The mail address is told, and the number that signed in before.

    Raises:
        BadInput: no mobile number.
        WrongTextedCode: wrong, used, too old, tried too often, or another device's.
        PhoneTaken: another account signs in with it.
    """
    number = mobile_number(phone)
    try:
        with write() as tx:
            person = _lock_patient(tx, person_id)
            refusal = _refusal(tx, person, number, CodeKind.NEW_PHONE, code, device, now)
            if refusal is None and _has_phone(tx, number, person_id):
                refusal = PhoneTaken()
            if refusal is None:
                _set_phone(tx, person, number, now)
                return sessions.principal(person)
    except IntegrityError as race:
        raise PhoneTaken from race
    raise refusal  # after the block: the try must be counted


def _has_phone(tx: Session, number: str, but: int) -> bool:
    query = select(Person.id).where(
        Person.phone == number, col(Person.phone_verified_at).is_not(None), Person.id != but
    )
    return tx.exec(query).first() is not None


def _set_phone(tx: Session, person: Person, number: str, now: datetime) -> None:
    """The number, and word of it to the mail address and the number before: an open session alone must not get it."""
    old = person.phone if person.phone_verified_at is not None else ""
    person.phone, person.phone_verified_at = number, now
    tx.add(person)
    tx.flush()
    sessions.record_own_action(tx, pk(person), "number_proven", now)
    if old == number:
        return
    if person.email is not None:
        _tell_by_mail(tx, person, "number_changed", now)
    if old:
        _tell_by_text(tx, person, old, "number_changed", now)


def _tell_by_mail(tx: Session, person: Person, kind: str, now: datetime, address: str = "") -> None:
    key = secrets.token_hex(8)
    outbox.add_account_mail(
        tx, person_id=pk(person), code_id=None, kind=kind, key=key, now=now, address=address
    )


def _tell_by_text(tx: Session, person: Person, phone: str, kind: str, now: datetime) -> None:
    outbox.add_account_text(tx, pk(person), phone, None, kind=kind, key=secrets.token_hex(8), now=now)


# ── The mail address ──────────────────────────────────────────────────────────────────────────────────────────────


def request_email_code(*, person_id: int, email: str, device: Device, now: datetime) -> None:
    """Mail a code to the address that the account is to have; to nobody when another account has it, which is not told.

    Raises BadInput, Forbidden (for staff), RateLimited.
    """
    address = _address(email)
    with write() as tx:
        _lock_patient(tx, person_id)
        taken = _has_email(tx, address, person_id)
        one_time_codes.send_by_mail(
            tx,
            address=address,
            kind=CodeKind.NEW_EMAIL,
            person_id=None if taken else person_id,
            device=device,
            now=now,
        )


def change_email(*, person_id: int, email: str, code: str, device: Device, now: datetime) -> Principal:
    """Give the account the address at which the code arrived.

    The old one is told, if its owner had confirmed it; without one the number is.

    Raises:
        BadInput: no address.
        WrongTextedCode: wrong, used, too old, tried too often, or another device's.
        EmailTaken: another account got it meanwhile.
    """
    address = _address(email)
    try:
        with write() as tx:
            person = _lock_patient(tx, person_id)
            refusal = _refusal(tx, person, address, CodeKind.NEW_EMAIL, code, device, now)
            if refusal is None and _has_email(tx, address, person_id):
                refusal = EmailTaken()
            if refusal is None:
                _set_email(tx, person, address, now)
                return sessions.principal(person)
    except IntegrityError as race:
        raise EmailTaken from race
    raise refusal


def _address(email: str) -> str:
    address = clean_email(email)
    if not address:
        raise BadInput(FieldError("email", _(SENTENCES["email"])))
    return address


def _has_email(tx: Session, address: str, but: int) -> bool:
    return tx.exec(select(Person.id).where(Person.email == address, Person.id != but)).first() is not None


def _set_email(tx: Session, person: Person, address: str, now: datetime) -> None:
    before = person.email
    old = before if person.email_verified_at is not None and before != address else None
    person.email, person.email_verified_at = address, now
    tx.add(person)
    tx.flush()
    # Links and codes that lie in the old mailbox open nothing any more.
    tx.exec(
        update(OneTimeCode)
        .where(
            col(OneTimeCode.person_id) == pk(person),
            col(OneTimeCode.kind).in_(_OF_THE_ADDRESS),
            col(OneTimeCode.used_at).is_(None),
        )
        .values(used_at=now)
        .execution_options(synchronize_session=False)
    )
    sessions.record_own_action(tx, pk(person), "mail_changed", now)
    if old:
        _tell_by_mail(tx, person, "email_changed", now, old)
    elif person.phone_verified_at is not None and address != before:
        _tell_by_text(tx, person, person.phone, "email_changed", now)


# ── Erasing without a password ────────────────────────────────────────────────────────────────────────────────────


def request_erasure_code(*, person_id: int, device: Device, now: datetime) -> None:
    """Send a code for erasing the account to its own number, else to its address.

    Raises Forbidden (for staff), RateLimited.
    """
    with write() as tx:
        person = _lock_patient(tx, person_id)
        if person.phone_verified_at is not None:
            one_time_codes.send_by_text(
                tx, phone=person.phone, kind=CodeKind.ERASE, person_id=person_id, device=device, now=now
            )
        elif person.email is not None:
            one_time_codes.send_by_mail(
                tx, address=person.email, kind=CodeKind.ERASE, person_id=person_id, device=device, now=now
            )


def erasure_code_fits(tx: Session, person: Person, code: str, device: Device, now: datetime) -> bool:
    """True for the right code, which is spent; each call counts as a try. The person is locked."""
    address = person.phone if person.phone_verified_at is not None else person.email or ""
    return _refusal(tx, person, address, CodeKind.ERASE, code, device, now) is None


def _refusal(
    tx: Session, person: Person, address: str, kind: CodeKind, code: str, device: Device, now: datetime
) -> BookingError | None:
    """None for this person's right code, which is spent. Each call counts as a try."""
    found = one_time_codes.fitting(tx, address=address, kind=kind, code=digits(code), device=device, now=now)
    if found is None or found.person_id != pk(person):
        return WrongTextedCode()
    one_time_codes.spend(tx, found, now)
    return None


def _lock_patient(tx: Session, person_id: int) -> Person:
    person = sessions.lock_person(tx, person_id)
    if person.role is not Role.PATIENT:
        raise Forbidden(_("The clinic keeps the names and numbers of its staff."))
    return person
