"""Texts to a provider that refuses, delays, lies and repeats: nothing is lost, nothing comes twice, the ledger says so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import col, delete, select

from booking_ui.config.settings import settings
from booking_ui.db.models import Appointment, CodeKind, Notification, OneTimeCode, pk
from booking_ui.db.session import read, write
from booking_ui.domain.channel import Channel
from booking_ui.domain.mail_refusal import Refusal
from booking_ui.gateways import texts
from booking_ui.services.accounts import phone_sign_in
from booking_ui.services.accounts.one_time_codes import Device
from booking_ui.services.booking import cancel, claim
from booking_ui.services.cases import reconciliation_cases
from booking_ui.services.desk import messages
from booking_ui.services.desk.messages import MessageFilter
from booking_ui.services.mail import link_secrets, outbox
from booking_ui.services.upkeep import delivery
from tests.support.cancelling import promises
from tests.support.cast import FIRST_SLOT, NOW, Cast
from tests.support.paying import paid_at_the_desk
from tests.support.phones import NUMBER, proven
from tests.support.text_provider import LIE, Answer, Provider, text_provider

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
STEPS = [timedelta(seconds=10), MINUTE, 10 * MINUTE, HOUR, 6 * HOUR]
EVENING = datetime(2026, 1, 5, 16, 30, tzinfo=UTC)  # 10 pm at the clinic
MORNING = datetime(2026, 1, 6, 2, 30, tzinfo=UTC)  # 8 am


@pytest.fixture(autouse=True)
def provider(configured: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Provider]:
    with text_provider() as found:
        configured.setenv("DATA_DIR", str(tmp_path))
        configured.setenv("SMS_URL", found.address)
        settings.cache_clear()
        yield found


@pytest.fixture
def visit_id(cast: Cast) -> int:
    """A confirmed visit of Asha's, who has a number and no mail; no message is due."""
    proven(cast.asha, email=False)
    found = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW).id
    paid_at_the_desk(cast, found)
    with write() as tx:
        tx.exec(delete(Notification))
    return found


def due(visit_id: int, kind: str = "confirmed", now: datetime = NOW, key: str = "") -> None:
    with write() as tx:
        outbox.add_visit_message(tx, appointment_id=visit_id, kind=kind, key=key, now=now)


def only() -> Notification:
    with read() as tx:
        return tx.exec(select(Notification)).one()


def answer() -> str:
    (row,) = messages.listed(MessageFilter()).rows
    return row.answer


def delivered(provider: Provider) -> list[str]:
    return [one.text for one in provider.delivered.values()]


def test_a_text_leaves_once_and_the_ledger_names_channel_and_number(
    provider: Provider, visit_id: int
) -> None:
    due(visit_id)
    due(visit_id)
    assert delivery.deliver_due(now=NOW) == 1
    assert delivery.deliver_due(now=NOW + HOUR) == 0
    (sent,) = provider.taken
    assert sent.text.startswith("Confirmed: Dr Chandra Rao, Tue 6 Jan, 10:00 am")
    assert sent.body["phone"] == NUMBER
    (row,) = messages.listed(MessageFilter()).rows
    assert (row.channel, row.channel_label, row.recipient, row.status, row.answer) == (
        "sms", "SMS", "+91 98450 12301", "done", "Sent Mon 5 Jan, 10:00 am.",
    )  # fmt: skip
    assert messages.listed(MessageFilter(q="98450 12301")).total == 1
    assert messages.listed(MessageFilter(q="12302")).total == 0


def test_a_refusal_for_good_is_a_case_at_once_and_can_be_sent_again(
    cast: Cast, provider: Provider, visit_id: int
) -> None:
    provider.script.append(Answer(422))
    due(visit_id)
    delivery.deliver_due(now=NOW)
    assert (only().status.value, only().refusal, answer()) == (
        "parked", Refusal.CONTENT, "The provider refuses the message (HTTP 422).",
    )  # fmt: skip
    (case,) = reconciliation_cases.open_cases()
    assert case.title == "A message could not be sent"
    assert case.detail.startswith("Visit confirmed by SMS, booking ")
    assert promises() == []
    messages.send_again(admin=cast.devi, message_id=pk(only()), now=NOW + MINUTE)
    delivery.deliver_due(now=NOW + MINUTE)
    assert len(delivered(provider)) == 1
    assert reconciliation_cases.open_cases() == []


@pytest.mark.parametrize("bad", [Answer(503), Answer(429), Answer(401), LIE])
def test_what_passes_is_tried_by_steps_until_it_is_taken(
    provider: Provider, visit_id: int, bad: Answer
) -> None:
    provider.script.extend([bad] * 5)
    due(visit_id)
    now = NOW
    for step in STEPS:
        delivery.deliver_due(now=now)
        assert only().status.value == "waiting"
        now += step
        assert only().next_attempt_at == now
        assert delivered(provider) == []
    delivery.deliver_due(now=now)
    assert only().status.value == "done"
    assert (len(provider.taken), len(delivered(provider))) == (6, 1)


def test_a_lie_in_every_try_is_parked_and_open_at_the_desk(provider: Provider, visit_id: int) -> None:
    provider.script.extend([LIE] * 6)
    due(visit_id)
    for after in [timedelta(), *STEPS]:
        delivery.deliver_due(now=(only().next_attempt_at or NOW) if after else NOW)
    assert answer() == "The provider answered with an error (HTTP 200 with an error)."
    assert only().status.value == "parked"
    assert len(reconciliation_cases.open_cases()) == 1
    assert promises() == []


