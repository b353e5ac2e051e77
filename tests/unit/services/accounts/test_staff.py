"""Who works here: the desk's accounts from the terminal, a doctor's own from the desk. On both databases."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from booking_ui.db.models import Appointment, Person, Role
from booking_ui.db.session import Database, read, write
from booking_ui.domain import actors
from booking_ui.domain.errors import (
    BadInput,
    EmailTaken,
    Forbidden,
    LastAdmin,
    NotFound,
    NotSignedIn,
    RateLimited,
    WrongCredentials,
)
from booking_ui.services.accounts import authentication, one_time_codes, recovery, sessions, staff
from booking_ui.services.booking import claim as booking
from booking_ui.services.booking import hold_expiry, reschedule
from booking_ui.services.journal import audit
from booking_ui.services.schedule import doctor_editing
from tests.support.cast import NOW, Cast
from tests.support.mails import Post
from tests.support.races import at_once, until_it_waits_for_a_lock

ESHA, PASSWORD, OTHER = "esha@clinic.example", "a long desk password", "the stranger's own words"


@pytest.fixture(autouse=True)
def post(monkeypatch: pytest.MonkeyPatch, cast: Cast) -> Post:
    assert cast
    return Post(monkeypatch)


def appoint(email: str = ESHA, name: str = "Esha Kapoor", password: str = "") -> bool:
    return staff.appoint(email=email, name=name, password=password, now=NOW)


def her(email: str = ESHA) -> Person:
    with read() as tx:
        return tx.exec(select(Person).where(Person.email == email)).one()


def trail(person_id: int | None) -> list[tuple[str, str, str, str]]:
    with read() as tx:
        rows = audit.trail(tx, f"person:{person_id}")
        assert audit.holds(rows)
    return [(one.actor, one.action, one.before, one.after) for one in rows]


def confirmed(email: str) -> None:
    with write() as tx:
        tx.exec(select(Person).where(Person.email == email)).one().email_verified_at = NOW


def test_the_first_desk_account_opens_with_the_password_that_was_typed(post: Post) -> None:
    assert not appoint(" Esha@Clinic.example ", password=PASSWORD)
    who = authentication.authenticate(email=ESHA, password=PASSWORD, now=NOW)
    assert (who.role, who.name) == ("admin", "Esha Kapoor")
    assert trail(who.person_id) == [
        ("system:terminal", "role", "patient", "admin"),
        ("system:terminal", "password_set", "", ""),
    ]
    assert PASSWORD not in her().password_hash
    post.newest(NOW)
    assert post.sent[-1].subject == "Is this your email?"


def test_without_a_password_a_link_to_choose_one_is_mailed(post: Post) -> None:
    assert appoint()
    token = post.newest(NOW)
    assert post.sent[-1].to == ESHA
    assert "you can sign in at" in post.sent[-1].text
    recovery.reset_password(token=token, password=PASSWORD, now=NOW)
    assert authentication.authenticate(email=ESHA, password=PASSWORD, now=NOW).role == "admin"


def test_a_promoted_patient_keeps_her_confirmed_password_and_signs_in_anew() -> None:
    who = authentication.open_account(name="Esha", email=ESHA, phone="9876543210", password=PASSWORD, now=NOW)
    confirmed(ESHA)
    session = authentication.open_session(person_id=who.person_id, now=NOW)
    assert not appoint(name="")
    assert authentication.session_principal(token=session, now=NOW) is None
    found = authentication.authenticate(email=ESHA, password=PASSWORD, now=NOW)
    assert (found.person_id, found.role, found.name) == (who.person_id, "admin", "Esha")


def test_whoever_registered_the_address_before_without_owning_it_is_not_promoted(post: Post) -> None:
    who = authentication.open_account(name="Esha", email=ESHA, phone="9876543210", password=OTHER, now=NOW)
    tokens = authentication.issue_tokens(person_id=who.person_id, now=NOW)
    assert appoint()
    with pytest.raises(WrongCredentials):
        authentication.authenticate(email=ESHA, password=OTHER, now=NOW)
    with pytest.raises(NotSignedIn):
        authentication.access_token_principal(access_token=tokens.access_token, now=NOW)


@pytest.mark.parametrize(
    ("email", "name", "password", "fields"),
    [
        ("esha", "Esha", PASSWORD, ["email"]),
        (ESHA, "", PASSWORD, ["name"]),
        (ESHA, "Esha", "short", ["password"]),
        (ESHA, "", "password1", ["name", "password"]),
    ],
)
def test_an_account_that_can_not_be_is_not_made(
    email: str, name: str, password: str, fields: list[str]
) -> None:
    with pytest.raises(BadInput) as refusal:
        appoint(email, name, password)
    assert [one.field for one in refusal.value.errors] == fields
    assert [one.name for one in staff.list_staff()] == ["Devi"]


def test_who_is_dismissed_is_out_at_once_with_every_session_and_token(cast: Cast) -> None:
    appoint(password=PASSWORD)
    session = authentication.open_session(person_id=cast.devi.person_id, now=NOW)
    tokens = authentication.issue_tokens(person_id=cast.devi.person_id, now=NOW)
    staff.dismiss(email="DEVI@example.com", now=NOW)
    assert authentication.session_principal(token=session, now=NOW) is None
    with pytest.raises(NotSignedIn):
        authentication.access_token_principal(access_token=tokens.access_token, now=NOW)
    with pytest.raises(NotSignedIn):
        authentication.refresh_tokens(refresh_token=tokens.refresh_token, now=NOW)
    assert her("devi@example.com").role is Role.PATIENT
    assert trail(cast.devi.person_id)[-1] == ("system:terminal", "role", "admin", "patient")
    assert [one.email for one in staff.list_staff()] == [ESHA]


def test_the_last_of_the_desk_stays_and_a_patient_is_nobodys_staff(cast: Cast) -> None:
    with pytest.raises(LastAdmin):
        staff.dismiss(email=cast.devi.email, now=NOW)
    for email in ("asha@example.com", "nobody@example.com", "no address"):
        with pytest.raises(NotFound):
            staff.dismiss(email=email, now=NOW)
    assert her(cast.devi.email).role is Role.ADMIN


def test_two_who_dismiss_each_other_at_once_leave_one_at_the_desk(cast: Cast) -> None:
    appoint(password=PASSWORD)
    results = at_once([partial(staff.dismiss, email=email, now=NOW) for email in (ESHA, cast.devi.email)])
    assert sorted(type(one).__name__ for one in results) == ["LastAdmin", "NoneType"]
    assert len(staff.list_staff()) == 1


# ── A doctor's sign-in ────────────────────────────────────────────────────────────────────────────────────────────

CHANDRA = "chandra@clinic.example"


def give(cast: Cast, email: str = CHANDRA, doctor_id: int | None = None) -> None:
    staff.give_sign_in(admin=cast.devi, doctor_id=doctor_id or cast.chandra, email=email, now=NOW)


def test_a_doctor_gets_a_link_chooses_a_password_and_sees_her_own_day(cast: Cast, post: Post) -> None:
    give(cast)
    token = post.newest(NOW)
    assert (post.sent[-1].to, post.sent[-1].subject[:12]) == (CHANDRA, "Your sign-in")
    recovery.reset_password(token=token, password=PASSWORD, now=NOW)
    who = authentication.authenticate(email=CHANDRA, password=PASSWORD, now=NOW)
    assert (who.role, who.doctor_id, who.name) == ("doctor", cast.chandra, "Dr Chandra Rao")
    assert trail(who.person_id)[0] == (f"admin:{cast.devi.person_id}", "role", "patient", "doctor")
    sheet = doctor_editing.sheet(slug="dr-chandra-rao")
    assert (sheet.email, sheet.email_verified) == (CHANDRA, True)


def test_asking_again_mails_another_link_to_the_same_account_five_times_an_hour(
    cast: Cast, post: Post
) -> None:
    for _ in range(5):
        give(cast)
    with pytest.raises(RateLimited):
        give(cast)
    post.newest(NOW)
    assert len(post.sent) == 5
    with read() as tx:
        assert len(tx.exec(select(Person).where(col(Person.doctor_id) == cast.chandra)).all()) == 1


def test_strangers_who_ask_for_resets_do_not_keep_the_desk_from_giving_a_sign_in(
    cast: Cast, post: Post
) -> None:
    for _ in range(5):
        recovery.request_reset_link(email=CHANDRA, now=NOW)
    with pytest.raises(RateLimited):
        recovery.request_reset_link(email=CHANDRA, now=NOW)
    give(cast)
    recovery.reset_password(token=post.newest(NOW), password=PASSWORD, now=NOW)
    assert authentication.authenticate(email=CHANDRA, password=PASSWORD, now=NOW).doctor_id == cast.chandra


def test_taking_it_away_ends_her_sessions_and_the_same_address_may_be_given_again(cast: Cast) -> None:
    give(cast)
    person_id = her(CHANDRA).id or 0
    session = authentication.open_session(person_id=person_id, now=NOW)
    staff.remove_sign_in(admin=cast.devi, doctor_id=cast.chandra, now=NOW)
    staff.remove_sign_in(admin=cast.devi, doctor_id=cast.chandra, now=NOW)
    assert authentication.session_principal(token=session, now=NOW) is None
    assert (her(CHANDRA).role, her(CHANDRA).doctor_id) == (Role.PATIENT, None)
    assert [one[2:] for one in trail(person_id)[:1] + trail(person_id)[-1:]] == [
        ("patient", "doctor"),
        ("doctor", "patient"),
    ]
    give(cast)
    assert her(CHANDRA).doctor_id == cast.chandra


def test_an_address_that_is_somebodys_is_refused_beside_the_field(cast: Cast) -> None:
    booking.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW - timedelta(minutes=1))
    for email in ("asha@example.com", cast.devi.email, "no address"):
        with pytest.raises(BadInput) as refusal:
            give(cast, email)
        assert [one.field for one in refusal.value.errors] == ["email"]
    give(cast)
    with pytest.raises(BadInput, match="Take the present sign-in away first"):
        give(cast, "another@clinic.example")
    with pytest.raises(NotFound):
        give(cast, doctor_id=404)
    with pytest.raises(EmailTaken):
        appoint(CHANDRA)
    assert [one.email for one in staff.list_staff()] == ["devi@example.com", CHANDRA]


@pytest.mark.parametrize("work", [Role.ADMIN, Role.DOCTOR])
def test_somebody_who_registers_the_address_at_this_moment_is_not_overlooked(
    cast: Cast, db: Database, work: Role
) -> None:
    gives: Callable[[], object] = appoint if work is Role.ADMIN else partial(give, cast, ESHA)
    refusal = EmailTaken if work is Role.ADMIN else BadInput
    with ThreadPoolExecutor(1) as pool:
        with db.write() as registering:
            registering.add(Person(name="Esha", email=ESHA, phone="", password_hash="-", created_at=NOW))
            registering.flush()
            given = pool.submit(gives)
            until_it_waits_for_a_lock(db, who="the account")
        if db.sqlite:
            given.result(30)
        else:
            with pytest.raises(refusal):
                given.result(30)
    assert her().role is (work if db.sqlite else Role.PATIENT)


def test_a_fault_of_the_database_is_not_told_as_a_taken_address(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever else a constraint refuses is our fault, and nobody could mend it with another address."""

    def another_constraint(tx: Session, **_: object) -> None:
        tx.add(Person(name="Esha", email="asha@example.com", phone="", password_hash="-", created_at=NOW))
        tx.flush()

    monkeypatch.setattr(one_time_codes, "request", another_constraint)
    for gives in (appoint, partial(give, cast)):
        with pytest.raises(IntegrityError):
            gives()


