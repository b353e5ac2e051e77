"""From the search to the order, and the refusals on the way."""

from __future__ import annotations

from booking_ui.smoke.visit import Failed, Visit, must

SLOT = {"availabilityId", "doctorName", "speciality", "date", "time", "startsAt", "fee", "feePaise", "isBooked", "status"}  # fmt: skip
FORGED = "0" * 64


def finds_doctors(visit: Visit) -> str:
    found = visit.ask("GET", "/api/doctors?sort=name").expect(200).data
    must(bool(found), "no doctor")
    fewer = visit.ask("GET", "/api/doctors?q=zzzzqqqq").expect(200).data
    must(fewer == [], "a nonsense search finds somebody")
    return f"{len(found)} doctors"


def shows_times(visit: Visit) -> str:
    """Chooses the last free slot of the horizon, which patients miss least."""
    best: dict[str, object] | None = None
    for doctor in visit.ask("GET", "/api/doctors").expect(200).data:
        offered = (
            visit.ask("GET", f"/api/availability?doctorId={doctor['doctorId']}&days=14").expect(200).data
        )
        strange = [
            one for one in offered if not set(one) >= SLOT or one["isBooked"] == (one["status"] == "free")
        ]
        must(not strange, f"a time of another shape: {strange[:1]}")
        free = [one for one in offered if one["status"] == "free"]
        if free and (best is None or free[-1]["startsAt"] > str(best["startsAt"])):
            best = free[-1]
    if best is None:
        raise Failed("nobody has a free time in 14 days")
    visit.slot = best
    return f"{best['doctorName']}, {best['date']} {best['time']}"


def holds(visit: Visit) -> str:
    visit.may_book()
    body = {"availabilityId": visit.time["availabilityId"], "reason": "Smoke test"}
    held = visit.ask("POST", "/api/appointments", visit.patient, body).expect(201).data
    visit.booking = held
    must(held["status"] == "pending_payment" and bool(held["holdExpiresAt"]), f"it is {held['status']}")
    must(visit.slot_status() == "held", f"the time shows as {visit.slot_status()}")
    return f"held until {held['holdExpiresAt']}"


def orders(visit: Visit) -> str:
    visit.may_book()
    body = {"appointmentId": visit.held["appointmentId"]}
    first = visit.ask("POST", "/api/payments/intent", visit.patient, body).expect(200).data
    visit.order = first
    again = visit.ask("POST", "/api/payments/intent", visit.patient, body).expect(200).data
    must(again["gatewayOrderId"] == first["gatewayOrderId"], "asked again, another order")
    must(first["amountPaise"] == visit.time["feePaise"], f"{first['amountPaise']} paise is not the fee")
    must(first["checkoutOptions"]["order_id"] == first["gatewayOrderId"], "checkout names another order")
    return f"{first['gatewayOrderId']}, the same when asked again"


def keeps_the_second_out(visit: Visit) -> str:
    visit.may_book()
    body = {"availabilityId": visit.time["availabilityId"]}
    _ = visit.held
    answer = visit.ask("POST", "/api/appointments", visit.other, body).expect(409, "slot_taken")
    return f"409, with {len(answer.data['nearest'])} other times"


def hides_from_others(visit: Visit) -> str:
    visit.may_book()
    path = f"/api/appointments/{visit.held['appointmentId']}"
    visit.ask("GET", path, visit.other).expect(404, "not_found")
    visit.ask("GET", f"{path}/status", visit.other).expect(404, "not_found")
    visit.ask("POST", f"{path}/cancel", visit.other).expect(404, "not_found")
    visit.ask("GET", "/api/admin/appointments", visit.other).expect(403, "forbidden")
    return "read, status and cancel are 404; the desk's list is 403"


def refuses_a_forged_result(visit: Visit) -> str:
    order = visit.order["gatewayOrderId"] if visit.order else "order_SmokeForged001"
    forged = {
        "razorpay_order_id": order,
        "razorpay_payment_id": "pay_SmokeForged0001",
        "razorpay_signature": FORGED,
    }
    visit.ask("POST", "/api/appointments/payment-callback", body=forged).expect(400, "bad_signature")
    if visit.booking:
        must(visit.shown()["status"] == "pending_payment", "it moved the booking")
    return "400, nothing moved"


def refuses_a_forged_webhook(visit: Visit) -> str:
    path, body = "/api/appointments/razorpay-webhook", {"event": "payment.captured", "payload": {}}
    visit.ask("POST", path, body=body).expect(400, "bad_signature")
    signed = {"X-Razorpay-Signature": FORGED}
    visit.ask("POST", path, body=body, headers=signed).expect(400, "bad_signature")
    return "400 without a signature and with a wrong one"
