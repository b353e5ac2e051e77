"""The receipt goes with the confirmation and the credit note with the refund, to confirmed addresses alone."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlmodel import update

from booking_ui.config.settings import settings
from booking_ui.db.models import Payment, Person, Refund
from booking_ui.db.session import read, write
from booking_ui.gateways import mail, paper
from booking_ui.services.mail import outbox
from booking_ui.services.receipts import files
from booking_ui.services.upkeep import delivery, mailed_receipts
from tests.support.cast import NOW, Cast
from tests.support.receipts import given_back, numbers, paid_by_hand, soon

HELLO = mail.Message("asha@example.com", "Hello", "The text", "<p>The text</p>", "a key")


@pytest.fixture(autouse=True)
def folder(configured: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    configured.setenv("DATA_DIR", str(tmp_path))
    settings.cache_clear()
    return tmp_path / "mail"


def confirm_addresses() -> None:
    with write() as tx:
        tx.exec(update(Person).values(email_verified_at=NOW))


def visit_of(payment_id: int) -> int:
    with read() as tx:
        return tx.get_one(Payment, payment_id).appointment_id


def pdfs(folder: Path) -> dict[str, bytes]:
    """The PDFs of all mails by name."""
    found: dict[str, bytes] = {}
    for file in folder.glob("*.eml"):
        message = message_from_bytes(file.read_bytes(), policy=policy.default)
        assert isinstance(message, EmailMessage)
        for part in message.iter_attachments():
            if part.get_content_type() == "application/pdf":
                found[str(part.get_filename())] = part.get_content()
    return found


def test_the_mails_carry_what_the_api_answers_with(cast: Cast, folder: Path) -> None:
    confirm_addresses()
    bill = paid_by_hand(cast, cast.asha)
    assert delivery.deliver_due(now=soon()) == 1
    visit = visit_of(bill)
    receipt = files.own(patient_id=cast.asha, appointment_id=visit, now=soon(5))
    assert pdfs(folder) == {receipt.name: receipt.content}
    first, second = given_back(bill, 100), given_back(bill, 200)
    with write() as tx:
        for refund in (first, second):
            outbox.add_visit_message(tx, appointment_id=visit, kind="refunded", key=str(refund), now=soon(6))
    assert delivery.deliver_due(now=soon(7)) == 2
    notes = [
        files.own(patient_id=cast.asha, appointment_id=visit, refund_id=one, now=soon(8))
        for one in (first, second)
    ]
    assert pdfs(folder) == {one.name: one.content for one in (receipt, *notes)}


def test_no_receipt_goes_to_an_address_that_is_not_confirmed(cast: Cast, folder: Path) -> None:
    paid_by_hand(cast, cast.asha)
    assert delivery.deliver_due(now=soon()) == 1
    assert (pdfs(folder), len(list(folder.glob("*.eml"))), numbers()) == ({}, 1, [])


def test_money_that_came_on_top_goes_back_without_a_credit_note(cast: Cast, folder: Path) -> None:
    confirm_addresses()
    bill = paid_by_hand(cast, cast.asha)
    delivery.deliver_due(now=soon())
    extra = given_back(bill, 100)
    with write() as tx:
        tx.exec(update(Refund).values(gateway_payment_id="pay_000000000second"))
        outbox.add_visit_message(
            tx, appointment_id=visit_of(bill), kind="refunded", key=str(extra), now=soon(2)
        )
    assert delivery.deliver_due(now=soon(3)) == 1
    assert list(pdfs(folder)) == ["receipt-R-2025-26-000001.pdf"]
    assert len(list(folder.glob("*.eml"))) == 2


def test_a_receipt_that_can_not_be_made_keeps_no_confirmation_back(
    cast: Cast, folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    confirm_addresses()
    paid_by_hand(cast, cast.asha)
    monkeypatch.setattr(paper, "_LAYOUT", tmp_path / "nothing.typ")
    assert delivery.deliver_due(now=soon()) == 1
    assert (pdfs(folder), len(list(folder.glob("*.eml")))) == ({}, 1)


def test_a_mail_about_something_else_stays_as_it_is(cast: Cast) -> None:
    confirm_addresses()
    bill = paid_by_hand(cast, cast.asha)
    with write() as tx:
        outbox.add_visit_message(tx, appointment_id=visit_of(bill), kind="reminder", now=NOW)
    assert mailed_receipts.added(HELLO, 2, soon()) is HELLO
    assert numbers() == []
