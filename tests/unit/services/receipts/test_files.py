"""Receipts as files: the owner's alone, the same bytes each time, whatever changed meanwhile."""

from __future__ import annotations

import pytest
from sqlmodel import update

from booking_ui.config.settings import settings
from booking_ui.db.models import Doctor, Payment, Person
from booking_ui.db.session import read, write
from booking_ui.domain.errors import NotFound, WrongState
from booking_ui.services.booking import claim
from booking_ui.services.receipts import files
from tests.support.cast import NOW, Cast
from tests.support.receipts import given_back, numbers, paid_by_hand, soon


def visit_of(payment_id: int) -> int:
    with read() as tx:
        return tx.get_one(Payment, payment_id).appointment_id


def test_a_receipt_is_the_same_bytes_after_names_and_settings_changed(
    cast: Cast, configured: pytest.MonkeyPatch
) -> None:
    bill = paid_by_hand(cast, cast.asha)
    visit = visit_of(bill)
    first = files.own(patient_id=cast.asha, appointment_id=visit, now=soon())
    assert (first.name, first.content[:5]) == ("receipt-R-2025-26-000001.pdf", b"%PDF-")
    refund = given_back(bill, 100)
    with write() as tx:
        tx.exec(update(Doctor).values(name="Dr Another", address="Elsewhere", speciality="Dentist"))
        tx.exec(update(Person).values(name="Another", language="hi"))
    configured.setenv("MERCHANT_NAME", "Another Clinic")
    configured.setenv("CLINIC_GSTIN", "29ABCDE1234F1ZW")
    settings.cache_clear()
    assert files.own(patient_id=cast.asha, appointment_id=visit, now=soon(600)) == first
    note = files.own(patient_id=cast.asha, appointment_id=visit, refund_id=refund, now=soon(601))
    assert note.name == "credit-note-C-2025-26-000001.pdf"
    assert files.of_mail(appointment_id=visit, refund_ids=[], now=soon(700)) == [first]
    assert files.of_mail(appointment_id=visit, refund_ids=[refund], now=soon(700)) == [note]


def test_nobody_gets_anothers_receipt_or_learns_of_it(cast: Cast) -> None:
    bill, other = paid_by_hand(cast, cast.asha), paid_by_hand(cast, cast.bilal, 1)
    refund = given_back(bill, 100)
    for asked in ({}, {"refund_id": refund}):
        with pytest.raises(NotFound):
            files.own(patient_id=cast.bilal, appointment_id=visit_of(bill), now=soon(), **asked)
    with pytest.raises(NotFound):
        files.own(patient_id=cast.bilal, appointment_id=visit_of(other), refund_id=refund, now=soon())
    with pytest.raises(NotFound):
        files.own_list(patient_id=cast.bilal, appointment_id=visit_of(bill), now=soon())
    assert numbers() == []


def test_the_list_issues_what_is_due_however_old_it_is(cast: Cast) -> None:
    bill = paid_by_hand(cast, cast.asha)
    given_back(bill, 100)
    found = files.own_list(patient_id=cast.asha, appointment_id=visit_of(bill), now=soon(60 * 24 * 30))
    assert [(one.kind, one.number, one.amount_paise) for one in found] == [
        ("receipt", "R/2025-26/000001", 50_000),
        ("credit_note", "C/2025-26/000001", 100),
    ]


def test_a_booking_that_is_not_paid_has_none(cast: Cast) -> None:
    held = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW).id
    with pytest.raises(WrongState):
        files.own(patient_id=cast.asha, appointment_id=held, now=soon())
    assert files.own_list(patient_id=cast.asha, appointment_id=held, now=soon()) == []
