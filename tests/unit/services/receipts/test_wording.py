"""The words of a receipt's sheet in both languages, from its facts alone."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from pypdf import PdfReader

from booking_ui.db.models import Receipt
from booking_ui.domain.receipt import ReceiptKind
from booking_ui.gateways import paper
from booking_ui.services.receipts import wording
from booking_ui.services.receipts.facts import EXEMPT, Facts

PAID = Facts(
    language="en",
    zone="Asia/Kolkata",
    clinic="Saanjh Health Private Limited",
    clinic_address="1 Residency Road, Bengaluru 560025",
    clinic_registration="BLR/2020/77",
    gstin="29ABCDE1234F1ZW",
    doctor="Dr Chandra Rao",
    qualifications="MBBS, MD",
    registration="KMC 45821",
    speciality="Cardiologist",
    patient="आशा Menon",
    payer="",
    reference="ABCD2345",
    visit_at="2026-11-24T05:00:00Z",
    tax=EXEMPT,
    method="upi",
    payment_id="pay_TVCpvdEADkAoMJ",
    desk_reference="",
    paid_at="2026-11-20T05:00:00Z",
)
BACK = replace(
    PAID,
    receipt="R/2026-27/000001",
    receipt_at="2026-11-20T20:00:00Z",
    refund_id="rfnd_TVCpvdEADkAoMJ",
    refunded_at="2026-11-22T05:00:00Z",
)


def said(facts: Facts, kind: ReceiptKind = ReceiptKind.RECEIPT, paise: int = 150_000) -> dict[str, Any]:
    row = Receipt(
        kind=kind,
        financial_year=2026,
        number=1,
        amount_paise=paise,
        currency="INR",
        facts=facts.stored(),
        issued_at=datetime(2026, 11, 20, 20, 0, tzinfo=UTC),  # half past one in India
    )
    return wording.said(row)


def text_of(sheet: dict[str, Any]) -> str:
    return PdfReader(io.BytesIO(paper.pdf(sheet))).pages[0].extract_text()


def test_a_receipt_says_all_that_a_tax_office_asks_for() -> None:
    assert text_of(said(PAID)).splitlines() == [
        "Saanjh Health Private Limited",
        "1 Residency Road, Bengaluru 560025",
        "Registration: BLR/2020/77",
        "GSTIN: 29ABCDE1234F1ZW",
        "Receipt",
        "R/2026-27/000001",
        "Saturday 21 November 2026",
        "Patient आशाशा Menon",  # pypdf reads a cluster twice
        "Doctor Dr Chandra Rao, MBBS, MD",
        "Doctor's registration KMC 45821",
        "Visit Tuesday 24 November 2026, 10:30 am",
        "Booking ABCD2345",
        "Paid by UPI",
        "Payment pay_TVCpvdEADkAoMJ",
        "Received on Friday 20 November 2026, 10:30 am",
        "Description Amount",
        "Consultation, Cardiologist ₹1,500",
        "GST exempt",
        "Total received ₹1,500",
        "Health care by a clinical establishment or a doctor is exempt from GST: Notification No. 12/2017-Central Tax ",
        "(Rate) of 28 June 2017, entry 74, and the matching notification of the state. No tax is charged.",
        "Times are those of Asia/Kolkata.",
        "R/2026-27/000001, made by a computer: it needs no signature.",
    ]


def test_a_hindi_receipt_says_it_in_hindi_and_leaves_names_as_written() -> None:
    sheet = said(replace(PAID, language="hi", speciality="हृदय रोग विशेषज्ञ"))
    assert (sheet["language"], sheet["title"]) == ("hi", "रसीद R/2026-27/000001")
    assert sheet["number_lines"] == ["शनिवार 21 नवंबर 2026"]
    assert sheet["facts"] == [
        ("मरीज़", "आशा Menon"),
        ("डॉक्टर", "Dr Chandra Rao, MBBS, MD"),
        ("डॉक्टर का रजिस्ट्रेशन", "KMC 45821"),
        ("अपॉइंटमेंट", "मंगलवार 24 नवंबर 2026, सुबह 10:30"),
        ("बुकिंग", "ABCD2345"),
        ("पेमेंट का तरीक़ा", "UPI"),
        ("पेमेंट", "pay_TVCpvdEADkAoMJ"),
        ("कब मिला", "शुक्रवार 20 नवंबर 2026, सुबह 10:30"),
    ]
    assert sheet["lines"] == [("डॉक्टर की फ़ीस, हृदय रोग विशेषज्ञ", "₹1,500"), ("GST", "टैक्स से मुक्त")]
    assert sheet["total"] == ["कुल मिला", "₹1,500"]
    printed = text_of(sheet)
    for letters in ("हृदय", "रक़म", "Menon", "Dr Chandra Rao, MBBS, MD", "₹1,500", "R/2026-27/000001", "10:30"):
        assert letters in printed


def test_a_credit_note_names_its_receipt_and_the_refund() -> None:
    sheet = said(BACK, ReceiptKind.CREDIT_NOTE, 75_050)
    assert (sheet["heading"], sheet["number"]) == ("Credit note", "C/2026-27/000001")
    assert sheet["number_lines"] == [
        "Saturday 21 November 2026",
        "for receipt R/2026-27/000001",
        "of Saturday 21 November 2026",
    ]
    assert sheet["facts"][-3:] == [
        ("Payment", "pay_TVCpvdEADkAoMJ"),
        ("Refund", "rfnd_TVCpvdEADkAoMJ"),
        ("Given back on", "Sunday 22 November 2026, 10:30 am"),
    ]
    assert (sheet["lines"][0][1], sheet["total"]) == ("₹750.50", ["Total given back", "₹750.50"])
    by_hand = said(replace(BACK, refund_id="", by_hand="yes"), ReceiptKind.CREDIT_NOTE)
    assert by_hand["notes"][1] == "The clinic gave this money back itself, not through Razorpay."


def test_a_payment_that_the_desk_recorded_is_worded_so() -> None:
    sheet = said(replace(PAID, method="desk", payment_id="", desk_reference="Cash book 17"))
    assert ("Paid by", "At the desk") in sheet["facts"]
    assert ("Desk's reference", "Cash book 17") in sheet["facts"]
    assert [name for name, _ in sheet["facts"] if name == "Payment"] == []
    assert "The clinic's front desk recorded this payment." in sheet["notes"]
    same = said(replace(PAID, method="desk", desk_reference=PAID.payment_id))
    assert [name for name, _ in same["facts"] if name == "Desk's reference"] == []


def test_what_is_not_known_is_left_out_and_a_removed_name_is_said_to_be_removed() -> None:
    sheet = said(replace(PAID, clinic_registration="", gstin="", registration="", patient=""))
    assert sheet["clinic_lines"] == ["1 Residency Road, Bengaluru 560025"]
    assert sheet["facts"][:3] == [
        ("Patient", "removed at the patient's request"),
        ("Doctor", "Dr Chandra Rao, MBBS, MD"),
        ("Visit", "Tuesday 24 November 2026, 10:30 am"),
    ]
    assert ("Paid for by", "Asha") in said(replace(PAID, payer="Asha"))["facts"]
