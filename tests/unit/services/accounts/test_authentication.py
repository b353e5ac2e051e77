"""Registering and signing in, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
from argon2 import PasswordHasher
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from booking_ui.components.patient.sign_in import agreement
from booking_ui.config.settings import settings
from booking_ui.db.models import AuditEntry, Person, SignIn
from booking_ui.db.session import database, read, write
from booking_ui.domain.errors import BadInput, EmailTaken, WrongCredentials
from booking_ui.services.accounts import authentication, passwords
from booking_ui.services.journal import audit
from booking_ui.services.views import Principal

NOW = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
pytestmark = pytest.mark.usefixtures("db")

PASSWORD = "asha's long password"
Hash = Callable[[PasswordHasher, str], str]
Verify = Callable[[PasswordHasher, str, str], object]


def asha(email: str = "asha@example.com") -> Principal:
    return authentication.open_account(
        name="Asha Rao", email=email, phone="9876543210", password=PASSWORD, now=NOW
    )


def people() -> list[Person]:
    with read() as tx:
        return list(tx.exec(select(Person)).all())


def sign_ins() -> list[SignIn]:
    with read() as tx:
        return list(tx.exec(select(SignIn).order_by(SignIn.id)).all())  # type: ignore[arg-type]


def trail(person_id: int) -> list[AuditEntry]:
    with read() as tx:
        return audit.trail(tx, f"person:{person_id}")


def test_a_new_account_is_a_patients_with_its_fields_cleaned() -> None:
    who = authentication.open_account(
        name="  Asha   Rao ", email=" Asha@Example.COM ", phone="98765 43210", password=PASSWORD, now=NOW
    )
    assert who == Principal(
        person_id=who.person_id,
        name="Asha Rao",
        email="asha@example.com",
        phone="+919876543210",
        role="patient",
        doctor_id=None,
    )


def test_the_password_itself_is_stored_nowhere() -> None:
    asha()
    stored = people()[0].password_hash
    assert stored.startswith("$argon2id$")
    assert PASSWORD not in stored


def test_the_trail_of_an_account_names_no_mail_and_no_phone() -> None:
    who = asha()
    authentication.open_session(person_id=who.person_id, now=NOW)
    authentication.issue_tokens(person_id=who.person_id, now=NOW)
    rows = trail(who.person_id)
    assert [row.action for row in rows] == ["registered", "signed_in", "tokens_issued"]
    assert "asha" not in "".join(row.model_dump_json() for row in rows).lower()
    assert "9876543210" not in "".join(row.model_dump_json() for row in rows)


def test_where_the_clinic_has_terms_the_trail_keeps_which_were_agreed_to(
    configured: pytest.MonkeyPatch,
) -> None:
    before = asha("first@example.com")
    configured.setenv("TERMS_URL", "https://clinic.example/terms-2")
    settings.cache_clear()
    after = asha("second@example.com")
    assert [trail(who.person_id)[0].reason for who in (before, after)] == [
        "",
        "agreed to https://clinic.example/terms-2",
    ]


def test_the_form_says_what_whoever_registers_agrees_to(configured: pytest.MonkeyPatch) -> None:
    assert "terms" not in str(agreement())
    configured.setenv("TERMS_URL", "https://clinic.example/terms-2")
    settings.cache_clear()
    said = str(agreement())
    assert "By creating an account you agree to our " in said
    assert '"https://clinic.example/terms-2"' in said


def test_the_same_mail_in_other_letters_is_taken() -> None:
    asha()
    with pytest.raises(EmailTaken):
        asha("ASHA@example.com")
    assert len(people()) == 1


def test_two_forms_with_the_same_new_mail_make_one_account() -> None:
    start = Barrier(2)

    def submit() -> str:
        start.wait(timeout=20)
        try:
            asha()
        except EmailTaken:
            return "taken"
        return "made"

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(future.result() for future in [pool.submit(submit) for _ in range(2)])
    assert outcomes == ["made", "taken"]
    assert len(people()) == 1


def test_another_constraint_is_not_told_as_a_taken_mail() -> None:
    asha()
    with write() as tx:
        tx.execute(text("CREATE UNIQUE INDEX one_of_a_phone ON person (phone)"))
    try:
        with pytest.raises(IntegrityError):
            asha("another@example.com")
        with pytest.raises(EmailTaken):
            asha()
    finally:
        with write() as tx:
            tx.execute(text("DROP INDEX one_of_a_phone"))


def test_every_wrong_field_is_named_at_once() -> None:
    with pytest.raises(BadInput) as refused:
        authentication.open_account(name=" ", email="asha", phone="12", password="short", now=NOW)
    assert [error.field for error in refused.value.errors] == ["name", "email", "phone", "password"]
    assert people() == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "A" * 81),
        ("name", "Asha\nRao"),
        ("name", "Asha\x00"),
        ("name", "Asha\u202eRao"),
        ("name", "Asha\ud800"),
        ("email", "asha@localhost"),
        ("email", "asha\x00@example.com"),
        ("email", f"{'a' * 250}@example.com"),
        ("email", "asha@example.com\r\nBcc: x@example.com"),
        ("email", "asha\ud800@example.com"),
        ("phone", "०१२३४५६७८९"),
        ("phone", "+9112345"),
        ("phone", "1234567890"),
        ("phone", "+91987654321012"),
        ("phone", "98765abcde"),
        ("password", "1234567"),
        ("password", "p" * 129),
        ("password", "password\ud800"),
    ],
)
def test_a_field_that_cannot_be_stored_is_refused_by_name(field: str, value: str) -> None:
    fields = {"name": "Asha Rao", "email": "asha@example.com", "phone": "9876543210", "password": PASSWORD}
    with pytest.raises(BadInput) as refused:
        authentication.open_account(**{**fields, field: value}, now=NOW)
    assert [error.field for error in refused.value.errors] == [field]
    assert people() == []


@pytest.mark.parametrize("length", [8, 128])
def test_the_shortest_and_the_longest_password_open_the_account(length: int) -> None:
    password = ("é violet Shimla otter " * 8)[:length]
    who = authentication.open_account(
        name="Asha", email="a@example.com", phone="9876543210", password=password, now=NOW
    )
    assert authentication.authenticate(email="a@example.com", password=password, now=NOW) == who


def test_signing_in_ignores_the_letters_case_of_the_mail_but_not_of_the_password() -> None:
    who = asha()
    assert authentication.authenticate(email="ASHA@example.com ", password=PASSWORD, now=NOW) == who
    with pytest.raises(WrongCredentials):
        authentication.authenticate(email="asha@example.com", password=PASSWORD.upper(), now=NOW)


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("nobody@example.com", PASSWORD),
        ("asha@example.com", ""),
        ("asha@example.com", "x" * 100_000),
        ("asha@example.com", "\ud800" * 8),
        ("asha\x00@example.com", PASSWORD),
        ("", ""),
        ("' OR 1=1 --", PASSWORD),
    ],
)
def test_a_wrong_mail_and_a_wrong_password_get_the_same_sentence(email: str, password: str) -> None:
    asha()
    with pytest.raises(WrongCredentials) as refused:
        authentication.authenticate(email=email, password=password, now=NOW)
    assert refused.value.sentence == WrongCredentials.message
    assert sign_ins() == []


def test_an_unknown_mail_is_verified_against_a_hash_too(monkeypatch: pytest.MonkeyPatch) -> None:
    passwords._decoy_hash.cache_clear()  # a test before may have made it with a hasher of its own
    asha()
    seen: list[str] = []

    def watched(
        hasher: PasswordHasher, stored: str, given: str, verify: Verify = PasswordHasher.verify
    ) -> bool:
        seen.append(stored.rsplit("$", 2)[0])  # kind, version and cost: what decides how long it takes
        return bool(verify(hasher, stored, given))

    monkeypatch.setattr(PasswordHasher, "verify", watched)
    for email in ("asha@example.com", "nobody@example.com", "not a mail"):
        with pytest.raises(WrongCredentials):
            authentication.authenticate(email=email, password="wrong password", now=NOW)
    assert seen == [seen[0]] * 3


def test_no_password_is_hashed_while_a_transaction_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    open_now: list[object] = []
    open_at_hashing: list[int] = []

    def closed(_connection: object) -> None:
        open_now.clear()

    def watched(hasher: PasswordHasher, password: str, hash_it: Hash = PasswordHasher.hash) -> str:
        open_at_hashing.append(len(open_now))
        return hash_it(hasher, password)

    def verified(
        hasher: PasswordHasher, stored: str, given: str, verify: Verify = PasswordHasher.verify
    ) -> bool:
        open_at_hashing.append(len(open_now))
        return bool(verify(hasher, stored, given))

    monkeypatch.setattr(PasswordHasher, "hash", watched)
    monkeypatch.setattr(PasswordHasher, "verify", verified)
    engine, begin = database().engine, open_now.append
    watchers = (("begin", begin), ("commit", closed), ("rollback", closed))
    for moment, watcher in watchers:
        event.listen(engine, moment, watcher)
    try:
        asha()
        authentication.authenticate(email="asha@example.com", password=PASSWORD, now=NOW)
    finally:
        for moment, watcher in watchers:
            event.remove(engine, moment, watcher)
    assert set(open_at_hashing) == {0}
