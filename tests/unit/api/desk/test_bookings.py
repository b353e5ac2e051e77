"""The desk's routes."""

from __future__ import annotations

import hashlib
import hmac
import time

import pytest
from sqlmodel import select

from booking_ui.config.settings import SANDBOX_WEBHOOK_SECRET
from booking_ui.db.models import Appointment, AuditEntry, Payment
from booking_ui.db.session import read
from booking_ui.edge import threads
from booking_ui.gateways.redis import alone
from booking_ui.services.booking import claim
from booking_ui.services.cases import reconciliation_cases
from booking_ui.services.cases.reconciliation_cases import CaseKind
from booking_ui.services.desk import webhook_log
from booking_ui.services.journal import audit
from booking_ui.services.payments import webhook_inbox
from tests.support import facts
from tests.support.api import Caller
from tests.support.cast import FEE, NOW, Cast
from tests.support.paying import opened, paid_at_the_desk
from tests.support.reconciliation import spoil
from tests.support.remarks import quoted
from tests.support.sandbox_control import a_silent_gateway, capture_now, pay
from tests.support.webhooks import ORDER, body, deliver

ROW = {
    "appointmentId", "paymentId", "reference", "status", "paymentStatus", "patientName", "visitorName", "patientEmail", "patientPhone",
    "doctorId", "doctorName", "speciality", "startsAt", "amount", "amountPaise", "method", "gatewayOrderId",
    "gatewayPaymentId", "needsAttention", "moneyPaise",
}  # fmt: skip


@pytest.fixture
def held(cast: Cast) -> int:
    return claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW).id


def statuses() -> tuple[str, str]:
    with read() as tx:
        appointment, payment = tx.exec(select(Appointment)).one(), tx.exec(select(Payment)).one()
        return appointment.status.value, payment.status.value


def test_the_table_has_one_page_of_bookings_with_counts(devi: Caller, held: int, cast: Cast) -> None:
    body = devi.get("/api/admin/appointments").json()
    assert (body["success"], body["message"]) == (True, "1 booking.")
    assert set(body["data"]) == {"appointments", "total", "page", "pages", "statusCounts", "moneyPaise"}
    (row,) = body["data"]["appointments"]
    assert set(row) == ROW
    assert (row["appointmentId"], row["patientEmail"], row["amountPaise"]) == (
        held,
        "asha@example.com",
        50000,
    )
    assert body["data"]["statusCounts"]["pending_payment"] == 1


def test_a_visit_whose_doctor_will_be_away_is_among_those_that_need_a_person(devi: Caller, held: int) -> None:
    paid = {"status": "captured", "reason": "Paid in cash"}
    assert devi.post(f"/api/admin/payments/{held}/mark", paid).status_code == 200

    def needy() -> list[dict[str, str]]:
        rows: list[dict[str, str]] = devi.get("/api/admin/appointments", status="attention").json()["data"][
            "appointments"
        ]
        return rows

    assert needy() == []
    with read() as tx:
        reference = tx.exec(select(Appointment.reference)).one()
    reconciliation_cases.open_case(kind=CaseKind.DOCTOR_AWAY, subject=reference, detail=quoted(""), now=NOW)
    (row,) = needy()
    assert row["reference"] == reference
    assert row["needsAttention"].startswith("The doctor will be away")


FILTERS: list[tuple[dict[str, str], int]] = [
    ({"status": "pending_payment"}, 1),
    ({"status": "confirmed"}, 0),
    ({"dateFrom": "2026-01-06", "dateTo": "2026-01-06"}, 1),
    ({"dateFrom": "2026-01-07"}, 0),
    ({"q": "asha"}, 1),
    ({"q": "bilal"}, 0),
    ({"page": "1", "pageSize": "1", "sort": "patient"}, 1),
    ({"page": "2", "pageSize": "1"}, 0),
]


