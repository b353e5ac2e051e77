"""A patient is erased: nothing names them any more, and what was paid stays. On both databases."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Literal

import pytest
from argon2 import PasswordHasher
from sqlmodel import col, select, text, update

from booking_ui.config.settings import settings
from booking_ui.db.models import (
    Appointment,
    Notification,
    Payment,
    PaymentAttempt,
    Person,
    SignIn,
    WebhookEvent,
)
from booking_ui.db.session import read, write
from booking_ui.domain.errors import (
    Forbidden,
    NotFound,
    StillNeeded,
    WrongPassword,
)
from booking_ui.domain.payment import RefundFact, RefundStatus
from booking_ui.gateways import texts
from booking_ui.services.accounts import (
    authentication,
    erasure,
    passwords,
    phone_sign_in,
    profile,
    recovery,
    staff,
)
from booking_ui.services.accounts.one_time_codes import Device
from booking_ui.services.booking import cancel, claim, dependents
from booking_ui.services.cases import reconciliation_cases
from booking_ui.services.cases.reconciliation_cases import CaseKind
from booking_ui.services.payments import webhook_inbox
from booking_ui.services.receipts import issue
from booking_ui.services.refunds import send
from booking_ui.services.upkeep import delivery, invariants
from booking_ui.services.views import Principal
from tests.support.cast import NOW, Cast
from tests.support.mails import Post
from tests.support.phones import NUMBER
from tests.support.receipts import receipts
from tests.support.remarks import quoted
from tests.support.text_provider import Answer, text_provider
from tests.support.webhooks import body, deliver

MAIL, PASSWORD = "farah@example.com", "farah's password"
ORDER = "order_TVCpvdEADkAoMJ"
AFTER = NOW + timedelta(days=3)  # every visit of the cast is over
pytestmark = pytest.mark.usefixtures("cast")


@pytest.fixture(autouse=True)
def post(monkeypatch: pytest.MonkeyPatch) -> Post:
    return Post(monkeypatch)


@pytest.fixture
def farah(cast: Cast) -> Principal:
    return authentication.open_account(
        name="Farah Ali", email=MAIL, phone="9876543210", password=PASSWORD, now=NOW
    )


def visited(farah: Principal, cast: Cast) -> None:
    """She booked with a reason, paid, and Razorpay wrote with her number; the visit is over at AFTER."""
    held = claim.claim(patient_id=farah.person_id, slot_id=cast.slots[0], reason="palpitations", now=NOW)
    with write() as tx:
        tx.exec(update(Payment).where(col(Payment.appointment_id) == held.id).values(gateway_order_id=ORDER))
    deliver(body("payment.captured"))
    webhook_inbox.process_due(now=NOW)


def test_a_forgotten_patient_is_named_nowhere_and_her_payment_stays(farah: Principal, cast: Cast) -> None:
    visited(farah, cast)
    token = authentication.open_session(person_id=farah.person_id, now=NOW)
    recovery.request_code(email=MAIL, now=NOW)
    dependents.add(patient_id=farah.person_id, name="Farah Junior", relation="child", now=NOW)
    assert issue.issue_due(now=NOW) == 1
    before = [c.number for c in invariants.count(now=AFTER) if c.violations]
    profile.erase_account(person_id=farah.person_id, password=PASSWORD, now=AFTER)
    with read() as tx:
        person = tx.get_one(Person, farah.person_id)
        appointment, payment = tx.exec(select(Appointment)).one(), tx.exec(select(Payment)).one()
        attempt, event = tx.exec(select(PaymentAttempt)).one(), tx.exec(select(WebhookEvent)).one()
        assert tx.exec(select(SignIn).where(SignIn.person_id == farah.person_id)).all() == []
    assert (person.name, person.phone, person.password_hash) == ("Former patient", "", "!")
    assert (appointment.reason, payment.method_detail, attempt.detail, event.body) == ("", "", "", b"")
    assert (payment.status, payment.captured_paise) == ("captured", 50_000)
    receipt = receipts()[0]
    assert (receipt.number, receipt.amount_paise, receipt.facts["patient"]) == (1, 50_000, "")
    assert receipt.facts["doctor"] == "Dr Chandra Rao"
    assert authentication.session_principal(token=token, now=AFTER) is None
    assert [c.number for c in invariants.count(now=AFTER) if c.violations] == before
    assert _mentions("farah", "9876543210", "palpitations") == []
    again = authentication.open_account(
        name="Farah Ali", email=MAIL, phone="9876543210", password=PASSWORD, now=AFTER
    )
    assert again.person_id != farah.person_id


def _mentions(*words: str) -> list[str]:
    """Every row of every table that says one of the words."""
    with read() as tx:
        names = tx.connection().dialect.get_table_names(tx.connection())
        return [
            f"{name}: {row}"
            for name in names
            for row in tx.execute(text(f'SELECT * FROM "{name}"'))
            if any(word in str(tuple(row)).lower() for word in words)
        ]


def test_codes_that_came_before_the_account_are_forgotten_with_it(
    configured: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The first one was refused for good, and keeps the number for the desk; the second opened the account."""
    configured.setenv("DATA_DIR", str(tmp_path))
    settings.cache_clear()
    with text_provider() as provider:
        configured.setenv("SMS_URL", provider.address)
        settings.cache_clear()
        provider.script.append(Answer(422))
        phone_sign_in.request_code(phone=NUMBER, device=Device(), now=NOW)
        delivery.deliver_due(now=NOW)
    configured.setenv("SMS_URL", "")
    settings.cache_clear()
    phone_sign_in.request_code(phone=NUMBER, device=Device(), now=NOW)
    delivery.deliver_due(now=NOW)
    (file,) = texts.names()
    code = texts.content(file).body[:6]
    who = phone_sign_in.enter(phone=NUMBER, code=code, device=Device(), name="Gita Rao", now=NOW).who
    with write() as tx:
        files = erasure.erase_person(tx, tx.get_one(Person, who.person_id), NOW)
    texts.delete_files(files)
    assert texts.names() == []
    with read() as tx:
        assert not tx.exec(select(Notification.id).where(Notification.address == NUMBER)).all()


