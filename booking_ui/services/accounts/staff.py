"""Accounts of staff: those of the desk, and a doctor's own.

A person who is given a role starts anew: open sessions and tokens end. So does the password of an address that was never
confirmed, because the person who chose it may not own the address. Staff sign in with an address: their number does not.
"""

from __future__ import annotations

from datetime import datetime
from typing import Unpack

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from booking_ui.config.settings import settings
from booking_ui.db.models import Appointment, CodeKind, Doctor, Person, Role, pk
from booking_ui.db.session import read, write
from booking_ui.domain import actors
from booking_ui.domain.clock import instant_label
from booking_ui.domain.errors import BadInput, EmailTaken, FieldError, LastAdmin, NotFound
from booking_ui.domain.people.person import SENTENCES, clean_email, clean_name, name_fault, password_faults
from booking_ui.languages import _
from booking_ui.services.accounts import one_time_codes, passwords, sessions
from booking_ui.services.journal import audit, stated
from booking_ui.services.journal.audit import Action
from booking_ui.services.schedule import doctor_editing
from booking_ui.services.views import Principal
from booking_ui.services.views.desk import StaffView

"""The actor of changes that somebody with a shell on the machine makes."""
INVITED = "staff_invited"
"""The mail that brings the link for a first password."""


def list_staff() -> list[StaffView]:
    with read() as tx:
        rows = tx.exec(
            select(Person, Doctor)
            .join(Doctor, col(Doctor.id) == Person.doctor_id, isouter=True)
            .where(col(Person.role) != Role.PATIENT)
            .order_by(col(Person.role), col(Person.name))
        ).all()
    return [
        StaffView(
            name=person.name,
            email=person.email or "",
            role=person.role.value,
            doctor_name=doctor.name if doctor else "",
            since_label=instant_label(person.created_at, settings().zone),
        )
        for person, doctor in rows
    ]


# ── The desk, from the terminal ───────────────────────────────────────────────────────────────────────────────────


def appoint(*, email: str, name: str, password: str, now: datetime) -> bool:
    """Make or promote an account of the desk; True when a link for a password was mailed.

    The link is mailed when no password is given and the account has none.

    Raises:
        BadInput: the address, the name of a new account, or the password won't do.
        EmailTaken: a doctor signs in with it, or it was registered at this very moment.
    """
    address = _usable_email(email)
    known = _person_with(address)
    wanted = clean_name(name) or (known.name if known else "")
    wrong = [] if wanted else [name_fault(name)]
    if password:
        wrong += password_faults(password, wanted, address)
    if wrong:
        raise BadInput(*wrong)
    hashed = passwords.hashed(password) if password else ""
    with write() as tx:
        person = _account(tx, address, wanted, now)
        if person.role is Role.DOCTOR:
            raise EmailTaken(_("A doctor signs in with this address. Take that away first."))
        if clean_name(name):
            person.name = wanted
        if person.role is not Role.ADMIN:
            _change_role(tx, person, Role.ADMIN, actors.TERMINAL, now)
        if hashed:
            _set_password(tx, person, hashed, now)
        elif not person.password_hash.startswith("$argon2"):
            one_time_codes.request(tx, address=address, kind=CodeKind.RESET, now=now, mail=INVITED)
            return True
        return False


def dismiss(*, email: str, now: datetime) -> None:
    """Make an account of staff a patient's again, signed out everywhere.

    Raises:
        NotFound: no account of staff has this address.
        LastAdmin: the desk would have no account left.
    """
    with write() as tx:
        desk = tx.exec(
            select(Person).where(Person.role == Role.ADMIN).order_by(col(Person.id)).with_for_update()
        ).all()
        known = tx.exec(select(Person).where(Person.email == clean_email(email))).first()
        if known is None or known.role is Role.PATIENT:
            raise NotFound(_("Nobody who works here has that address."))
        if [one.id for one in desk] == [known.id]:
            raise LastAdmin
        _change_role(tx, sessions.lock_person(tx, pk(known)), Role.PATIENT, actors.TERMINAL, now)


def _set_password(tx: Session, person: Person, hashed: str, now: datetime) -> None:
    person.password_hash = hashed
    sessions.end_all(tx, person, now)
    _record_change(tx, person, actors.TERMINAL, Action.PASSWORD_SET, now)
    if person.email_verified_at is None:
        one_time_codes.send_verification(tx, person, now)


# ── A doctor's own account, from the desk ─────────────────────────────────────────────────────────────────────────