@pytest.mark.parametrize(
    "key", ["startsAt", "createdAt", "amount", "status", "doctorName", "patientName", "urgency"]
)
def test_every_sort_key_that_the_description_names_sorts_either_way(
    devi: Caller, held: int, key: str
) -> None:
    assert f"`{key}`" in devi.get("/api/openapi.json").text
    for sort in (key, f"-{key}"):
        assert len(devi.get("/api/admin/appointments", sort=sort).json()["data"]["appointments"]) == 1


def test_the_filters_narrow(devi: Caller, held: int) -> None:
    for query, count in FILTERS:
        assert len(devi.get("/api/admin/appointments", **query).json()["data"]["appointments"]) == count, (
            query
        )


SENSELESS: list[tuple[str, str]] = [
    ("status=WAITING", "status"),
    ("sort=password_hash", "sort"),
    ("page=0", "page"),
    ("page=99999999999999999999", "page"),
    ("pageSize=101", "pageSize"),
    ("pageSize=x", "pageSize"),
    ("doctorId=0", "doctorId"),
    ("dateFrom=yesterday", "dateFrom"),
    ("dateFrom=2026-02-01&dateTo=2026-01-01", "dateTo"),
    ("q=%00", "q"),
]


def test_a_filter_that_makes_no_sense_names_its_field(devi: Caller) -> None:
    for query, field in SENSELESS:
        answer = devi.send("GET", f"/api/admin/appointments?{query}")
        assert answer.status_code == 422, query
        assert [one["field"] for one in answer.json()["errors"]] == [field]


def test_only_the_desk_may_look_or_mark(asha: Caller, anybody: Caller, held: int) -> None:
    mark = {"status": "captured", "reason": "paid in cash"}
    for who, status in ((asha, 403), (anybody, 401)):
        assert who.get("/api/admin/appointments").status_code == status
        assert who.post("/api/admin/payments/1/mark", mark).status_code == status
    assert statuses() == ("pending_payment", "pending")


def test_a_mark_is_made_in_the_name_of_who_is_signed_in(devi: Caller, held: int, cast: Cast) -> None:
    payment_id = devi.get("/api/admin/appointments").json()["data"]["appointments"][0]["paymentId"]
    path = f"/api/admin/payments/{payment_id}/mark"
    mark = {"status": "captured", "reason": "paid in cash", "reference": "R-17"}
    for_another = devi.post(path, {**mark, "adminId": cast.asha})
    assert [one["field"] for one in for_another.json()["errors"]] == ["adminId"]
    answer = devi.post(path, mark)
    data = {"paymentId": payment_id, "paymentStatus": "captured", "status": "confirmed"}
    assert answer.json() == {"success": True, "message": "Payment marked as captured.", "data": data}
    assert statuses() == ("confirmed", "captured")
    with read() as tx:
        assert tx.exec(select(Payment)).one().marked_by_id == cast.devi.person_id
        actors = {row.actor for row in audit.trail(tx, f"appointment:{held}")}
    assert f"admin:{cast.devi.person_id}" in actors


def test_a_mark_and_a_replay_wait_for_a_hanging_razorpay_no_longer_than_a_person_does(
    devi: Caller, cast: Cast, configured: pytest.MonkeyPatch
) -> None:
    configured.setattr(threads, "GATEWAY_SECONDS", 0.3)
    facts.held(cast, cast.asha, order=ORDER)
    returned = body(
        "payment.captured", "refunded", captured=True, amount_refunded=FEE
    )  # its refunds are asked for
    deliver(returned)
    event_id = webhook_log.stored().rows[0].id
    good = {"status": "captured", "reason": "the webhooks were lost", "reference": "pay_00000000000001"}
    for path, json in ((f"webhook-events/{event_id}/replay", {}), ("payments/1/mark", good)):
        with a_silent_gateway(configured):
            began = time.monotonic()
            answer = devi.post(f"/api/admin/{path}", json)
        assert (answer.status_code, time.monotonic() - began < 5) == (200, True), path
    assert statuses() == ("confirmed", "captured")


