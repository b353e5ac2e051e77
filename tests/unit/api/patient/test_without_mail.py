"""A patient who has a number alone: everything works, no mail is queued, and the desk finds them by the number."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import col, select

from booking_ui.config.settings import settings
from booking_ui.db.models import DeliveryStatus, Notification, Person, pk
from booking_ui.db.session import read, write
from booking_ui.domain.channel import Channel
from booking_ui.services.accounts import authentication, passwords
from booking_ui.services.booking import cancel, claim, reschedule
from booking_ui.services.desk import bookings, messages
from booking_ui.services.payments import orders
from booking_ui.services.upkeep import delivery, reminders
from booking_ui.states.shared.session import who_is
from tests.support.cancelling import promises
from tests.support.cast import NOW, Cast
from tests.support.mails import Post
from tests.support.paying import paid_at_the_desk
from tests.support.texts import Texts

NUMBER = "+919845012301"
NO_TEXTS = "Not sent: the clinic sends no such messages."


@pytest.fixture
def post(monkeypatch: pytest.MonkeyPatch) -> Post:
    return Post(monkeypatch)


@pytest.fixture(autouse=True)
def texts(monkeypatch: pytest.MonkeyPatch) -> Texts:
    return Texts(monkeypatch)


@pytest.fixture
def meera(cast: Cast) -> int:
    del cast
    with write() as tx:
        person = Person(
            name="Meera Nair",
            phone=NUMBER,
            phone_verified_at=NOW,
            password_hash=passwords.NO_PASSWORD,
            created_at=NOW,
        )
        tx.add(person)
        tx.flush()
        return pk(person)


def a_visit(cast: Cast, meera: int, slot: int = 0) -> int:
    visit = claim.claim(patient_id=meera, slot_id=cast.slots[slot], now=NOW).id
    paid_at_the_desk(cast, visit)
    return visit


def mails_queued() -> list[str]:
    with read() as tx:
        found = tx.exec(select(Notification).where(col(Notification.status) != DeliveryStatus.IGNORED)).all()
        return [row.kind for row in found if row.channel is Channel.MAIL]


def without_texts(configured: pytest.MonkeyPatch) -> None:
    configured.setenv("SECRET_KEY", settings().signing_key())  # the audit is verified with it
    configured.setenv("DEMO", "false")
    settings.cache_clear()


def test_no_mail_is_queued_about_a_visit_and_the_promise_of_messages_holds(
    cast: Cast, meera: int, post: Post, texts: Texts
) -> None:
    visit, later = a_visit(cast, meera), NOW + timedelta(hours=6)
    reschedule.reschedule(patient_id=meera, appointment_id=visit, slot_id=cast.slots[1], now=NOW)
    reminders.remind(now=later)
    cancel.cancel_by_policy(patient_id=meera, appointment_id=visit, now=later)
    delivery.deliver_due(now=later)
    assert (mails_queued(), post.sent) == ([], [])
    assert {one.to for one in texts.sent} == {NUMBER}
    assert [one for one in promises() if one.startswith("8:")] == []


def test_where_no_texts_leave_either_the_promise_of_messages_holds(
    cast: Cast, meera: int, post: Post, texts: Texts, configured: pytest.MonkeyPatch
) -> None:
    without_texts(configured)
    visit = a_visit(cast, meera)
    cancel.cancel_by_policy(patient_id=meera, appointment_id=visit, now=NOW)
    delivery.deliver_due(now=NOW)
    assert (mails_queued(), post.sent, texts.sent) == ([], [], [])
    assert [one for one in promises() if one.startswith("8:")] == []


def test_an_address_that_is_added_later_gets_the_mails_from_then_on(
    cast: Cast, meera: int, post: Post, configured: pytest.MonkeyPatch
) -> None:
    without_texts(configured)
    visit = a_visit(cast, meera)
    with write() as tx:
        tx.get_one(Person, meera).email = "meera@example.com"
    cancel.cancel_by_policy(patient_id=meera, appointment_id=visit, now=NOW)
    delivery.deliver_due(now=NOW)
    assert [(one.to, one.subject.partition(":")[0]) for one in post.sent] == [
        ("meera@example.com", "Cancelled")
    ]
    assert [one for one in promises() if one.startswith("8:")] == []


def test_the_desk_finds_them_by_number_and_name(cast: Cast, meera: int) -> None:
    a_visit(cast, meera)
    for q in ("98450 12301", "+919845012301", "meera"):
        (row,) = bookings.listed(bookings.BookingFilter(q=q), now=NOW).rows
        assert (row.patient_name, row.patient_email, row.patient_phone) == ("Meera Nair", "", NUMBER)


def test_the_ledger_says_why_and_sending_again_sends_nothing(
    cast: Cast, meera: int, post: Post, configured: pytest.MonkeyPatch
) -> None:
    without_texts(configured)
    a_visit(cast, meera)
    (row,) = messages.listed(messages.MessageFilter(q="meera")).rows
    assert (row.label, row.answer) == ("Visit confirmed", NO_TEXTS)
    messages.send_again(admin=cast.devi, message_id=row.id, now=NOW)
    delivery.deliver_due(now=NOW)
    assert post.sent == []
    assert "Not sent" in messages.listed(messages.MessageFilter(q="meera")).rows[0].answer


@pytest.mark.usefixtures("sandbox")
def test_the_payment_sheet_knows_name_and_number_alone(cast: Cast, meera: int) -> None:
    held = claim.claim(patient_id=meera, slot_id=cast.slots[0], now=NOW)
    order = orders.open_order(patient_id=meera, appointment_id=held.id, now=NOW)
    assert order.options["prefill"] == {"name": "Meera Nair", "contact": NUMBER}


def test_a_session_knows_them_without_an_address(meera: int) -> None:
    token = authentication.open_session(person_id=meera, now=NOW)
    who = who_is(authentication.session_principal(token=token, now=NOW))
    assert (who.email, who.phone) == ("", "+91 98450 12301")


def test_a_proven_number_holds_as_many_times_as_a_confirmed_address(
    cast: Cast, meera: int, configured: pytest.MonkeyPatch
) -> None:
    configured.setenv("SMTP_URL", "smtp://127.0.0.1:9")
    settings.cache_clear()
    held = [claim.claim(patient_id=meera, slot_id=cast.slots[n], now=NOW).id for n in range(3)]
    assert len(set(held)) == 3