@pytest.mark.parametrize("bad", [Answer(hang_up=True), Answer(delay=3)])
def test_a_lost_answer_is_asked_for_again_under_the_same_key(
    provider: Provider, visit_id: int, monkeypatch: pytest.MonkeyPatch, bad: Answer
) -> None:
    monkeypatch.setattr(texts, "ANSWER_SECONDS", 0.3)
    provider.script.append(bad)
    due(visit_id)
    delivery.deliver_due(now=NOW)
    assert answer().startswith("The provider's answer was lost: it may have sent the message")
    monkeypatch.setattr(texts, "ANSWER_SECONDS", 15)
    delivery.deliver_due(now=NOW + MINUTE)
    assert only().status.value == "done"
    assert [one.key for one in provider.taken] == [f"{visit_id}:confirmed:@sms"] * 2
    assert len(delivered(provider)) == 1


def test_the_desk_sends_again_under_a_key_of_its_own(cast: Cast, provider: Provider, visit_id: int) -> None:
    due(visit_id)
    delivery.deliver_due(now=NOW)
    for _click in range(2):
        messages.send_again(admin=cast.devi, message_id=pk(only()), now=NOW + MINUTE, seen=0)
        delivery.deliver_due(now=NOW + MINUTE)
    key = f"{visit_id}:confirmed:@sms"
    assert [one.key for one in provider.taken] == [key, f"{key}:again:1"]


def test_a_text_looks_at_its_visit_as_it_leaves(cast: Cast, provider: Provider, visit_id: int) -> None:
    provider.script.append(Answer(503))
    due(visit_id)
    delivery.deliver_due(now=NOW)
    cancel.cancel_by_policy(patient_id=cast.asha, appointment_id=visit_id, now=NOW)
    delivery.deliver_due(now=NOW + MINUTE)
    with read() as tx:
        rows = tx.exec(select(Notification).order_by(col(Notification.id))).all()
    assert [(row.kind, row.channel, row.status.value) for row in rows] == [
        ("confirmed", Channel.SMS, "ignored"),
        ("cancelled", Channel.SMS, "done"),
    ]
    assert [text.split(":")[0] for text in delivered(provider)] == ["Cancelled"]


def test_at_night_what_can_wait_waits_for_the_morning(provider: Provider, visit_id: int) -> None:
    later = FIRST_SLOT + timedelta(days=3)
    with write() as tx:
        visit = tx.get_one(Appointment, visit_id)
        visit.starts_at, visit.ends_at = later, later + HOUR
        tx.add(visit)
    due(visit_id, now=EVENING)
    delivery.deliver_due(now=EVENING)
    assert (only().next_attempt_at, only().attempts) == (MORNING, 0)
    assert answer() == "It waits until the quiet hours are over. Next try Tue 6 Jan, 8:00 am."
    delivery.deliver_due(now=MORNING)
    assert len(delivered(provider)) == 1


def test_at_night_a_visit_within_twelve_hours_is_told_of(provider: Provider, visit_id: int) -> None:
    due(visit_id, now=EVENING)
    delivery.deliver_due(now=EVENING)
    assert len(delivered(provider)) == 1


def test_a_code_leaves_at_night_to_a_number_of_nobodys_and_the_number_is_forgotten(
    provider: Provider, cast: Cast
) -> None:
    del cast
    code = OneTimeCode(
        kind=CodeKind.PHONE, address_hash=link_secrets.address_hash(NUMBER), nonce="n", secret_hash="y",
        created_at=EVENING, expires_at=EVENING + HOUR,
    )  # fmt: skip
    with write() as tx:
        tx.add(code)
        tx.flush()
        code_id, digits = pk(code), link_secrets.secret(code)
        outbox.add_account_text(tx, None, NUMBER, code_id, kind="sign_in_code", key="1", now=EVENING)
    delivery.deliver_due(now=EVENING)
    (sent,) = provider.taken
    assert (
        sent.text
        == f"{digits} is your code for Saanjh Clinics. It works once, for 10 minutes. Give it to nobody."
    )
    assert (sent.body["phone"], only().address, only().status.value) == (NUMBER, "", "done")
    (row,) = messages.listed(MessageFilter()).rows
    assert (row.label, row.recipient) == ("Sign-in code", "")


def test_a_code_leaves_before_what_was_due_earlier(provider: Provider, visit_id: int) -> None:
    due(visit_id)
    due(visit_id, "cancelled")
    phone_sign_in.request_code(phone="98450 12302", device=Device(), now=NOW + MINUTE)
    assert delivery.deliver_due(now=NOW + MINUTE) == 3
    assert "is your code" in delivered(provider)[0]


def test_who_stopped_them_or_gave_the_number_up_gets_nothing_and_the_desk_sees_why(
    cast: Cast, provider: Provider, visit_id: int
) -> None:
    provider.script.append(Answer(503))
    due(visit_id)
    delivery.deliver_due(now=NOW)
    proven(cast.asha, stopped_messages="sms")
    delivery.deliver_due(now=NOW + MINUTE)
    assert answer() == "Not sent: they want no such messages."
    due(visit_id, kind="refunded", key="7")
    assert delivery.deliver_due(now=NOW + HOUR) == 0
    with read() as tx:
        newest = tx.exec(select(Notification).where(Notification.kind == "refunded")).one()
    assert (newest.status.value, newest.last_error) == ("ignored", "they want no such messages")
    assert delivered(provider) == []
    assert promises() == []


def test_the_log_of_a_delivery_names_nobody(
    provider: Provider, visit_id: int, capfd: pytest.CaptureFixture[str]
) -> None:
    provider.script.extend([Answer(503), LIE])
    due(visit_id)
    for minutes in (0, 1, 5):
        delivery.deliver_due(now=NOW + minutes * MINUTE)
    said = "".join(capfd.readouterr())
    assert "message.postponed" in said
    assert "message.sent" in said
    for secret in ("98450", "12301", "Chandra", "127.0.0.1"):
        assert secret not in said