def test_a_mark_that_makes_no_sense_changes_nothing(devi: Caller, held: int) -> None:
    good = {"status": "captured", "reason": "paid in cash"}
    for change, field in (
        ({"status": "paid"}, "status"),
        ({"status": None}, "status"),
        ({"reason": ""}, "reason"),
        ({"reason": "x" * 301}, "reason"),
        ({"reason": "cash\x00"}, "reason"),
        ({"reference": "x" * 81}, "reference"),
        ({"reference": "pay_QXYZ abc1234567"}, "reference"),
        ({"reference": "pay_"}, "reference"),
    ):
        answer = devi.post("/api/admin/payments/1/mark", {**good, **change})
        assert answer.status_code == 422, change
        assert [one["field"] for one in answer.json()["errors"]] == [field]
    unknown = devi.post("/api/admin/payments/2147483647/mark", good)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")
    assert devi.post("/api/admin/payments/9223372036854775808/mark", good).status_code == 422
    assert statuses() == ("pending_payment", "pending")


WEBHOOK = {
    "receivedAt",
    "webhookEventId",
    "event",
    "status",
    "outcome",
    "received",
    "gatewayOrderId",
    "reference",
    "attempts",
}


def a_parked_message() -> int:
    """Signed, stored and not to be read."""
    body = b"not json"
    signature = hmac.new(SANDBOX_WEBHOOK_SECRET.encode(), body, hashlib.sha256).hexdigest()
    webhook_inbox.receive(body=body, signature=signature, event_id="TVCtA0000000aa", now=NOW)
    webhook_inbox.process_due(now=NOW)
    return webhook_log.stored().rows[0].id


def replays() -> list[str]:
    with read() as tx:
        return [row.actor for row in tx.exec(select(AuditEntry).where(AuditEntry.action == "replay")).all()]


def test_the_stored_webhooks_are_one_page_with_counts(devi: Caller) -> None:
    event_id = a_parked_message()
    body = devi.get("/api/admin/webhook-events", status="parked").json()
    assert (body["success"], body["message"]) == (True, "1 webhook.")
    (row,) = body["data"].pop("events")
    assert set(row) == WEBHOOK
    assert (row["webhookEventId"], row["status"], row["received"]) == (
        event_id,
        "parked",
        "Mon 5 Jan, 10:00 am",
    )
    assert (row["event"], row["gatewayOrderId"], row["reference"]) == ("unreadable", None, None)
    counts = {"waiting": 0, "done": 0, "ignored": 0, "parked": 1}
    assert body["data"] == {"total": 1, "page": 1, "pages": 1, "statusCounts": counts}
    assert devi.get("/api/admin/webhook-events", status="done").json()["data"]["events"] == []


def test_a_webhook_filter_that_makes_no_sense_names_its_field(devi: Caller) -> None:
    for query, field in (("status=lost", "status"), ("page=0", "page"), ("pageSize=101", "pageSize")):
        answer = devi.send("GET", f"/api/admin/webhook-events?{query}")
        assert answer.status_code == 422, query
        assert [one["field"] for one in answer.json()["errors"]] == [field]


def test_a_replay_is_made_in_the_name_of_who_is_signed_in_and_says_what_was_done(
    devi: Caller, cast: Cast
) -> None:
    event_id = a_parked_message()
    outcome = webhook_log.stored().rows[0].outcome
    answer = devi.post(f"/api/admin/webhook-events/{event_id}/replay")
    assert answer.json() == {"success": True, "message": "Replayed.", "data": {"outcome": outcome}}
    assert replays() == [f"admin:{cast.devi.person_id}"]


def test_a_webhook_that_does_not_exist_cannot_be_replayed(devi: Caller) -> None:
    unknown = devi.post("/api/admin/webhook-events/2147483647/replay")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")
    assert devi.post("/api/admin/webhook-events/0/replay").status_code == 422
    assert replays() == []


def test_only_the_desk_may_see_or_replay_webhooks(asha: Caller, anybody: Caller) -> None:
    event_id = a_parked_message()
    for who, status in ((asha, 403), (anybody, 401)):
        assert who.get("/api/admin/webhook-events").status_code == status
        assert who.post(f"/api/admin/webhook-events/{event_id}/replay").status_code == status
    assert replays() == []


