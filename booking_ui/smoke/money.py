"""A payment made, shown and given back, and nothing left behind."""

from __future__ import annotations

from booking_ui.smoke.visit import Account, NeedsPerson, Visit, must, soon

DEMO_DESK = ("devi@example.com", "demo-clinic")
LIVE = {"pending_payment", "confirmed"}
GIVEN_BACK = {"refunded", "partially_refunded"}


def confirms(visit: Visit) -> str:
    visit.may_pay()
    visit.sandbox_pays(visit.ordered, "success")
    seconds = soon(lambda: visit.shown()["status"] == "confirmed", "the webhook did not confirm it")
    visit.paid = True
    return f"confirmed by the webhook after {seconds:.1f} s"


def shows_it_paid(visit: Visit) -> str:
    _paid(visit)
    path = f"/api/appointments/{visit.held['appointmentId']}/status"
    seen = visit.ask("GET", path, visit.patient).expect(200).data
    must(
        seen["paymentStatus"] == "captured" and bool(seen["gatewayPaymentId"]),
        f"it is {seen['paymentStatus']}",
    )
    must(seen["amountPaise"] == visit.time["feePaise"], "another amount")
    mine = visit.ask("GET", "/api/appointments?when=upcoming", visit.patient).expect(200).data
    must([one["appointmentId"] for one in mine] == [seen["appointmentId"]], "not in My appointments")
    return f"{seen['gatewayPaymentId']}, in My appointments"


def shows_the_desk(visit: Visit) -> str:
    visit.may_book()
    desk, reference = _desk(visit), visit.held["reference"]
    found = visit.ask("GET", f"/api/admin/appointments?q={reference}", desk).expect(200).data["appointments"]
    must([row["reference"] for row in found] == [reference], f"{len(found)} bookings for {reference}")
    row = found[0]
    must(row["gatewayOrderId"] == visit.ordered["gatewayOrderId"], "with another order")
    if visit.paid:
        must(row["paymentStatus"] == "captured" and bool(row["gatewayPaymentId"]), "without its payment")
    return f"{reference}: {row['status']}, {row['paymentStatus']}"


def shows_the_webhook(visit: Visit) -> str:
    _paid(visit)
    desk, order = _desk(visit), visit.ordered["gatewayOrderId"]

    def handled() -> bool:
        events = visit.ask("GET", "/api/admin/webhook-events?pageSize=100", desk).expect(200).data["events"]
        return any(
            one["gatewayOrderId"] == order and one["event"] == "payment.captured" and one["status"] == "done"
            for one in events
        )

    soon(handled, "payment.captured is not among the handled webhooks")
    return "payment.captured: done"


def gives_back(visit: Visit) -> str:
    _paid(visit)
    path = f"/api/appointments/{visit.held['appointmentId']}/cancel"
    told = visit.ask("POST", path, visit.patient).expect(200).data
    must(0 < told["refundPaise"] <= told["amountPaise"], f"{told['refundPaise']} paise would go back")
    again = visit.ask("POST", path, visit.patient).expect(200).data
    must(again["refundPaise"] == told["refundPaise"], "asked twice, another refund")
    soon(lambda: visit.shown()["paymentStatus"] in GIVEN_BACK, "the refund was not processed")
    must(visit.slot_status() == "free", f"the time shows as {visit.slot_status()}")
    return f"{told['refundPaise']} of {told['amountPaise']} paise back, the time is free"


def frees_after_a_failure(visit: Visit) -> str:
    visit.may_pay()
    body = {"availabilityId": visit.time["availabilityId"], "reason": "Smoke test"}
    order = visit.ask("POST", "/api/appointments/book", visit.other, body).expect(201).data
    path = f"/api/appointments/{order['appointmentId']}"
    visit.sandbox_pays(order, "card_declined")
    soon(
        lambda: visit.ask("GET", path, visit.other).expect(200).data["status"] == "failed",
        "the failure did not arrive",
    )
    must(visit.slot_status() == "free", f"the time shows as {visit.slot_status()}")
    return "booking failed, the time is free"


def leaves_nothing(visit: Visit) -> str:
    """Cancel what is left; a hold that can't be given up ends by itself."""
    left: list[str] = []
    for who in (visit.first_account, visit.second_account):
        for one in visit.ask("GET", "/api/appointments", who).expect(200).data if who else []:
            if one["status"] not in LIVE:
                continue
            answer = visit.ask("POST", f"/api/appointments/{one['appointmentId']}/cancel", who)
            if one["status"] == "confirmed" or answer.status == 200:
                answer.expect(200)
            else:
                left.append(str(one["holdExpiresAt"]))
    return f"a hold that ends by itself at {left[0]}" if left else "no booking, no hold"


def _paid(visit: Visit) -> None:
    visit.may_pay()
    must(visit.paid, "skipped: S-21 (payment) failed")


def _desk(visit: Visit) -> Account:
    """The desk's token. Raises NeedsPerson without an account to sign in with."""
    email, password = visit.admin or DEMO_DESK
    answer = visit.ask("POST", "/api/auth/login", body={"email": email, "password": password})
    if visit.admin is None and answer.status == 401:
        raise NeedsPerson("no demo desk here: name one with SMOKE_ADMIN=mail:password")
    pair = answer.expect(200).data
    return Account(email, pair["accessToken"], pair["refreshToken"])
