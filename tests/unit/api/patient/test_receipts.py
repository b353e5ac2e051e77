"""Receipts through the API: PDF for the owner, by token or by the page's cookie, and 404 for everybody else."""

from __future__ import annotations

from booking_ui.db.models import Payment
from booking_ui.db.session import read
from tests.support.api import Caller, claimed, refusal
from tests.support.cast import Cast
from tests.support.receipts import given_back, paid_by_hand


def path(payment_id: int) -> str:
    with read() as tx:
        return f"/api/appointments/{tx.get_one(Payment, payment_id).appointment_id}"


def test_the_owner_gets_one_file_however_often(asha: Caller, cast: Cast) -> None:
    booking = path(paid_by_hand(cast, cast.asha))
    first, again = asha.get(f"{booking}/receipt.pdf"), asha.get(f"{booking}/receipt.pdf")
    assert (first.status_code, first.headers["content-type"]) == (200, "application/pdf")
    assert first.headers["content-disposition"] == 'attachment; filename="receipt-R-2025-26-000001.pdf"'
    assert first.headers["cache-control"] == "no-store"
    assert first.content == again.content
    assert first.content.startswith(b"%PDF-")


def test_the_list_leads_to_every_file(asha: Caller, cast: Cast) -> None:
    bill = paid_by_hand(cast, cast.asha)
    booking, refund = path(bill), given_back(bill, 10_050)
    answer = asha.get(f"{booking}/receipts").json()
    assert answer["message"] == "2 documents."
    assert answer["data"] == [
        {
            "kind": "receipt",
            "number": "R/2025-26/000001",
            "amount": 500.0,
            "amountPaise": 50_000,
            "issuedAt": "2026-01-05T04:30:00Z",
            "path": f"{booking}/receipt.pdf",
        },
        {
            "kind": "credit_note",
            "number": "C/2025-26/000001",
            "amount": 100.5,
            "amountPaise": 10_050,
            "issuedAt": "2026-01-05T04:30:00Z",
            "path": f"{booking}/credit-notes/{refund}.pdf",
        },
    ]
    files = [asha.get(one["path"]) for one in answer["data"]]
    assert [one.status_code for one in files] == [200, 200]
    assert files[0].content != files[1].content


def test_others_learn_nothing_and_what_is_not_paid_has_none(asha: Caller, bilal: Caller, cast: Cast) -> None:
    bill = paid_by_hand(cast, cast.asha)
    booking, refund = path(bill), given_back(bill, 100)
    for one in ("receipts", "receipt.pdf", f"credit-notes/{refund}.pdf"):
        assert refusal(bilal.get(f"{booking}/{one}")) == (404, "not_found")
        assert refusal(Caller(asha.door).get(f"{booking}/{one}")) == (401, "not_signed_in")
    held = claimed(bilal, cast.slots[2])["appointmentId"]
    assert refusal(bilal.get(f"/api/appointments/{held}/receipt.pdf")) == (409, "wrong_state")
    assert refusal(asha.get(f"{booking}/credit-notes/999999.pdf")) == (404, "not_found")


def test_no_id_makes_a_500(asha: Caller) -> None:
    for one in ("0", "-1", "1.5", "x", "%00", str(2**31), str(10**400)):
        for name in (f"{one}/receipt.pdf", f"1/credit-notes/{one}.pdf"):
            assert asha.get(f"/api/appointments/{name}").status_code in (404, 422)
