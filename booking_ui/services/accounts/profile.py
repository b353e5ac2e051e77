"""A person's own account: contact details, password, open sessions, erasure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session, col, select

from booking_ui.config.settings import settings
from booking_ui.db.models import Person, Role, SignIn
from booking_ui.db.session import read, write
from booking_ui.domain.clock import instant_label
from booking_ui.domain.errors import (
    BadInput,
    Forbidden,
    NotFound,
    ProofNeeded,
    StillNeeded,
    WrongPassword,
    WrongTextedCode,
)
from booking_ui.domain.people.device import device_words
from booking_ui.domain.people.person import contact, password_faults, same_phone
from booking_ui.domain.remark_codes import RemarkCode
from booking_ui.domain.remarks import Remark
from booking_ui.gateways import mail, texts
from booking_ui.languages import _
from booking_ui.services.accounts import erasure, message_choices, own_addresses, passwords, sessions
from booking_ui.services.accounts.one_time_codes import Device
from booking_ui.services.mail import outbox, receivers
from booking_ui.services.views import AccountView, Principal, SessionView


def account(*, person_id: int, session: str, now: datetime) -> AccountView:
    """The account as its owner sees it; `session` is the digest of the session that asks. Raises NotFound."""
    with read() as tx:
        person = _existing(tx, person_id)
        open_ones = tx.exec(
            select(SignIn)
            .where(
                SignIn.person_id == person_id,
                col(SignIn.revoked_at).is_(None),
                SignIn.expires_at > now,
            )
            .order_by(col(SignIn.seen_at).desc())
        ).all()
        return AccountView(
            verified=person.email is None or person.email_verified_at is not None,
            phone_verified=person.phone_verified_at is not None,
            has_password=_has_password(person),
            sessions=[
                _session_view(one, session)
                for one in open_ones
                if one.kind != sessions.SESSION
                or now - (one.seen_at or one.created_at) < sessions.IDLE[person.role]
            ],
            may_erase=person.role is Role.PATIENT,
            channels=message_choices.channels(person) if person.role is Role.PATIENT else [],
            language=receivers.receiver_language(person),
        )


def change_contact(
    *, person_id: int, now: datetime, name: str | None = None, phone: str | None = None
) -> Principal:
    """Change a patient's name or phone number, or both. The audit row names the fields, never their values.

    Raises:
        BadInput: every wrong field with its sentence.
        NotFound: there is no such person.
        Forbidden: for staff, whose names and numbers the clinic keeps.
        ProofNeeded: the present number signs in, so another one has to be proven (own_addresses.py).
    """
    with read() as tx:
        known = _existing(tx, person_id)
    if phone is not None and same_phone(phone, known.phone):
        phone = None  # the form sends back what it showed: a number from before today's rules may stay
    wanted = contact(name=name, phone=phone)
    with write() as tx:
        person = sessions.lock_person(tx, person_id)
        if person.role is not Role.PATIENT:
            raise Forbidden(_("The clinic keeps the names and numbers of its staff."))
        if wanted.get("phone", person.phone) != person.phone and person.phone_verified_at is not None:
            raise ProofNeeded
        changed = {field: text for field, text in wanted.items() if text != getattr(person, field)}
        if changed:
            person.sqlmodel_update(changed)
            tx.add(person)
            sessions.record_own_action(tx, person_id, "details_changed", now, reason=_fields(changed))
        return sessions.principal(person)


def _fields(names: Iterable[str]) -> Remark:
    return Remark(RemarkCode.FIELDS, fields=[RemarkCode(name) for name in names])


def change_password(*, person_id: int, old: str, new: str, token: str, now: datetime) -> None:
    """Set a new password, given the present one. Every other session and every token ends.

    `token` is that of the session that stays, empty for none.

    Raises:
        WrongPassword: `old` is not the present one.
        BadInput: the new one is too short, too long or too easy.
    """
    person = _authenticated(person_id, old)
    if wrong := password_faults(new, person.name, person.email or "", person.phone):
        raise BadInput(*wrong)
    hashed = passwords.hashed(new)
    with write() as tx:
        locked = sessions.lock_person(tx, person_id)
        if locked.password_hash != person.password_hash:  # changed or reset while we were hashing
            raise WrongPassword
        locked.password_hash = hashed
        sessions.end_all(tx, locked, now, but=token)
        sessions.record_own_action(tx, person_id, "password_changed", now)
        key = f"changed:{person_id}:{locked.key_number}"
        outbox.add_account_mail(
            tx, person_id=person_id, code_id=None, kind="password_changed", key=key, now=now
        )


def sign_out_everywhere(*, person_id: int, now: datetime) -> None:
    with write() as tx:
        person = sessions.lock_person(tx, person_id)
        sessions.end_all(tx, person, now)
        sessions.record_own_action(tx, person_id, "signed_out_everywhere", now)


def erase_account(
    *, person_id: int, now: datetime, password: str = "", code: str = "", device: Device | None = None
) -> None:
    """Erase a patient. Bookings and payments stay, without anything that names the person.

    An account that has a password takes that, any other one the code that own_addresses.py sends.

    Raises:
        Forbidden: for staff, whose names stand in the audit.
        WrongPassword: `password` is not the present one, or neither proof was given.
        WrongTextedCode: `code` is not the one that was sent.
        StillNeeded: a visit lies ahead, or money is on its way. The code stays good.
    """
    with read() as tx:
        known = _existing(tx, person_id)
        _refuse_staff(known)
    by_code = bool(code) and not _has_password(known)
    if not by_code:
        _authenticated(person_id, password)
    with write() as tx:
        person = sessions.lock_person(tx, person_id)
        _refuse_staff(person)  # again: a role may have been given while we were hashing
        proven = not by_code or own_addresses.erasure_code_fits(tx, person, code, device or Device(), now)
        if proven and erasure.is_still_needed(tx, person_id, now):
            raise StillNeeded
        mails = erasure.erase_person(tx, person, now) if proven else []
    if not proven:
        raise WrongTextedCode  # after the block: the try must be counted
    mail.delete_files(mails)
    texts.delete_files(mails)


def _has_password(person: Person) -> bool:
    return person.password_hash.startswith("$argon2")


def _refuse_staff(person: Person) -> None:
    if person.role is not Role.PATIENT:
        raise Forbidden(_("Accounts of staff are closed by the clinic."))


def _existing(tx: Session, person_id: int) -> Person:
    person = tx.get(Person, person_id)
    if person is None or person.erased_at is not None:
        raise NotFound
    return person


def _authenticated(person_id: int, password: str) -> Person:
    """The person as stored now, if this is the present password. Raises NotFound, WrongPassword."""
    with read() as tx:
        person = _existing(tx, person_id)
    if not passwords.matches(person.password_hash, password):
        raise WrongPassword
    return person


def _session_view(row: SignIn, here: str) -> SessionView:
    zone = settings().zone
    return SessionView(
        device=device_words(row.device) if row.kind == sessions.SESSION else _("A program"),
        since_label=instant_label(row.created_at, zone),
        used_label=instant_label(row.seen_at or row.created_at, zone),
        this_one=row.token_hash == here,
    )