@pytest.mark.parametrize("given", [Role.ADMIN, Role.DOCTOR])
def test_a_claim_that_is_under_way_while_she_gets_a_role_books_nothing(
    cast: Cast, db: Database, given: Role
) -> None:
    """The door let her in as a patient; the claim waits for the row that the role is written to, and reads it again."""
    with ThreadPoolExecutor(1) as pool:
        with db.write() as giving:
            staff._change_role(giving, sessions.lock_person(giving, cast.asha), given, actors.TERMINAL, NOW)
            giving.flush()
            claim = pool.submit(booking.claim, patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
            until_it_waits_for_a_lock(db, who="the claim")
        with pytest.raises(Forbidden, match="Only patients can book"):
            claim.result(30)
    with read() as tx:
        assert tx.exec(select(Appointment)).all() == []


def test_whoever_got_a_role_neither_holds_again_nor_moves_a_visit(cast: Cast) -> None:
    held = booking.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    hold_expiry.let_go(patient_id=cast.asha, appointment_id=held.id, now=NOW)
    appoint("asha@example.com")
    with pytest.raises(Forbidden):
        booking.try_again(patient_id=cast.asha, appointment_id=held.id, now=NOW)
    with pytest.raises(Forbidden):
        reschedule.reschedule(patient_id=cast.asha, appointment_id=held.id, slot_id=cast.slots[1], now=NOW)
