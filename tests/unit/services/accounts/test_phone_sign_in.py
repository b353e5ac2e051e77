"""Signing in and registering by a number and the code that is sent to it. On both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlmodel import col, select

from booking_ui.config.settings import settings
from booking_ui.db.models import Notification, OneTimeCode, Person, Role
from booking_ui.db.session import read, write
from booking_ui.domain.errors import BadInput, NameNeeded, NoTexts, WrongTextedCode
from booking_ui.languages import speaking
from booking_ui.services.accounts import authentication, phone_sign_in, staff
from booking_ui.services.accounts.one_time_codes import Device
from booking_ui.services.accounts.passwords import NO_PASSWORD
from booking_ui.services.accounts.phone_sign_in import Entered
from booking_ui.services.journal import audit
from tests.support.races import at_once
from tests.support.schedule import counted
from tests.support.texts import Texts, other_than

NOW = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
NUMBER, STORED = "98450 12301", "+919845012301"
HERE, THERE = Device("here", bound=True), Device("there", bound=True)
A_PROGRAM = Device()
pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture(autouse=True)
def texts(monkeypatch: pytest.MonkeyPatch) -> Texts:
    return Texts(monkeypatch)


def asked(texts: Texts, phone: str = NUMBER, device: Device = HERE, now: datetime = NOW) -> str:
    phone_sign_in.request_code(phone=phone, device=device, now=now)
    return texts.code(now)


def entered(
    code: str, name: str = "", phone: str = NUMBER, device: Device = HERE, now: datetime = NOW
) -> Entered:
    return phone_sign_in.enter(phone=phone, code=code, name=name, device=device, now=now)


def people() -> list[Person]:
    with read() as tx:
        return list(tx.exec(select(Person).order_by(col(Person.id))).all())


def codes() -> list[OneTimeCode]:
    with read() as tx:
        return list(tx.exec(select(OneTimeCode).order_by(col(OneTimeCode.id))).all())


def asha(texts: Texts) -> int:
    """A patient whose number is proven."""
    return entered(asked(texts), "Asha Rao").who.person_id


def test_a_new_number_opens_an_account_with_a_name_and_signs_in_ever_after(texts: Texts) -> None:
    first = entered(asked(texts), " Asha  Rao ")
    assert (first.registered, first.who.name, first.who.email, first.who.phone) == (
        True,
        "Asha Rao",
        "",
        STORED,
    )
    (person,) = people()
    assert (person.email, person.phone_verified_at, person.role, person.language) == (
        None,
        NOW,
        Role.PATIENT,
        "en",
    )
    again = entered(asked(texts, "+91 98450-12301"))
    assert (again.registered, again.who) == (False, first.who)
    assert len(people()) == 1


def test_the_account_is_written_in_the_audit_and_speaks_the_language_of_its_page(texts: Texts) -> None:
    code = asked(texts)
    with speaking("hi"):
        person_id = entered(code, "Asha").who.person_id
    assert people()[0].language == "hi"
    with read() as tx:
        trail = [(e.action, e.actor) for e in audit.trail(tx, f"person:{person_id}")]
    assert trail == [("registered", f"person:{person_id}"), ("code_used", f"person:{person_id}")]


def test_the_text_brings_the_code_and_nothing_that_a_stranger_chose(texts: Texts) -> None:
    entered(asked(texts), "Visit Evil")
    code = asked(texts)
    said = texts.sent[-1]
    assert said.to == STORED
    assert said.body == (
        f"{code} is your code for Saanjh Clinics. It works once, for 10 minutes. Give it to nobody."
    )


def test_the_number_is_kept_no_longer_than_the_text_waits(texts: Texts) -> None:
    phone_sign_in.request_code(phone=NUMBER, device=HERE, now=NOW)
    with read() as tx:
        assert tx.exec(select(Notification.address)).all() == [STORED]
    texts.code(NOW)
    with read() as tx:
        assert tx.exec(select(Notification.address, Notification.status)).all() == [("", "done")]


def test_without_a_name_a_new_number_is_asked_for_it_and_the_code_stays_good(texts: Texts) -> None:
    code = asked(texts)
    for _ in range(12):
        with pytest.raises(NameNeeded) as refused:
            entered(code, "  ")
    assert [(one.field, refused.value.code) for one in refused.value.errors] == [("name", "name_needed")]
    with pytest.raises(BadInput):
        entered(code, "see www.evil.example")
    assert people() == []
    assert entered(code, "Asha").registered


def test_a_wrong_code_of_a_new_number_is_not_asked_for_a_name(texts: Texts) -> None:
    code = asked(texts)
    with pytest.raises(WrongTextedCode):
        entered(other_than(code))


def test_a_code_works_once_until_its_last_second_and_for_its_number_alone(texts: Texts) -> None:
    code, end = asked(texts), NOW + timedelta(minutes=10)
    for phone, now in ((NUMBER, end), ("9845012302", NOW)):
        with pytest.raises(WrongTextedCode):
            entered(code, "Asha", phone=phone, now=now)
    spaced = f" {code[:3]}-{code[3:]} "
    assert entered(spaced, "Asha", now=end - timedelta(seconds=1)).registered
    with pytest.raises(WrongTextedCode):
        entered(code)


def test_devanagari_digits_and_marks_of_a_chat_are_read(texts: Texts) -> None:
    code = asked(texts, "\u202a+९१ ९८४५०\u00a0१२३०१\u202c")
    assert texts.sent[-1].to == STORED
    assert entered("".join(chr(0x0966 + int(digit)) for digit in code), "Asha").registered


def test_the_tenth_try_may_fit_and_the_eleventh_may_not(texts: Texts) -> None:
    def tried(code: str, times: int) -> None:
        for _ in range(times):
            with pytest.raises(WrongTextedCode):
                entered(other_than(code), "Asha")

    first = asked(texts)
    tried(first, 9)
    assert entered(first, "Asha").registered
    second = asked(texts)
    tried(second, 10)
    with pytest.raises(WrongTextedCode):
        entered(second)
    assert [row.tries for row in codes()] == [10, 10]


def test_a_code_works_on_the_device_that_asked_for_it_alone(texts: Texts) -> None:
    code = asked(texts)
    for other in (THERE, A_PROGRAM, Device("here"), Device("", bound=True)):
        with pytest.raises(WrongTextedCode):
            entered(code, "Asha", device=other)
    assert codes()[0].tries == 0  # another device can't use up the tries either
    assert entered(code, "Asha").registered


def test_a_stranger_who_asks_as_well_leaves_the_owners_code_good(texts: Texts) -> None:
    code = asked(texts)
    asked(texts, device=THERE)
    asked(texts, device=A_PROGRAM)
    assert entered(code, "Asha").registered


def test_a_program_may_leave_out_what_it_was_answered_and_tries_its_newest_code(texts: Texts) -> None:
    first, second = (asked(texts, device=Device(nonce)) for nonce in ("one", "two"))
    with pytest.raises(WrongTextedCode):
        entered(first, "Asha", device=A_PROGRAM)
    assert entered(first, "Asha", device=Device("one")).registered
    assert not entered(second, device=A_PROGRAM).registered


@pytest.mark.parametrize(
    ("phone", "kind"), [("080 4718 2200", "no_mobile"), ("1234567890", ""), ("", ""), ("asha", "")]
)
def test_a_number_that_gets_no_texts_says_so(phone: str, kind: str) -> None:
    for attempt in (
        lambda: phone_sign_in.request_code(phone=phone, device=HERE, now=NOW),
        lambda: entered("123456", "Asha", phone=phone),
    ):
        with pytest.raises(BadInput) as refused:
            attempt()
        assert [(one.field, one.kind) for one in refused.value.errors] == [("phone", kind)]
    assert codes() == []


def test_a_number_that_an_account_only_names_opens_nothing_there(texts: Texts) -> None:
    typist = authentication.open_account(
        name="Bilal", email="bilal@example.com", phone=NUMBER, password="violet otter", now=NOW
    )
    found = entered(asked(texts), "Asha")
    assert found.registered
    assert found.who.person_id != typist.person_id


def test_every_number_is_answered_after_as_many_statements(texts: Texts) -> None:
    asha(texts)
    asked(texts)  # caches are warm
    seen = []
    for phone in (NUMBER, "9845012302"):
        with counted() as statements:
            phone_sign_in.request_code(phone=phone, device=HERE, now=NOW)
        seen.append(len(statements))
    assert seen[0] == seen[1] > 0


def test_the_number_of_somebody_who_begins_to_work_here_opens_the_desk_to_nobody(texts: Texts) -> None:
    person_id = asha(texts)
    with write() as tx:
        tx.get_one(Person, person_id).email = "asha@example.com"
    staff.appoint(email="asha@example.com", name="", password="violet otter Shimla", now=NOW)
    found = entered(asked(texts), "Somebody Else")
    assert (found.registered, found.who.role) == (True, "patient")


def test_two_codes_of_a_new_number_at_once_open_one_account(texts: Texts) -> None:
    given = [(asked(texts, device=Device(str(n), bound=True)), Device(str(n), bound=True)) for n in range(4)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda one: entered(one[0], "Asha", device=one[1]), given))
    assert sorted(one.registered for one in found) == [False, False, False, True]
    assert len({one.who.person_id for one in found}) == len(people()) == 1


def test_one_code_used_at_once_by_many_works_once(texts: Texts) -> None:
    asha(texts)
    code = asked(texts)

    def attempt(_: int) -> bool:
        try:
            entered(code)
        except WrongTextedCode:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(attempt, range(4))) == [False, False, False, True]


def test_where_no_texts_are_sent_nothing_is_asked(configured: pytest.MonkeyPatch) -> None:
    configured.setenv("DEMO", "false")
    configured.setenv("SECRET_KEY", "k" * 40)
    settings.cache_clear()
    with pytest.raises(NoTexts):
        phone_sign_in.request_code(phone=NUMBER, device=HERE, now=NOW)
    assert codes() == []


# ── Accounts that the desk made ───────────────────────────────────────────────────────────────────────────────────


def at_the_desk(name: str = "Ravi", **facts: Any) -> int:
    """The id of an account as the desk writes a patient down."""
    person = Person(name=name, phone=STORED, password_hash=NO_PASSWORD, created_at=NOW)
    for column, value in facts.items():
        setattr(person, column, value)
    with write() as tx:
        tx.add(person)
        tx.flush()
        return person.id or 0


def test_the_code_opens_the_account_that_the_desk_made_for_the_number(texts: Texts) -> None:
    ravi = at_the_desk()
    with speaking("hi"):
        found = entered(asked(texts), "Another Name")
    assert (found.registered, found.who.person_id, found.who.name) == (False, ravi, "Ravi")
    assert [(one.phone_verified_at, one.language) for one in people()] == [(NOW, "hi")]
    with read() as tx:
        trail = [(e.action, e.actor) for e in audit.trail(tx, f"person:{ravi}")]
    assert trail == [("number_proven", f"person:{ravi}"), ("code_used", f"person:{ravi}")]
    assert entered(asked(texts)).who.person_id == ravi


def test_of_two_that_the_desk_made_the_code_opens_the_newest_and_the_other_stays_closed(texts: Texts) -> None:
    ravi, sita = at_the_desk(), at_the_desk("Sita")
    assert [entered(asked(texts)).who.person_id for _ in range(2)] == [sita, sita]
    assert [one.phone_verified_at for one in people() if one.id == ravi] == [None]


@pytest.mark.parametrize(
    "facts",
    [{"password_hash": "-"}, {"email": "ravi@example.com"}, {"email": "r@example.com", "password_hash": "-"}],
)
def test_an_unproven_number_opens_no_account_that_has_a_password_or_an_address(
    texts: Texts, facts: dict[str, Any]
) -> None:
    ravi = at_the_desk(**facts)
    code = asked(texts)
    with pytest.raises(NameNeeded):
        entered(code)
    assert entered(code, "Ravi").who.person_id != ravi


def test_the_owner_of_a_number_goes_before_an_account_of_the_desk(texts: Texts) -> None:
    owner = asha(texts)
    at_the_desk()
    assert entered(asked(texts)).who.person_id == owner


def test_two_right_codes_at_once_open_the_desks_account_once(texts: Texts) -> None:
    ravi = at_the_desk()
    codes_of_both = [asked(texts, device=HERE), asked(texts, device=THERE)]
    first, second = (
        partial(entered, code, device=at) for code, at in zip(codes_of_both, (HERE, THERE), strict=True)
    )
    results = at_once([first, second])
    assert [one.who.person_id for one in results if isinstance(one, Entered)] == [ravi, ravi]
