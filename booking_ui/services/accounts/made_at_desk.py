"""Accounts that the desk makes for patients who call or walk in: a name, a number, perhaps a mail address, nothing proven.

Nobody signs in to one before the number or the address is proven. The desk finds it again by number and name.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from booking_ui.db import locks
from booking_ui.db.models import Person, Role, pk
from booking_ui.domain import actors
from booking_ui.domain.errors import EmailTaken, PhoneTaken
from booking_ui.domain.people.person import Applicant
from booking_ui.languages import _, spoken
from booking_ui.services.accounts import passwords
from booking_ui.services.journal import audit


def is_opened_by_number(person: Person) -> bool:
    """True while nothing but the code to its number can open it: an address, if given, is the way in instead."""
    return person.made_at_desk and person.email is None


def opened_by(tx: Session, number: str) -> Person | None:
    """The account that a code to this number opens: its owner's, else the newest that the desk made with nothing else."""
    known = _known(tx, number)
    doors = [one for one in known if one.phone_verified_at is not None or is_opened_by_number(one)]
    return next(iter(doors), None)


def can_be_entered(tx: Session, person: Person) -> bool:
    """True if its patient has a way in: an address, or a number whose code opens this very account."""
    if person.email is not None:
        return True
    opened = opened_by(tx, person.phone)
    return opened is not None and opened.id == person.id


def found_or_made(tx: Session, given: Applicant, *, by: str, now: datetime) -> Person:
    """The patient of this name at this number, in the transaction of a booking; one who is not known is written down.

    Known is the owner of the number, and whoever the desk wrote down with it before, whose address stays as it is.
    Raises PhoneTaken (another name's account signs in with the number), EmailTaken.
    """
    locks.number(tx, given.phone)
    known = _known(tx, given.phone)
    for one in known:
        if one.name.casefold() == given.name.casefold():
            return one
    for owner in known:
        if owner.phone_verified_at is not None:
            raise PhoneTaken(
                _(
                    "{name} signs in with this number. Choose {name}, or write another number.",
                    name=owner.name,
                )
            )
    return _made(tx, given, by, now)


def _made(tx: Session, given: Applicant, by: str, now: datetime) -> Person:
    if given.email and tx.exec(select(Person.id).where(Person.email == given.email)).first() is not None:
        raise EmailTaken(_("There is an account with this email already. Find the patient by name."))
    person = Person(
        name=given.name,
        email=given.email or None,
        phone=given.phone,
        password_hash=passwords.NO_PASSWORD,
        role=Role.PATIENT,
        language=spoken(),
        created_at=now,
    )
    tx.add(person)
    try:
        tx.flush()
    except IntegrityError as race:  # the address was registered at this very moment
        raise EmailTaken from race
    account = actors.account(pk(person))
    audit.record(tx, account, "registered", actor=by, after=person.role, now=now)
    return person


def _known(tx: Session, number: str) -> list[Person]:
    """The number's owner, and then the accounts that the desk made for it and nobody has proven, the newest first."""
    proven = col(Person.phone_verified_at).is_not(None)
    unentered = col(Person.password_hash) == passwords.NO_PASSWORD
    query = select(Person).where(Person.phone == number, sa.or_(proven, unentered))
    found = tx.exec(query.order_by(proven.desc(), col(Person.id).desc())).all()
    return [one for one in found if one.phone_verified_at is not None or one.made_at_desk]
