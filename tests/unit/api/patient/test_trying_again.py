"""Holding the same time again, and giving it up, through the API."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.api import Caller, Clock, Door, Json, claimed, confirmed, refusal, signed_in
from tests.support.cast import Cast
from tests.support.sandbox_control import checkout_result


def ask(who: Caller, booked: Json, what: str) -> Json:
    answer = who.post(f"/api/appointments/{booked['appointmentId']}/{what}")
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()["data"]
    return found


def statuses(who: Caller, cast: Cast) -> list[str]:
    return [one["status"] for one in who.get("/api/availability", doctorId=cast.chandra).json()["data"]]


@pytest.mark.parametrize("ended", ["given up", "its time is over"])
def test_the_same_appointment_and_order_are_paid_after_another_try(
    door: Door, asha: Caller, cast: Cast, clock: Clock, sandbox: str, ended: str
) -> None:
    booked = asha.post("/api/appointments/book", {"availabilityId": cast.slots[0]}).json()["data"]
    if ended == "given up":
        ask(asha, booked, "let-go")
    else:
        clock.now += timedelta(minutes=16)
        asha = signed_in(door, cast.asha, clock.now)
    assert statuses(asha, cast)[0] == "free"
    held = ask(asha, booked, "try-again")
    assert (held["appointmentId"], held["status"]) == (booked["appointmentId"], "pending_payment")
    assert statuses(asha, cast)[0] == "held"
    assert ask(asha, booked, "try-again")["holdExpiresAt"] == held["holdExpiresAt"]
    intent = asha.post("/api/payments/intent", {"appointmentId": booked["appointmentId"]}).json()["data"]
    assert intent["gatewayOrderId"] == booked["gatewayOrderId"]
    asha.post("/api/appointments/payment-callback", checkout_result(sandbox, booked["gatewayOrderId"]))
    assert asha.get(f"/api/appointments/{booked['appointmentId']}").json()["data"]["status"] == "confirmed"


def test_a_time_that_others_took_meanwhile_names_the_nearest(asha: Caller, bilal: Caller, cast: Cast) -> None:
    booked = claimed(asha, cast.slots[0])
    ask(asha, booked, "let-go")
    claimed(bilal, cast.slots[0])
    answer = asha.post(f"/api/appointments/{booked['appointmentId']}/try-again")
    assert refusal(answer) == (409, "slot_taken")
    nearest = [one["availabilityId"] for one in answer.json()["data"]["nearest"]]
    assert nearest == [cast.slots[1], cast.slots[2], cast.slots[3]]


def test_letting_go_frees_the_time_and_a_place_among_the_open_holds(asha: Caller, cast: Cast) -> None:
    held = [claimed(asha, slot) for slot in cast.slots[:3]]
    assert refusal(asha.post("/api/appointments", {"availabilityId": cast.slots[3]})) == (
        409,
        "too_many_holds",
    )
    for _ in range(2):  # again changes nothing
        assert ask(asha, held[0], "let-go")["status"] == "failed"
    claimed(asha, cast.slots[3])
    assert statuses(asha, cast) == ["free", "held", "held", "held"]


def test_a_visit_that_is_paid_is_neither_held_again_nor_let_go(
    asha: Caller, cast: Cast, sandbox: str
) -> None:
    booked = confirmed(asha, cast.slots[0], sandbox)
    for what in ("try-again", "let-go"):
        answer = asha.post(f"/api/appointments/{booked['appointmentId']}/{what}")
        assert refusal(answer) == (409, "wrong_state")
    assert statuses(asha, cast)[0] == "booked"


@pytest.mark.parametrize("door_again", ["/api/appointments", "/api/appointments/book"])
def test_taking_the_same_time_again_is_the_same_appointment_and_order(
    door: Door, asha: Caller, cast: Cast, clock: Clock, sandbox: str, door_again: str
) -> None:
    wish = {"availabilityId": cast.slots[0], "reason": None, "dependentId": None}
    first = asha.post("/api/appointments/book", wish).json()["data"]
    clock.now += timedelta(minutes=16)
    asha = signed_in(door, cast.asha, clock.now)
    again = asha.post(door_again, wish)
    assert again.status_code == 201
    held = again.json()["data"]
    assert (held["appointmentId"], held["gatewayOrderId"]) == (
        first["appointmentId"],
        first["gatewayOrderId"],
    )
    (listed,) = asha.get("/api/appointments").json()["data"]
    assert (listed["status"], listed["paymentStatus"]) == ("pending_payment", "pending")
