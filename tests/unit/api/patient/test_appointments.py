"""Claiming, paying, seeing and cancelling through the API, with the real sandbox as Razorpay."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from booking_ui.config.settings import settings
from booking_ui.db.models import Payment
from booking_ui.db.session import read
from tests.support.api import (
    APPOINTMENT,
    BAD_IDS,
    Caller,
    Clock,
    Door,
    bookings,
    claimed,
    confirmed,
    refusal,
    signed_in,
)
from tests.support.cast import FIRST_SLOT, NOW, Cast
from tests.support.sandbox_control import a_silent_gateway, checkout_result

INTENT = {
    "appointmentId", "gatewayOrderId", "amount", "amountPaise", "currency", "keyId", "scriptUrl", "checkoutOptions",
}  # fmt: skip


def orders() -> list[str | None]:
    with read() as tx:
        return list(tx.exec(select(Payment.gateway_order_id)).all())


def test_a_claim_is_201_and_holds_the_time(asha: Caller, cast: Cast) -> None:
    answer = asha.post("/api/appointments", {"availabilityId": cast.slots[1], "reason": " Palpitations "})
    assert answer.status_code == 201
    body = answer.json()
    assert set(body) == {"success", "message", "data"}
    (held,) = bookings()
    assert held.patient_id == cast.asha
    assert body["data"] == {
        "appointmentId": held.id,
        "reference": held.reference,
        "status": "pending_payment",
        "paymentStatus": "pending",
        "amount": 500.0,
        "amountPaise": 50000,
        "doctorId": cast.chandra,
        "doctorName": "Dr Chandra Rao",
        "speciality": "Cardiologist",
        "reason": "Palpitations",
        "appointmentDate": "2026-01-06",
        "appointmentTime": "10:30 am",
        "startsAt": "2026-01-06T05:00:00Z",
        "holdExpiresAt": "2026-01-05T04:45:00Z",
        "gatewayOrderId": None,
        "gatewayPaymentId": None,
        "dependentId": None,
        "patientName": "Asha",
        "cancelRefundPaise": None,
        "cancelRefundUntil": None,
        "canReschedule": False,
        "paidAmount": 0.0,
        "paidPaise": 0,
        "refundedAmount": 0.0,
        "refundedPaise": 0,
    }


def test_claiming_ones_own_held_time_gives_the_same_hold(asha: Caller, cast: Cast) -> None:
    assert claimed(asha, cast.slots[0]) == claimed(asha, cast.slots[0])
    assert len(bookings()) == 1


def test_a_patient_a_fee_or_a_status_in_the_body_is_refused_by_name(asha: Caller, cast: Cast) -> None:
    wanted = {"patientId": cast.bilal, "feePaise": 1, "status": "confirmed"}
    answer = asha.post("/api/appointments", {"availabilityId": cast.slots[0], **wanted})
    assert refusal(answer) == (422, "validation")
    assert [one["field"] for one in answer.json()["errors"]] == list(wanted)
    assert bookings() == []


def test_a_visit_is_for_the_caller_at_the_doctors_fee(asha: Caller, cast: Cast) -> None:
    claimed(asha, cast.slots[0])
    (held,) = bookings()
    assert (held.patient_id, held.fee_paise, held.status) == (cast.asha, 50000, "pending_payment")


def test_a_taken_time_is_409_with_the_three_nearest(asha: Caller, bilal: Caller, cast: Cast) -> None:
    claimed(bilal, cast.slots[0])
    for path in ("/api/appointments", "/api/appointments/book"):
        answer = asha.post(path, {"availabilityId": cast.slots[0]})
        assert refusal(answer) == (409, "slot_taken")
        nearest = answer.json()["data"]["nearest"]
        assert [one["availabilityId"] for one in nearest] == list(cast.slots[1:4])
        day = asha.get("/api/availability", doctorId=cast.chandra).json()["data"]
        assert nearest == day[1:4]
    assert len(bookings()) == 1


def test_a_time_that_has_begun_is_410(door: Door, cast: Cast, clock: Clock) -> None:
    clock.now = FIRST_SLOT
    asha = signed_in(door, cast.asha, FIRST_SLOT)
    assert refusal(asha.post("/api/appointments", {"availabilityId": cast.slots[0]})) == (410, "slot_gone")
    assert bookings() == []


def test_a_fourth_hold_is_refused(asha: Caller, cast: Cast) -> None:
    for slot in cast.slots[:3]:
        claimed(asha, slot)
    answer = asha.post("/api/appointments", {"availabilityId": cast.slots[3]})
    assert refusal(answer) == (409, "too_many_holds")
    assert len(bookings()) == 3


def test_the_desk_books_for_nobody(devi: Caller, cast: Cast) -> None:
    assert refusal(devi.post("/api/appointments", {"availabilityId": cast.slots[0]})) == (403, "forbidden")
    assert refusal(devi.get("/api/appointments")) == (403, "forbidden")
    assert bookings() == []


def test_an_intent_is_razorpays_order_and_the_same_one_again(asha: Caller, cast: Cast, sandbox: str) -> None:
    held = claimed(asha, cast.slots[0])
    first = asha.post("/api/payments/intent", {"appointmentId": held["appointmentId"]})
    assert first.status_code == 200
    data = first.json()["data"]
    assert set(data) == INTENT
    assert data["gatewayOrderId"].startswith("order_")
    assert (data["amount"], data["amountPaise"], data["currency"]) == (500.0, 50000, "INR")
    assert data["checkoutOptions"]["order_id"] == data["gatewayOrderId"]
    assert data["checkoutOptions"]["amount"] == 50000
    assert data["checkoutOptions"]["key"] == data["keyId"] == "rzp_test_localsandbox01"
    again = asha.post("/api/payments/intent", {"appointmentId": held["appointmentId"]}).json()["data"]
    assert again["gatewayOrderId"] == data["gatewayOrderId"]
    assert orders() == [data["gatewayOrderId"]]


def test_booking_in_one_call_holds_and_orders(asha: Caller, cast: Cast, sandbox: str) -> None:
    answer = asha.post("/api/appointments/book", {"availabilityId": cast.slots[0]})
    assert answer.status_code == 201
    body = answer.json()
    assert body["message"] == "Booking initiated. Please complete payment."
    assert set(body["data"]) == INTENT | {"status", "holdExpiresAt"}
    assert body["data"]["status"] == "pending_payment"
    assert body["data"]["holdExpiresAt"] == "2026-01-05T04:45:00Z"
    assert orders() == [body["data"]["gatewayOrderId"]]


def test_when_razorpay_is_down_the_hold_is_kept(asha: Caller, cast: Cast, dead_gateway: str) -> None:
    answer = asha.post("/api/appointments/book", {"availabilityId": cast.slots[0]})
    assert refusal(answer) == (503, "gateway_unavailable")
    held = answer.json()["data"]["appointment"]
    assert set(held) == APPOINTMENT
    assert held["status"] == "pending_payment"
    assert asha.get(f"/api/appointments/{held['appointmentId']}").json()["data"] == held
    intent = asha.post("/api/payments/intent", {"appointmentId": held["appointmentId"]})
    assert refusal(intent) == (503, "gateway_unavailable")
    assert asha.get(f"/api/appointments/{held['appointmentId']}/status").status_code == 200


def test_no_order_for_a_hold_that_has_ended(
    asha: Caller, door: Door, cast: Cast, clock: Clock, sandbox: str
) -> None:
    held = claimed(asha, cast.slots[0])
    clock.now = NOW + timedelta(minutes=15)
    later = signed_in(door, cast.asha, clock.now)
    answer = later.post("/api/payments/intent", {"appointmentId": held["appointmentId"]})
    assert refusal(answer) == (409, "hold_expired")
    assert orders() == [None]


def test_a_status_polled_without_end_is_answered_without_asking_razorpay(
    asha: Caller, cast: Cast, sandbox: str, configured: pytest.MonkeyPatch
) -> None:
    configured.setenv("RATE_LIMIT_QUESTIONS", "1/hour")
    settings.cache_clear()
    booked = asha.post("/api/appointments/book", {"availabilityId": cast.slots[0]}).json()["data"]
    path = f"/api/appointments/{booked['appointmentId']}/status"
    asha.get(path)
    with a_silent_gateway(configured) as called:
        answers = [asha.get(path) for _ in range(20)]
        assert not called()
    assert {one.json()["data"]["status"] for one in answers} == {"pending_payment"}


def test_money_that_comes_after_a_failure_is_found_by_its_status(
    asha: Caller, cast: Cast, sandbox: str
) -> None:
    booked = asha.post("/api/appointments/book", {"availabilityId": cast.slots[0]}).json()["data"]
    path = f"/api/appointments/{booked['appointmentId']}/status"
    checkout_result(sandbox, booked["gatewayOrderId"], outcome="payment_failed")
    assert asha.get(path).json()["data"]["status"] == "failed"
    checkout_result(sandbox, booked["gatewayOrderId"])
    assert asha.get(path).json()["data"]["status"] == "confirmed"


def test_paying_confirms_and_status_follows_without_a_webhook(asha: Caller, cast: Cast, sandbox: str) -> None:
    booked = asha.post("/api/appointments/book", {"availabilityId": cast.slots[0]}).json()["data"]
    checkout_result(sandbox, booked["gatewayOrderId"])
    path = f"/api/appointments/{booked['appointmentId']}"
    assert asha.get(path).json()["data"]["status"] == "pending_payment"
    answer = asha.get(f"{path}/status")
    assert answer.status_code == 200
    data = answer.json()["data"]
    assert set(data) == APPOINTMENT
    assert (data["status"], data["paymentStatus"], data["holdExpiresAt"]) == ("confirmed", "captured", None)
    assert data["gatewayPaymentId"].startswith("pay_")
    assert asha.get(path).json()["data"] == data


def test_a_long_list_comes_in_pages(asha: Caller, cast: Cast) -> None:
    mine = [claimed(asha, slot) for slot in cast.slots[:3]]
    pages = [asha.get("/api/appointments", when="upcoming", page=n, pageSize=2).json() for n in (1, 2, 9)]
    assert [page["data"] for page in pages] == [mine[:2], mine[2:], []]
    assert [page["paging"] for page in pages] == [
        {"page": n, "pageSize": 2, "pages": 2, "total": 3} for n in (1, 2, 9)
    ]
    for wrong in ({"page": 0}, {"pageSize": 0}, {"pageSize": 101}, {"page": "x"}):
        assert asha.get("/api/appointments", **wrong).status_code == 422


def test_a_field_has_one_name(asha: Caller, cast: Cast) -> None:
    answer = asha.post("/api/appointments", {"availability_id": cast.slots[0]})
    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["errors"]] == ["availabilityId", "availability_id"]


def test_the_list_is_the_callers_own_narrowed_by_when_and_status(
    asha: Caller, bilal: Caller, cast: Cast
) -> None:
    mine = claimed(asha, cast.slots[0])
    claimed(bilal, cast.slots[1])
    body = asha.get("/api/appointments").json()
    paging = {"page": 1, "pageSize": 100, "pages": 1, "total": 1}
    assert body == {"success": True, "message": "1 appointment.", "data": [mine], "paging": paging}
    assert asha.get("/api/appointments", when="upcoming").json()["data"] == [mine]
    assert asha.get("/api/appointments", when="past").json()["data"] == []
    assert asha.get("/api/appointments", status="pending_payment").json()["data"] == [mine]
    assert asha.get("/api/appointments", status="confirmed").json()["data"] == []
    assert asha.get("/api/appointments", when="", status="").json()["data"] == [mine]


def test_cancelling_gives_the_money_back_to_the_paisa(asha: Caller, cast: Cast, sandbox: str) -> None:
    booked = confirmed(asha, cast.slots[0], sandbox)
    answer = asha.post(f"/api/appointments/{booked['appointmentId']}/cancel")
    assert answer.status_code == 200
    body = answer.json()
    assert body["message"] == "Appointment cancelled. Refund of ₹500 initiated."
    assert set(body["data"]) == APPOINTMENT | {"refundAmount", "refundPaise"}
    assert body["data"]["status"] == "cancelled"
    assert (body["data"]["refundAmount"], body["data"]["refundPaise"]) == (500.0, 50000)
    free = asha.get("/api/availability", doctorId=cast.chandra).json()["data"]
    assert free[0]["status"] == "free"


def test_only_a_confirmed_appointment_can_be_cancelled(asha: Caller, cast: Cast) -> None:
    held = claimed(asha, cast.slots[0])
    assert refusal(asha.post(f"/api/appointments/{held['appointmentId']}/cancel")) == (409, "wrong_state")
    assert [one.status for one in bookings()] == ["pending_payment"]


def test_a_strangers_appointment_does_not_exist(
    asha: Caller, bilal: Caller, cast: Cast, sandbox: str
) -> None:
    booked = confirmed(asha, cast.slots[0], sandbox)
    theirs, unknown = booked["appointmentId"], 2_147_483_647
    for method, path in (("GET", ""), ("GET", "/status"), ("POST", "/cancel")):
        answers = [bilal.send(method, f"/api/appointments/{one}{path}") for one in (theirs, unknown)]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].json() == answers[1].json()
    intents = [bilal.post("/api/payments/intent", {"appointmentId": one}) for one in (theirs, unknown)]
    assert [answer.status_code for answer in intents] == [404, 404]
    assert intents[0].json() == intents[1].json()
    assert [one.status for one in bookings()] == ["confirmed"]


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/api/appointments", "availabilityId"),
        ("/api/appointments/book", "availabilityId"),
        ("/api/payments/intent", "appointmentId"),
    ],
)
def test_an_id_that_is_none_is_422_and_claims_nothing(asha: Caller, path: str, field: str) -> None:
    for bad in BAD_IDS:
        answer = asha.post(path, {field: bad})
        assert refusal(answer) == (422, "validation"), bad
        assert [one["field"] for one in answer.json()["errors"]] == [field]
    assert [one["field"] for one in asha.post(path, {}).json()["errors"]] == [field]
    assert bookings() == []


def test_a_time_that_was_never_there_is_404(asha: Caller) -> None:
    assert refusal(asha.post("/api/appointments", {"availabilityId": 2_147_483_647})) == (404, "not_found")


def test_a_reason_is_text_that_can_be_stored(asha: Caller, cast: Cast) -> None:
    for bad in ("x" * 301, "\x00", "\x1b[31m", 5, ["x"]):
        answer = asha.post("/api/appointments", {"availabilityId": cast.slots[0], "reason": bad})
        assert refusal(answer) == (422, "validation"), bad
    assert bookings() == []
    held = claimed(asha, cast.slots[0], reason="सीने में दर्द\nदो दिन से 🫀")
    assert held["reason"] == "सीने में दर्द\nदो दिन से 🫀"


def test_a_bad_id_in_the_path_is_422_never_500(asha: Caller) -> None:
    for bad in ("x", "0", "-1", "1.5", "2147483648", "9223372036854775808", "9" * 5000, "%00", "٣x"):
        for method, path in (("GET", ""), ("GET", "/status"), ("POST", "/cancel")):
            answer = asha.send(method, f"/api/appointments/{bad}{path}")
            assert answer.status_code in (404, 422), (bad, path)


def test_an_unknown_filter_value_names_its_field(asha: Caller) -> None:
    for query in ({"when": "soon"}, {"status": "WAITING"}):
        answer = asha.get("/api/appointments", **query)
        assert refusal(answer) == (422, "validation")
        assert [one["field"] for one in answer.json()["errors"]] == list(query)
