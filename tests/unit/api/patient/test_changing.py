"""Moving and cancelling through the API, by the patient and by the desk."""

from __future__ import annotations

from datetime import timedelta

import pytest

from booking_ui.config.settings import settings
from booking_ui.services.refunds import send
from tests.support.api import (
    APPOINTMENT,
    BAD_IDS,
    Caller,
    Clock,
    Door,
    Json,
    bookings,
    claimed,
    confirmed,
    refusal,
    signed_in,
)
from tests.support.cast import FEE, FIRST_SLOT, Cast

TOO_LATE = FIRST_SLOT - timedelta(hours=3)


def move(who: Caller, booked: Json, slot_id: object) -> tuple[int, Json]:
    answer = who.post(f"/api/appointments/{booked['appointmentId']}/reschedule", {"availabilityId": slot_id})
    return answer.status_code, answer.json()


def statuses(who: Caller, cast: Cast) -> list[str]:
    return [one["status"] for one in who.get("/api/availability", doctorId=cast.chandra).json()["data"]]


def test_a_visit_is_moved_and_its_old_time_is_free_at_once(asha: Caller, cast: Cast, sandbox: str) -> None:
    booked = confirmed(asha, cast.slots[0], sandbox)
    status, body = move(asha, booked, cast.slots[2])
    assert (status, body["message"]) == (200, "Your visit is on Tue 6 Jan, 11:00 am.")
    data = body["data"]
    assert isinstance(data, dict)
    assert set(data) == APPOINTMENT
    assert (data["startsAt"], data["status"], data["paymentStatus"]) == (
        "2026-01-06T05:30:00Z",
        "confirmed",
        "captured",
    )
    assert statuses(asha, cast) == ["free", "free", "booked", "free"]
    assert move(asha, booked, cast.slots[2]) == (status, body)


def test_a_move_to_a_taken_time_names_the_nearest(
    asha: Caller, bilal: Caller, cast: Cast, sandbox: str
) -> None:
    booked = confirmed(asha, cast.slots[0], sandbox)
    claimed(bilal, cast.slots[1])
    status, body = move(asha, booked, cast.slots[1])
    assert (status, body["code"]) == (409, "slot_taken")
    data = body["data"]
    assert isinstance(data, dict)
    assert [one["availabilityId"] for one in data["nearest"]] == [cast.slots[2], cast.slots[3]]


def test_a_move_is_refused_when_it_cannot_be(
    door: Door, asha: Caller, bilal: Caller, cast: Cast, clock: Clock, sandbox: str
) -> None:
    held = claimed(asha, cast.slots[1])
    assert move(asha, held, cast.slots[2])[1]["code"] == "wrong_state"
    booked = confirmed(asha, cast.slots[0], sandbox)
    theirs, unknown = (
        move(bilal, booked, cast.slots[2]),
        move(bilal, {"appointmentId": 2**31 - 1}, cast.slots[2]),
    )
    assert theirs == unknown
    assert theirs[0] == 404
    for bad in BAD_IDS:
        status, body = move(asha, booked, bad)
        assert (status, body["code"]) == (422, "validation"), bad
    assert move(asha, booked, 2**31 - 1)[0] == 404
    clock.now = TOO_LATE
    late = signed_in(door, cast.asha, TOO_LATE)
    assert move(late, booked, cast.slots[2])[1]["code"] == "too_late_to_reschedule"
    assert [one.starts_at for one in bookings() if one.status == "confirmed"] == [FIRST_SLOT]


def test_cancelling_by_the_bands_says_the_exact_part_before_and_after(
    door: Door, asha: Caller, cast: Cast, clock: Clock, sandbox: str, configured: pytest.MonkeyPatch
) -> None:
    configured.setenv("CANCELLATION_POLICY", "24:100,4:50")
    settings.cache_clear()
    booked = confirmed(asha, cast.slots[0], sandbox)
    path = f"/api/appointments/{booked['appointmentId']}"
    before = asha.get(path).json()["data"]
    assert (before["cancelRefundPaise"], before["cancelRefundUntil"], before["canReschedule"]) == (
        FEE,
        "2026-01-05T04:30:00Z",
        True,
    )
    clock.now = FIRST_SLOT - timedelta(hours=10)
    later = signed_in(door, cast.asha, clock.now)
    assert later.get(path).json()["data"]["cancelRefundPaise"] == FEE // 2
    done = later.post(f"{path}/cancel").json()
    assert (done["message"], done["data"]["refundPaise"], done["data"]["paymentStatus"]) == (
        "Appointment cancelled. Refund of ₹250 initiated.",
        FEE // 2,
        "refund_pending",
    )
    send.send_due(now=clock.now)
    assert later.get(path).json()["data"]["paymentStatus"] == "partially_refunded"
    assert (done["data"]["cancelRefundPaise"], done["data"]["canReschedule"]) == (None, False)


def test_after_the_last_cutoff_only_the_desk_cancels(
    door: Door, asha: Caller, cast: Cast, clock: Clock, sandbox: str
) -> None:
    booked = confirmed(asha, cast.slots[0], sandbox)
    clock.now = TOO_LATE
    hers, desk = signed_in(door, cast.asha, TOO_LATE), signed_in(door, cast.devi.person_id, TOO_LATE)
    answer = hers.post(f"/api/appointments/{booked['appointmentId']}/cancel")
    assert refusal(answer) == (409, "too_late_to_cancel")
    assert settings().support_phone in answer.json()["message"]
    path = f"/api/admin/appointments/{booked['appointmentId']}/cancel"
    body = {"refundPaise": 20_000, "reason": "The doctor was called away"}
    for wrong, field in (
        ({"refundPaise": FEE + 1}, "refundPaise"), ({"refundPaise": -1}, "refundPaise"), ({"refundPaise": "all"}, "refundPaise"),
        ({"refundPaise": 50}, "refundPaise"), ({"reason": ""}, "reason"), ({"reason": "x" * 301}, "reason"),
    ):  # fmt: skip
        refused = desk.post(path, {**body, **wrong})
        assert refusal(refused) == (422, "validation")
        assert [one["field"] for one in refused.json()["errors"]] == [field]
    assert [one.status for one in bookings()] == ["confirmed"]
    done = desk.post(path, body).json()
    assert (done["data"]["status"], done["data"]["refundPaise"], done["data"]["paymentStatus"]) == (
        "cancelled",
        20_000,
        "refund_pending",
    )
    send.send_due(now=clock.now)
    seen = hers.get(f"/api/appointments/{booked['appointmentId']}").json()["data"]
    assert seen["paymentStatus"] == "partially_refunded"
    assert refusal(desk.post(path, body)) == (409, "wrong_state")


def test_only_the_desk_cancels_for_others(asha: Caller, anybody: Caller, devi: Caller, cast: Cast) -> None:
    held = claimed(asha, cast.slots[0])
    path, body = f"/api/admin/appointments/{held['appointmentId']}/cancel", {"refundPaise": 0, "reason": "No"}
    assert asha.post(path, body).status_code == 403
    assert anybody.post(path, body).status_code == 401
    unknown = devi.post(
        "/api/admin/appointments/2147483647/cancel", {"refundPaise": 0, "reason": "Wrong one"}
    )
    assert refusal(unknown) == (404, "not_found")
