"""Coming back from Razorpay: its redirect with a form, and the page's handler with JSON."""

from __future__ import annotations

import json

import pytest
from httpx import Response
from sqlmodel import select

from booking_ui.db.models import Appointment, PaymentAttempt
from booking_ui.db.session import read
from tests.support.api import ORIGIN, Caller, Json
from tests.support.cast import Cast
from tests.support.sandbox_control import checkout_result

CALLBACK = "/api/appointments/payment-callback"
RAZORPAY = {"Origin": "https://api.razorpay.com"}


def booked(who: Caller, slot_id: int) -> Json:
    found: Json = who.post("/api/appointments/book", {"availabilityId": slot_id}).json()["data"]
    return found


def statuses() -> list[str]:
    with read() as tx:
        return [one.status.value for one in tx.exec(select(Appointment)).all()]


def references() -> list[str]:
    with read() as tx:
        return list(tx.exec(select(Appointment.reference)).all())


def attempts() -> int:
    with read() as tx:
        return len(tx.exec(select(PaymentAttempt)).all())


def sent_to(answer: Response) -> str:
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def failed(order_id: object) -> dict[str, str]:
    metadata = json.dumps({"payment_id": "pay_AAAAAAAAAAAAAA", "order_id": order_id})
    return {
        "error[code]": "BAD_REQUEST_ERROR",
        "error[description]": "Payment failed",
        "error[source]": "gateway",
        "error[step]": "payment_authorization",
        "error[reason]": "payment_failed",
        "error[metadata]": metadata,
    }


def test_razorpays_redirect_confirms_and_leads_to_the_status_page(
    asha: Caller, anybody: Caller, cast: Cast, sandbox: str
) -> None:
    sent = checkout_result(sandbox, str(booked(asha, cast.slots[0])["gatewayOrderId"]))
    (reference,) = references()
    for _ in range(2):  # a reload of the bank's page sends it again
        answer = anybody.form(f"{CALLBACK}?ref={reference}", sent, **RAZORPAY)
        assert sent_to(answer) == f"{ORIGIN}/appointment/{reference}/"
        assert answer.headers["cache-control"] == "no-store"
    assert statuses() == ["confirmed"]
    assert attempts() == 1


def test_the_redirect_needs_no_reference_and_is_the_same_with_a_cookie(
    asha: Caller, anybody: Caller, cast: Cast, sandbox: str
) -> None:
    sent = checkout_result(sandbox, str(booked(asha, cast.slots[0])["gatewayOrderId"]))
    anybody.form(
        "/api/session/register",
        {"name": "F", "email": "f@example.com", "phone": "9876543210", "password": "farah's password"},
    )
    assert "sid" in anybody.cookies
    answer = anybody.form(CALLBACK, sent, **RAZORPAY)
    assert sent_to(answer) == f"{ORIGIN}/appointment/{references()[0]}/"
    assert statuses() == ["confirmed"]


def test_a_failure_post_changes_nothing_and_leads_to_the_status_page(
    asha: Caller, anybody: Caller, cast: Cast, sandbox: str
) -> None:
    order_id = booked(asha, cast.slots[0])["gatewayOrderId"]
    (reference,) = references()
    answer = anybody.form(f"{CALLBACK}?ref={reference}", failed(order_id), **RAZORPAY)
    assert sent_to(answer) == f"{ORIGIN}/appointment/{reference}/"
    assert statuses() == ["pending_payment"]
    assert attempts() == 0


def test_a_failure_post_without_a_reference_leads_to_the_patients_list(anybody: Caller) -> None:
    answer = anybody.form(CALLBACK, failed("order_x"), **RAZORPAY)
    assert sent_to(answer) == f"{ORIGIN}/appointments/"


def tampered(sent: dict[str, str]) -> list[dict[str, str]]:
    signature = sent["razorpay_signature"]
    flipped = ("0" if signature[0] != "0" else "1") + signature[1:]
    return [
        {**sent, "razorpay_signature": flipped},
        {**sent, "razorpay_signature": "é" * 64},
        {**sent, "razorpay_signature": "x"},
        {**sent, "razorpay_payment_id": sent["razorpay_payment_id"][:-1] + "_"},
        {**sent, "razorpay_order_id": "order_\x00"},
    ]


def test_a_redirect_with_a_changed_letter_confirms_nothing(
    asha: Caller, anybody: Caller, cast: Cast, sandbox: str
) -> None:
    sent = checkout_result(sandbox, str(booked(asha, cast.slots[0])["gatewayOrderId"]))
    (reference,) = references()
    for one in tampered(sent):
        with_ref = anybody.form(f"{CALLBACK}?ref={reference}", one, **RAZORPAY)
        assert sent_to(with_ref) == f"{ORIGIN}/appointment/{reference}/"
        without = anybody.form(CALLBACK, one, **RAZORPAY)
        assert without.status_code == 400
        assert without.json() == {
            "success": False,
            "message": "Invalid payment signature",
            "data": None,
            "code": "bad_signature",
        }
    assert statuses() == ["pending_payment"]
    assert attempts() == 0


