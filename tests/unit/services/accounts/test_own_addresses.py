"""A patient's own number and address: proven by a code, one person each, and told to the old one. On both databases."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlmodel import select

from booking_ui.config.settings import settings
from booking_ui.db.models import Notification, Person, Role, pk
from booking_ui.db.session import read, write
from booking_ui.domain.errors import (
    BadInput,
    EmailTaken,
    EmailUnconfirmed,
    Forbidden,
    LinkOver,
    NoTexts,
    PhoneTaken,
    ProofNeeded,
    StillNeeded,
    WrongPassword,
    WrongTextedCode,
)
from booking_ui.services.accounts import own_addresses, passwords, phone_sign_in, profile, recovery
from booking_ui.services.accounts.one_time_codes import Device
from booking_ui.services.booking import claim
from booking_ui.services.desk import messages
from booking_ui.services.desk.messages import MessageFilter
from booking_ui.services.upkeep import delivery
from tests.support.cast import NOW as VISIT_TIMES
from tests.support.cast import Cast
from tests.support.mails import Post
from tests.support.texts import Texts, other_than

NOW = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
HERE, THERE = Device("here", bound=True), Device("there", bound=True)
NUMBER, STORED = "98450 12301", "+919845012301"
pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture(autouse=True)
def texts(monkeypatch: pytest.MonkeyPatch) -> Texts:
    return Texts(monkeypatch)


@pytest.fixture(autouse=True)
def post(monkeypatch: pytest.MonkeyPatch) -> Post:
    return Post(monkeypatch)


def somebody(name: str = "Asha", *, email: str | None = "asha@example.com", phone: str = "") -> int:
    """A patient whose address, and number if they have one, are proven."""
    with write() as tx:
        person = Person(
            name=name,
            email=email,
            phone=phone or "+919800000001",
            password_hash=passwords.NO_PASSWORD,
            email_verified_at=NOW if email else None,
            phone_verified_at=NOW if phone else None,
            created_at=NOW,
        )
        tx.add(person)
        tx.flush()
        return pk(person)


def stored(person_id: int) -> Person:
    with read() as tx:
        return tx.get_one(Person, person_id)


def number_asked(texts: Texts, person_id: int, phone: str = NUMBER, device: Device = HERE) -> str:
    own_addresses.request_phone_code(person_id=person_id, phone=phone, device=device, now=NOW)
    return texts.code(NOW)


def number_changed(person_id: int, code: str, phone: str = NUMBER, device: Device = HERE) -> None:
    own_addresses.change_phone(person_id=person_id, phone=phone, code=code, device=device, now=NOW)


def mail_asked(post: Post, person_id: int, email: str, device: Device = HERE) -> str:
    own_addresses.request_email_code(person_id=person_id, email=email, device=device, now=NOW)
    return post.newest(NOW)


def mail_changed(person_id: int, code: str, email: str, device: Device = HERE) -> None:
    own_addresses.change_email(person_id=person_id, email=email, code=code, device=device, now=NOW)


# ── The number ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_proven_number_signs_in_to_the_account_that_has_a_mail_too(texts: Texts) -> None:
    asha = somebody()
    number_changed(asha, number_asked(texts, asha))
    assert (stored(asha).phone, stored(asha).phone_verified_at) == (STORED, NOW)
    phone_sign_in.request_code(phone=NUMBER, device=THERE, now=NOW)
    entered = phone_sign_in.enter(phone=NUMBER, code=texts.code(NOW), device=THERE, now=NOW)
    assert (entered.registered, entered.who.person_id, entered.who.email) == (
        False,
        asha,
        "asha@example.com",
    )


def test_a_code_for_a_new_number_is_this_persons_number_and_devices_alone(texts: Texts) -> None:
    asha, bilal = somebody(), somebody("Bilal", email="bilal@example.com")
    code = number_asked(texts, asha)
    for person_id, given, phone, device in (
        (bilal, code, NUMBER, HERE),
        (asha, other_than(code), NUMBER, HERE),
        (asha, code, "9845012302", HERE),
        (asha, code, NUMBER, THERE),
    ):
        with pytest.raises(WrongTextedCode):
            number_changed(person_id, given, phone, device)
    with pytest.raises(WrongTextedCode):  # it signs nobody in either
        phone_sign_in.enter(phone=NUMBER, code=code, name="Asha", device=HERE, now=NOW)
    assert stored(asha).phone_verified_at is None
    number_changed(asha, code)


def test_a_number_that_signs_in_elsewhere_is_refused_once_it_is_proven(texts: Texts) -> None:
    somebody("Bilal", email=None, phone=STORED)
    asha = somebody()
    code = number_asked(texts, asha)
    with pytest.raises(PhoneTaken):
        number_changed(asha, code)
    assert stored(asha).phone == "+919800000001"


def test_an_unproven_number_may_stand_in_many_accounts(texts: Texts) -> None:
    asha, bilal = somebody(), somebody("Bilal", email="bilal@example.com")
    assert stored(asha).phone == stored(bilal).phone
    number_changed(asha, number_asked(texts, asha, "9800000001"), "9800000001")
    assert stored(bilal).phone_verified_at is None


def test_the_mail_is_told_of_every_new_number_and_the_number_before_of_another(
    texts: Texts, post: Post
) -> None:
    asha = somebody()
    number_changed(asha, number_asked(texts, asha))
    delivery.deliver_due(now=NOW)
    number_changed(asha, number_asked(texts, asha, "9845012302"), "9845012302")
    delivery.deliver_due(now=NOW)
    number_changed(asha, number_asked(texts, asha, "9845012302"), "9845012302")  # nothing is new
    delivery.deliver_due(now=NOW)
    assert [(one.to, one.subject) for one in post.sent] == [
        ("asha@example.com", "The number of your account was changed")
    ] * 2
    told = [one for one in texts.sent if "another mobile number" in one.body.lower()]
    assert [one.to for one in told] == [STORED]


def test_somebody_without_a_mail_is_told_at_the_number_of_another_number_and_of_a_first_mail(
    texts: Texts, post: Post
) -> None:
    asha = somebody(email=None, phone=STORED)
    number_changed(asha, number_asked(texts, asha, "9845012302"), "9845012302")
    mail_changed(asha, mail_asked(post, asha, "rao@example.com"), "rao@example.com")
    delivery.deliver_due(now=NOW)
    assert [(one.to, one.body.partition(" at ")[0]) for one in texts.sent if not one.values["code"]] == [
        (STORED, "Another mobile number signs in to your account"),
        ("+919845012302", "Your account"),
    ]
    assert all(len(one.body) <= 160 for one in texts.sent)  # one SMS


def test_the_desk_sends_a_code_again_to_no_other_number_than_it_proves(texts: Texts, cast: Cast) -> None:
    code = number_asked(texts, somebody("Bina", email="bina@example.com"))
    with read() as tx:
        (row,) = tx.exec(select(Notification).where(Notification.kind == "sign_in_code")).all()
    messages.send_again(admin=cast.devi, message_id=pk(row), now=NOW)
    delivery.deliver_due(now=NOW)
    assert [one.to for one in texts.sent if one.values["code"] == code] == [STORED]


def test_the_desk_sends_a_code_again_to_no_other_mail_than_it_proves(post: Post, cast: Cast) -> None:
    mail_asked(post, somebody("Bina", email="bina@example.com"), "rao@example.com")
    with read() as tx:
        (row,) = tx.exec(select(Notification).where(Notification.kind == "email_code")).all()
    messages.send_again(admin=cast.devi, message_id=pk(row), now=NOW)
    delivery.deliver_due(now=NOW)
    assert [one.to for one in post.sent] == ["rao@example.com"]
    assert (
        messages.listed(MessageFilter()).rows[0].answer
        == "Not sent: the address is not kept once it was sent."
    )


def test_a_number_waits_until_the_mail_is_confirmed(texts: Texts) -> None:
    asha = somebody()
    with write() as tx:
        tx.get_one(Person, asha).email_verified_at = None
    with pytest.raises(EmailUnconfirmed):
        number_asked(texts, asha)


def test_staff_keep_a_mail_and_no_number_signs_them_in(texts: Texts) -> None:
    devi = somebody("Devi")
    with write() as tx:
        tx.get_one(Person, devi).role = Role.ADMIN
    for attempt in (
        lambda: number_asked(texts, devi),
        lambda: number_changed(devi, "123456"),
        lambda: own_addresses.request_email_code(person_id=devi, email="d@example.com", device=HERE, now=NOW),
        lambda: mail_changed(devi, "123456", "d@example.com"),
        lambda: own_addresses.request_erasure_code(person_id=devi, device=HERE, now=NOW),
    ):
        with pytest.raises(Forbidden):
            attempt()


def test_the_form_of_name_and_number_changes_no_number_that_signs_in() -> None:
    asha = somebody(phone=STORED)
    with pytest.raises(ProofNeeded):
        profile.change_contact(person_id=asha, phone="9845012302", now=NOW)
    profile.change_contact(person_id=asha, name="Asha Rao", phone="98450 12301", now=NOW)
    assert (stored(asha).name, stored(asha).phone) == ("Asha Rao", STORED)


def test_where_no_texts_are_sent_no_number_can_be_proven(configured: pytest.MonkeyPatch) -> None:
    configured.setenv("DEMO", "false")
    configured.setenv("SECRET_KEY", "k" * 40)
    settings.cache_clear()
    with pytest.raises(NoTexts):
        own_addresses.request_phone_code(person_id=somebody(), phone=NUMBER, device=HERE, now=NOW)


@pytest.mark.parametrize("phone", ["", "12", "080 4718 2200"])
def test_what_is_no_mobile_number_is_refused(phone: str) -> None:
    asha = somebody()
    with pytest.raises(BadInput):
        own_addresses.request_phone_code(person_id=asha, phone=phone, device=HERE, now=NOW)


# ── The mail address ──────────────────────────────────────────────────────────────────────────────────────────────


def test_somebody_without_a_mail_adds_one_and_then_chooses_a_password(post: Post) -> None:
    asha = somebody(email=None, phone=STORED)
    code = mail_asked(post, asha, "Asha@Example.com ")
    assert (post.sent[-1].to, "Asha" in post.sent[-1].text) == ("asha@example.com", False)
    mail_changed(asha, code, "asha@example.com")
    assert (stored(asha).email, stored(asha).email_verified_at) == ("asha@example.com", NOW)
    recovery.request_reset_link(email="asha@example.com", now=NOW)
    recovery.reset_password(token=post.newest(NOW), password="violet otter Shimla", now=NOW)


def test_the_old_address_is_told_and_what_lies_in_its_mailbox_opens_nothing(post: Post) -> None:
    asha = somebody()
    recovery.request_reset_link(email="asha@example.com", now=NOW)
    link = post.newest(NOW)
    mail_changed(asha, mail_asked(post, asha, "rao@example.com"), "rao@example.com")
    delivery.deliver_due(now=NOW)
    assert (post.sent[-1].to, post.sent[-1].subject) == (
        "asha@example.com",
        "The email of your account was changed",
    )
    with pytest.raises(LinkOver):
        recovery.reset_password(token=link, password="violet otter Shimla", now=NOW)


def test_an_address_of_another_account_gets_no_mail_and_the_same_answer(post: Post) -> None:
    somebody("Bilal", email="bilal@example.com")
    asha = somebody()
    own_addresses.request_email_code(person_id=asha, email="bilal@example.com", device=HERE, now=NOW)
    delivery.deliver_due(now=NOW)
    assert post.sent == []
    with read() as tx:
        assert tx.exec(select(Notification.kind, Notification.status, Notification.address)).all() == [
            ("email_code", "ignored", "")
        ]


def test_an_address_that_was_registered_meanwhile_is_refused(post: Post) -> None:
    asha = somebody()
    code = mail_asked(post, asha, "rao@example.com")
    somebody("Rao", email="rao@example.com")
    with pytest.raises(EmailTaken):
        mail_changed(asha, code, "rao@example.com")


# ── Erasing without a password ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("email", [None, "asha@example.com"])
def test_an_account_without_a_password_is_erased_by_a_code(
    texts: Texts, post: Post, email: str | None
) -> None:
    asha = somebody(email=email, phone="" if email else STORED)
    own_addresses.request_erasure_code(person_id=asha, device=HERE, now=NOW)
    code = post.newest(NOW) if email else texts.code(NOW)
    for given, device in ((other_than(code), HERE), (code, THERE)):
        with pytest.raises(WrongTextedCode):
            profile.erase_account(person_id=asha, code=given, device=device, now=NOW)
    with pytest.raises(WrongPassword):
        profile.erase_account(person_id=asha, device=HERE, now=NOW)
    assert stored(asha).erased_at is None
    profile.erase_account(person_id=asha, code=code, device=HERE, now=NOW)
    gone = stored(asha)
    assert (gone.name, gone.email, gone.phone, gone.phone_verified_at, gone.erased_at) == (
        "Former patient",
        None,
        "",
        None,
        NOW,
    )


def test_the_number_of_an_erased_account_opens_a_new_one(texts: Texts) -> None:
    asha = somebody(email=None, phone=STORED)
    own_addresses.request_erasure_code(person_id=asha, device=HERE, now=NOW)
    profile.erase_account(person_id=asha, code=texts.code(NOW), device=HERE, now=NOW)
    phone_sign_in.request_code(phone=NUMBER, device=HERE, now=NOW)
    entered = phone_sign_in.enter(phone=NUMBER, code=texts.code(NOW), name="Asha", device=HERE, now=NOW)
    assert (entered.registered, entered.who.person_id == asha) == (True, False)


def test_a_code_does_not_stand_for_a_password_and_stays_good_while_a_visit_lies_ahead(
    cast: Cast, texts: Texts
) -> None:
    with write() as tx:
        person = tx.get_one(Person, cast.asha)
        person.phone, person.phone_verified_at = STORED, VISIT_TIMES
    claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=VISIT_TIMES)
    own_addresses.request_erasure_code(person_id=cast.asha, device=HERE, now=VISIT_TIMES)
    code = texts.code(VISIT_TIMES)
    for _ in range(2):
        with pytest.raises(StillNeeded):
            profile.erase_account(person_id=cast.asha, code=code, device=HERE, now=VISIT_TIMES)
    with write() as tx:
        tx.get_one(Person, cast.asha).password_hash = passwords.hashed("violet otter")
    with pytest.raises(WrongPassword):
        profile.erase_account(person_id=cast.asha, code=code, device=HERE, now=VISIT_TIMES)
