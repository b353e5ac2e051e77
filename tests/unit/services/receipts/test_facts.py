"""A receipt says what was true at its issue, whatever is changed afterwards."""

from __future__ import annotations

from dataclasses import asdict

import pytest
from sqlmodel import update

from booking_ui.config.settings import settings
from booking_ui.db import clinic_words
from booking_ui.db.models import Doctor, Payment, Person
from booking_ui.db.session import read, write
from booking_ui.domain.clock import iso
from booking_ui.services.booking import claim, dependents
from booking_ui.services.receipts import facts, issue
from tests.support.cast import FIRST_SLOT, NOW, Cast
from tests.support.paying import bill_of, paid_at_the_desk
from tests.support.receipts import given_back, paid_by_hand, receipts, soon


@pytest.fixture
def named(configured: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    configured.setenv("CLINIC_NAME_LEGAL", "Saanjh Health Private Limited")
    configured.setenv("CLINIC_ADDRESS", "1 Residency Road, Bengaluru 560025")
    configured.setenv("CLINIC_REGISTRATION", "BLR/2020/77")
    configured.setenv("CLINIC_GSTIN", "29ABCDE1234F1ZW")
    settings.cache_clear()
    return configured


def test_a_receipt_keeps_the_clinic_the_doctor_and_the_payment(cast: Cast, named: pytest.MonkeyPatch) -> None:
    with write() as tx:
        tx.exec(update(Doctor).values(registration="KMC 45821"))
    issue.of(payment_id=paid_by_hand(cast, cast.asha), now=soon())
    kept = receipts()[0].facts
    assert kept == {
        **dict.fromkeys(asdict(facts.Facts(*[""] * 19)), ""),
        "language": "en",
        "zone": "Asia/Kolkata",
        "clinic": "Saanjh Health Private Limited",
        "clinic_address": "1 Residency Road, Bengaluru 560025",
        "clinic_registration": "BLR/2020/77",
        "gstin": "29ABCDE1234F1ZW",
        "doctor": "Dr Chandra Rao",
        "qualifications": "MBBS, MD",
        "registration": "KMC 45821",
        "speciality": "Cardiologist",
        "patient": "Asha",
        "reference": kept["reference"],
        "visit_at": iso(FIRST_SLOT),
        "tax": facts.EXEMPT,
        "method": "desk",
        "paid_at": iso(NOW),
    }


def test_later_changes_reach_no_receipt_and_no_credit_note_of_it(
    cast: Cast, named: pytest.MonkeyPatch
) -> None:
    bill = paid_by_hand(cast, cast.asha)
    issue.of(payment_id=bill, now=soon())
    before = receipts()[0].facts
    with write() as tx:
        tx.exec(update(Doctor).values(name="Dr Somebody Else", registration="KMC 1"))
        tx.exec(update(Person).values(name="Another Name", language="hi"))
    named.setenv("CLINIC_NAME_LEGAL", "Another Clinic")
    settings.cache_clear()
    issue.of(payment_id=bill, refund_id=given_back(bill, 100), now=soon(5))
    receipt, note = receipts()
    assert receipt.facts == before
    changed = {key: value for key, value in note.facts.items() if value != before[key]}
    assert changed == {
        "receipt": "R/2025-26/000001",
        "receipt_at": iso(soon()),
        "refund_id": f"rfnd_{bill:06}00000100",
        "refunded_at": iso(NOW),
    }


def test_a_bare_clinic_goes_by_its_name_for_patients_and_its_doctors_address(cast: Cast) -> None:
    issue.of(payment_id=paid_by_hand(cast, cast.asha), now=soon())
    kept = receipts()[0].facts
    assert (kept["clinic"], kept["gstin"]) == ("Saanjh Clinics", "")
    assert kept["clinic_address"] == "12, 100 Feet Road, Bengaluru"


def test_a_dependents_receipt_names_them_and_the_patient_who_paid(cast: Cast) -> None:
    kiran = dependents.add(patient_id=cast.asha, name="किरण Menon", relation="child", now=NOW)
    visit = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW, dependent_id=kiran.id).id
    paid_at_the_desk(cast, visit)
    issue.of(payment_id=bill_of(visit).id or 0, now=soon())
    kept = receipts()[0].facts
    assert (kept["patient"], kept["payer"]) == ("किरण Menon", "Asha")


def test_the_speciality_is_said_in_the_patients_language_and_names_stay_as_written(cast: Cast) -> None:
    with write() as tx:
        clinic_words.keep(tx, "hi", "Cardiologist", "हृदय रोग विशेषज्ञ")
        tx.exec(update(Person).values(language="hi"))
    issue.of(payment_id=paid_by_hand(cast, cast.asha), now=soon())
    kept = receipts()[0].facts
    assert (kept["language"], kept["speciality"], kept["doctor"]) == (
        "hi",
        "हृदय रोग विशेषज्ञ",
        "Dr Chandra Rao",
    )


def test_a_patient_who_was_erased_before_the_issue_is_not_named(cast: Cast) -> None:
    bill = paid_by_hand(cast, cast.asha)
    with write() as tx:
        tx.exec(update(Person).values(erased_at=NOW, name="Former patient"))
    with read() as tx:
        found = facts.of_payment(tx, tx.get_one(Payment, bill))
    assert (found.patient, found.payer, found.reference != "") == ("", "", True)