def test_the_reference_in_the_address_leads_to_no_other_site(anybody: Caller) -> None:
    for ref in (
        "//evil.example",
        "../../admin",
        "ABC%0d%0aX: 1",
        "https://evil.example",
        "x" * 13,
        "ABCD/..",
    ):
        answer = anybody.form(f"{CALLBACK}?ref={ref}", {"a": "b"}, **RAZORPAY)
        assert answer.status_code == 400, ref


def test_one_patients_payment_does_not_confirm_anothers_booking(
    asha: Caller, bilal: Caller, anybody: Caller, cast: Cast, sandbox: str
) -> None:
    sent = checkout_result(sandbox, str(booked(bilal, cast.slots[0])["gatewayOrderId"]))
    booked(asha, cast.slots[1])
    hers = str(asha.get("/api/appointments").json()["data"][0]["reference"])
    answer = anybody.form(f"{CALLBACK}?ref={hers}", sent, **RAZORPAY)
    assert sent_to(answer) == f"{ORIGIN}/appointment/{hers}/"
    assert sorted(statuses()) == ["pending_payment", "pending_payment"]


def test_the_pages_handler_gets_json(asha: Caller, anybody: Caller, cast: Cast, sandbox: str) -> None:
    sent = checkout_result(sandbox, str(booked(asha, cast.slots[0])["gatewayOrderId"]))
    (reference,) = references()
    for _ in range(2):
        answer = anybody.post(CALLBACK, sent)
        assert answer.status_code == 200
        assert answer.json() == {
            "success": True,
            "message": "Payment processed successfully",
            "data": {"reference": reference, "statusUrl": f"{ORIGIN}/appointment/{reference}/"},
        }
    assert statuses() == ["confirmed"]


def test_a_handlers_json_with_a_changed_letter_is_400(
    asha: Caller, anybody: Caller, cast: Cast, sandbox: str
) -> None:
    sent = checkout_result(sandbox, str(booked(asha, cast.slots[0])["gatewayOrderId"]))
    for one in tampered(sent):
        answer = anybody.post(CALLBACK, one)
        assert (answer.status_code, answer.json()["message"]) == (400, "Invalid payment signature")
    assert statuses() == ["pending_payment"]


def test_when_razorpay_cannot_be_asked_a_good_signature_still_leads_on(
    asha: Caller, anybody: Caller, cast: Cast, sandbox: str, request: pytest.FixtureRequest
) -> None:
    sent = checkout_result(sandbox, str(booked(asha, cast.slots[0])["gatewayOrderId"]))
    request.getfixturevalue("dead_gateway")
    answer = anybody.form(CALLBACK, sent, **RAZORPAY)
    assert sent_to(answer) == f"{ORIGIN}/appointment/{references()[0]}/"
    found = asha.get("/api/appointments").json()["data"][0]
    assert (found["status"], found["paymentStatus"]) == ("pending_payment", "authorized")


SENSELESS: list[tuple[bytes, int]] = [
    (b"", 400),
    (b"{", 400),
    (b"\xff", 400),
    (b"[]", 422),
    (b"null", 422),
    (b"{}", 422),
    (b'{"razorpay_order_id": 1, "razorpay_payment_id": [], "razorpay_signature": {}}', 422),
    (b'{"razorpay_order_id": "", "razorpay_payment_id": "p", "razorpay_signature": "s"}', 422),
    (b"[" * 100_000, 400),
    (
        b'{"razorpay_order_id": "\\ud800", "razorpay_payment_id": "\\u0000", "razorpay_signature": "\\u00e9"}',
        400,
    ),
]


def test_a_body_that_makes_no_sense_is_refused(anybody: Caller) -> None:
    for content, status in SENSELESS:
        answer = anybody.send("POST", CALLBACK, content=content, headers={"Content-Type": "application/json"})
        assert answer.status_code == status, content
        assert answer.json()["success"] is False


def test_a_form_that_makes_no_sense_is_400(anybody: Caller) -> None:
    for content, kind in (
        (b"", "application/x-www-form-urlencoded"),
        (b"%ff=%00&razorpay_order_id=", "application/x-www-form-urlencoded"),
        (b"garbage", "multipart/form-data"),
        (b"garbage", "multipart/form-data; boundary=x"),
    ):
        answer = anybody.send("POST", CALLBACK, content=content, headers={"Content-Type": kind})
        assert answer.status_code == 400, (content, kind)