def give_sign_in(*, admin: Principal, doctor_id: int, email: str, now: datetime) -> None:
    """Let a doctor sign in: a link for a first password is mailed, and once more for each further call.

    Raises:
        BadInput: no address, another one than the doctor has, or one that the desk, another doctor or a patient uses.
        NotFound: there is no such doctor.
        RateLimited: called too often.
    """
    address = _usable_email(email)
    with write() as tx:
        doctor = _lock_doctor(tx, doctor_id)
        present = doctor_editing.sign_in_of(tx, doctor_id)
        if present is not None and present.email != address:
            raise _refused(_("Take the present sign-in away first."))
        try:
            person = _account(tx, address, doctor.name[:80], now)
        except EmailTaken as race:
            raise _refused(race.message) from race
        if present is None:
            _refuse_used(tx, person)
            person.name, person.doctor_id = doctor.name[:80], doctor_id
            _change_role(tx, person, Role.DOCTOR, actors.signed_in(admin), now)
        one_time_codes.request(tx, address=address, kind=CodeKind.RESET, now=now, mail=INVITED)


def remove_sign_in(*, admin: Principal, doctor_id: int, now: datetime) -> None:
    """End a doctor's sign-in and sign them out everywhere; a doctor without one is left as is. Raises NotFound."""
    with write() as tx:
        _lock_doctor(tx, doctor_id)
        if present := doctor_editing.sign_in_of(tx, doctor_id):
            _change_role(
                tx, sessions.lock_person(tx, pk(present)), Role.PATIENT, actors.signed_in(admin), now
            )


def _lock_doctor(tx: Session, doctor_id: int) -> Doctor:
    """The doctor, locked, so that they get one account. Raises NotFound."""
    query = select(Doctor).where(Doctor.id == doctor_id).with_for_update(key_share=True)
    doctor = tx.exec(query).first()
    if doctor is None:
        raise NotFound(_("We couldn't find that doctor."))
    return doctor


def _refuse_used(tx: Session, person: Person) -> None:
    """Raises BadInput for an account in use; a patient who became a doctor could not reach their visits any more."""
    if person.role is Role.ADMIN:
        raise _refused(_("The desk signs in with this address. Use another one."))
    if person.role is Role.DOCTOR:
        raise _refused(_("Another doctor signs in with this address. Use another one."))
    booked = tx.exec(select(Appointment.id).where(Appointment.patient_id == person.id).limit(1)).first()
    if booked is not None:
        raise _refused(_("A patient books with this address. Use another one for work."))


def _refused(sentence: str) -> BadInput:
    return BadInput(FieldError("email", sentence))


# ── Both ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _usable_email(email: str) -> str:
    address = clean_email(email)
    if not address:
        raise BadInput(FieldError("email", _(SENTENCES["email"])))
    return address


def _person_with(address: str) -> Person | None:
    with read() as tx:
        return tx.exec(select(Person).where(Person.email == address)).first()


def _account(tx: Session, address: str, name: str, now: datetime) -> Person:
    """The account of this address, locked; a new one is a patient's and has no password.

    Raises EmailTaken when the address is registered at this very moment; the transaction is over then.
    """
    known = tx.exec(select(Person.id).where(Person.email == address)).first()
    if known is not None:
        return sessions.lock_person(tx, known)
    person = Person(name=name, email=address, phone="", password_hash=passwords.NO_PASSWORD, created_at=now)
    tx.add(person)
    try:
        tx.flush()
    except IntegrityError as race:
        raise EmailTaken from race
    return person


def _change_role(tx: Session, person: Person, role: Role, actor: str, now: datetime) -> None:
    before, person.role = person.role, role
    person.phone_verified_at = None  # whoever gets hold of a number must not get hold of the desk
    if role is not Role.DOCTOR:
        person.doctor_id = None
    if person.email_verified_at is None:
        person.password_hash = passwords.NO_PASSWORD
    sessions.end_all(tx, person, now)
    change: audit.Change = {"before": before, "after": role, "facts": stated.role(person)}
    _record_change(tx, person, actor, Action.ROLE, now, **change)


def record_first_role(tx: Session, person: Person, now: datetime) -> None:
    """Add the audit row of an account that was made with its role; a patient's needs none."""
    if person.role is not Role.PATIENT:
        facts = stated.role(person)
        _record_change(tx, person, actors.TERMINAL, Action.ROLE, now, after=person.role, facts=facts)


def _record_change(
    tx: Session, person: Person, actor: str, action: str, now: datetime, **change: Unpack[audit.Change]
) -> None:
    audit.record(tx, actors.account(pk(person)), action, actor=actor, now=now, **change)