def test_money_that_is_kept_goes_back_once_for_each_key(devi: Caller, held: int, cast: Cast) -> None:
    paid_at_the_desk(cast, held)
    address, body = (
        f"/api/admin/appointments/{held}/refund",
        {"amountPaise": 12_345, "reason": "the doctor was late"},
    )
    answers = [devi.send("POST", address, json=body, headers={"Idempotency-Key": "one"}) for _ in range(2)]
    data = {"appointmentId": held, "refundPaise": 12_345, "keptPaise": 37_655, "refundStatus": "processed",
            "paymentStatus": "partially_refunded"}  # fmt: skip
    assert [one.json() for one in answers] == [
        {"success": True, "message": "₹123.45 counts as given back.", "data": data}
    ] * 2
    assert statuses() == ("confirmed", "partially_refunded")


def test_a_refund_that_cannot_be_names_its_field_or_the_state(
    devi: Caller, asha: Caller, held: int, cast: Cast
) -> None:
    address, good = (
        f"/api/admin/appointments/{held}/refund",
        {"amountPaise": 100, "reason": "the doctor was late"},
    )
    refused = devi.post(address, good)
    assert (refused.status_code, refused.json()["code"]) == (409, "wrong_state")
    paid_at_the_desk(cast, held)
    for change, field in (
        ({"amountPaise": 50_001}, "amountPaise"),
        ({"amountPaise": 0}, "amountPaise"),
        ({"amountPaise": "100"}, "amountPaise"),
        ({"amountPaise": 2**40}, "amountPaise"),
        ({"reason": "x"}, "reason"),
    ):
        answer = devi.post(address, {**good, **change})
        assert answer.status_code == 422, change
        assert [one["field"] for one in answer.json()["errors"]] == [field]
    assert asha.post(address, good).status_code == 403
    assert devi.post("/api/admin/appointments/2147483647/refund", good).status_code == 404
    assert statuses() == ("confirmed", "captured")


def test_the_desk_asks_razorpay_and_is_told_what_changed(devi: Caller, cast: Cast, sandbox: str) -> None:
    appointment_id, order_id = opened(cast, cast.asha)
    address = f"/api/admin/appointments/{appointment_id}/ask"
    assert devi.post(address).json()["message"] == "Razorpay knows nothing new: nobody has tried to pay."
    pay(sandbox, order_id)
    capture_now(sandbox)
    said = "A payment of ₹500 is captured, the visit is confirmed now."
    data = {
        "appointmentId": appointment_id, "orders": [order_id], "changed": True, "said": said,
        "statusBefore": "pending_payment", "status": "confirmed", "paymentStatusBefore": "pending", "paymentStatus": "captured",
    }  # fmt: skip
    assert devi.post(address).json() == {"success": True, "message": said, "data": data}
    assert statuses() == ("confirmed", "captured")


def test_a_question_is_the_desks_alone_about_a_booking_that_is_there(
    devi: Caller, asha: Caller, anybody: Caller, held: int
) -> None:
    address = f"/api/admin/appointments/{held}/ask"
    assert [who.post(address).status_code for who in (asha, anybody)] == [403, 401]
    unknown = devi.post("/api/admin/appointments/2147483647/ask")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")
    assert devi.post("/api/admin/appointments/0/ask").status_code == 422


def test_a_question_that_cannot_be_asked_says_why_with_a_code(devi: Caller, cast: Cast, sandbox: str) -> None:
    appointment_id, _ = opened(cast, cast.asha)
    address = f"/api/admin/appointments/{appointment_id}/ask"
    with alone(f"ask:{appointment_id}"):
        busy = devi.post(address)
    assert (busy.status_code, busy.json()["code"], busy.headers["Retry-After"]) == (409, "asked_already", "3")
    spoil(sandbox, "502", "/v1/orders/*")
    away = devi.post(address)
    assert (away.status_code, away.json()["code"]) == (503, "gateway_unavailable")
    assert away.json()["message"] == "Razorpay did not answer. Please try again in a minute."
