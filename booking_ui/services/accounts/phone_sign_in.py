"""Signing in with a telephone number and the code that is sent to it, and opening an account in the same way.

Asking is the same for every number, whether an account has it or not. A number that stands in an account without a proof
opens nothing there: the account's owner may have mistyped it, and would then share the account with a stranger. The one
exception is an account that the desk made, which nobody has entered yet and nothing but the number can open.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from booking_ui.config.settings import settings
from booking_ui.db import locks
from booking_ui.db.models import CodeKind, OneTimeCode, Person, Role, pk
from booking_ui.db.session import write
from booking_ui.domain import actors
from booking_ui.domain.errors import BadInput, NameNeeded, NoTexts, WrongTextedCode
from booking_ui.domain.people.person import clean_name, mobile_number, name_fault
from booking_ui.domain.remark_codes import RemarkCode
from booking_ui.domain.remarks import Remark
from booking_ui.domain.typed import digits
from booking_ui.languages import spoken
from booking_ui.services.accounts import made_at_desk, one_time_codes, passwords, sessions
from booking_ui.services.accounts.one_time_codes import Device
from booking_ui.services.journal import audit
from booking_ui.services.views import Principal


@dataclass(frozen=True)
class Entered:
    """The person who proved the number; `registered` when the account was opened by it."""

    who: Principal
    registered: bool


def request_code(*, phone: str, device: Device, now: datetime) -> None:
    """Send a code to a mobile number, whoever has it. The limits are the caller's.

    Raises:
        BadInput: no number, or no mobile one.
        NoTexts: this clinic sends no text messages.
    """
    number = mobile_number(phone)
    if not settings().phone_sign_in:
        raise NoTexts
    with write() as tx:
        one_time_codes.send_by_text(
            tx, phone=number, kind=CodeKind.PHONE, person_id=_account(tx, number), device=device, now=now
        )


def enter(*, phone: str, code: str, device: Device, now: datetime, name: str = "") -> Entered:
    """The person whose number and code these are; a new number opens an account with `name`.

    Raises:
        BadInput: no mobile number; or the number is new and `name` won't do. The code stays good.
        NameNeeded: the number is new, and no name was given. The code stays good.
        WrongTextedCode: wrong, used, too old, tried too often, or another device's; the error does not tell which.
    """
    number = mobile_number(phone)
    try:
        return _enter(number, digits(code), device, name, now)
    except IntegrityError:  # two codes of a new number at the same moment: the other one opened the account
        return _enter(number, digits(code), device, name, now)


def _enter(number: str, code: str, device: Device, name: str, now: datetime) -> Entered:
    refusal: BadInput | None = None
    with write() as tx:
        # Before the code's row, as everybody locks who ends codes of a person.
        person = locks.person(tx, _account(tx, number) or 0)
        if person is not None and not _opens(person, number):
            person = None  # they changed the number while the lock was awaited
        found = one_time_codes.fitting(
            tx, address=number, kind=CodeKind.PHONE, code=code, device=device, now=now
        )
        if found is not None and person is None:
            refusal = _refusal(name)
        if found is not None and refusal is None:
            return _entered(tx, found, person, number, name, now)
        if found is not None:
            one_time_codes.give_back(tx, found)
    raise refusal or WrongTextedCode  # after the block: the try must be counted


def _refusal(name: str) -> BadInput | None:
    if not name.strip():
        return NameNeeded()
    return None if clean_name(name) else BadInput(name_fault(name))


def _entered(
    tx: Session, code: OneTimeCode, known: Person | None, number: str, name: str, now: datetime
) -> Entered:
    person = known or _opened(tx, number, clean_name(name), now)
    if person.phone_verified_at is None:
        _take_over(tx, person, now)
    one_time_codes.spend(tx, code, now)
    sessions.record_own_action(tx, pk(person), "code_used", now)
    return Entered(sessions.principal(person), registered=known is None)


def _opened(tx: Session, number: str, name: str, now: datetime) -> Person:
    person = Person(
        name=name,
        phone=number,
        phone_verified_at=now,
        password_hash=passwords.NO_PASSWORD,
        role=Role.PATIENT,
        language=spoken(),
        created_at=now,
    )
    tx.add(person)
    tx.flush()
    account, terms = actors.account(pk(person)), settings().terms_url
    reason = Remark(RemarkCode.AGREED, terms=terms) if terms else ""
    audit.record(tx, account, "registered", actor=account, after=person.role, reason=reason, now=now)
    return person


def _take_over(tx: Session, person: Person, now: datetime) -> None:
    """Give an account that the desk made to the holder of its number, who signs in with it from now on."""
    person.phone_verified_at, person.language = now, spoken()
    tx.add(person)
    tx.flush()
    sessions.record_own_action(tx, pk(person), "number_proven", now)


def _opens(person: Person, number: str) -> bool:
    """True for the number's owner, and for an account of the desk that has nothing else."""
    proven = person.phone_verified_at is not None
    return person.phone == number and (proven or made_at_desk.is_opened_by_number(person))


def _account(tx: Session, number: str) -> int | None:
    """The account that this number opens, found with one query whoever has it: the answer takes as long for a stranger."""
    person = made_at_desk.opened_by(tx, number)
    return person.id if person else None