def test_nobody_is_forgotten_while_a_visit_lies_ahead_or_is_held(farah: Principal, cast: Cast) -> None:
    visited(farah, cast)
    with pytest.raises(StillNeeded):
        profile.erase_account(person_id=farah.person_id, password=PASSWORD, now=NOW)
    assert authentication.authenticate(email=MAIL, password=PASSWORD, now=NOW) == farah


def test_nobody_is_forgotten_while_a_refund_is_on_its_way(farah: Principal, cast: Cast) -> None:
    visited(farah, cast)
    with read() as tx:
        appointment_id = tx.exec(select(Appointment.id)).one() or 0
    cancel.cancel_by_policy(patient_id=farah.person_id, appointment_id=appointment_id, now=NOW)
    with pytest.raises(StillNeeded):
        profile.erase_account(person_id=farah.person_id, password=PASSWORD, now=AFTER)


@pytest.mark.parametrize(
    ("kind", "of_refund"), [(CaseKind.MARKED_AND_PAID, False), (CaseKind.REFUND_UNDONE, True)]
)
def test_nobody_is_forgotten_whom_the_desk_has_to_ask_about_money(
    farah: Principal, cast: Cast, kind: CaseKind, of_refund: bool
) -> None:
    visited(farah, cast)
    with read() as tx:
        bill = tx.exec(select(Payment)).one()
    paid = bill.gateway_payment_id or ""
    back = RefundFact("rfnd_00000000000001", paid, RefundStatus.PROCESSED, bill.amount_paise)
    send.settle(fact=back, now=NOW)
    about = back.refund_id if of_refund else paid
    reconciliation_cases.open_case(kind=kind, subject=about, detail=quoted("-"), now=NOW)
    with pytest.raises(StillNeeded):
        profile.erase_account(person_id=farah.person_id, password=PASSWORD, now=AFTER)
    with write() as tx:
        reconciliation_cases.end(tx, kind, about, quoted("It is clear now."), NOW)
    profile.erase_account(person_id=farah.person_id, password=PASSWORD, now=AFTER)


def test_who_is_given_a_role_while_she_asks_to_be_forgotten_is_staff(
    farah: Principal, configured: pytest.MonkeyPatch
) -> None:
    class Slow(PasswordHasher):
        """The product's own hasher; while it looks at her password, she becomes the desk's."""

        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002 - argon2's name
            fits = super().verify(hash, password)
            staff.appoint(email=MAIL, name="", password="", now=NOW)
            return fits

    configured.setattr(passwords, "_hasher", Slow())
    with pytest.raises(Forbidden):
        profile.erase_account(person_id=farah.person_id, password=PASSWORD, now=AFTER)


def test_being_forgotten_needs_the_password_and_is_not_for_staff(farah: Principal, cast: Cast) -> None:
    with pytest.raises(WrongPassword):
        profile.erase_account(person_id=farah.person_id, password="not hers", now=AFTER)
    with pytest.raises(Forbidden):
        profile.erase_account(person_id=cast.devi.person_id, password=PASSWORD, now=AFTER)
    profile.erase_account(person_id=farah.person_id, password=PASSWORD, now=AFTER)
    with pytest.raises(NotFound):
        profile.erase_account(person_id=farah.person_id, password=PASSWORD, now=AFTER)


def test_a_person_is_needed_from_the_hold_to_the_end_of_its_questions(farah: Principal, cast: Cast) -> None:
    with read() as tx:
        assert not erasure.is_still_needed(tx, farah.person_id, NOW)
    visited(farah, cast)
    with read() as tx:
        needed = [erasure.is_still_needed(tx, farah.person_id, instant) for instant in (NOW, AFTER)]
    assert needed == [True, False]
