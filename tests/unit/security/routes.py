"""Every route, with the status that each caller must get when they reach for Asha's things.

`test_ownership.py` asks the app for its routes and fails for one without a line here.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from booking_ui.config.settings import SANDBOX_KEY_SECRET
from tests.support.security.stage import PAID_ORDER, PAYMENT, Stage, captured, signed

Ask = Callable[[Stage], dict[str, Any]]
FORGED = "0" * 64
ORIGIN = "http://localhost:3000"


@dataclass(frozen=True)
class Rule:
    """The status for each attacker, and for `owner`, the rightful caller.

    `ids` are the fields of the body that name one of Asha's things; `writes` are tables of the caller's own, or of everybody's,
    that the call may change.
    """

    kind: str
    nobody: int
    patient: int
    doctor: int
    desk: int
    right: tuple[int, ...]
    owner: str = "asha"
    ask: Ask = lambda _: {}
    right_ask: Ask | None = None
    ids: tuple[str, ...] = ()
    writes: frozenset[str] = frozenset()

    def expected(self, attacker: str) -> int:
        statuses = {"nobody": self.nobody, "bilal": self.patient, "doctor": self.doctor, "desk": self.desk}
        return statuses[attacker]


def ashas(*right: int, ask: Ask = lambda _: {}, ids: tuple[str, ...] = ()) -> Rule:
    """One thing of Asha's: another patient does not even learn that it exists."""
    return Rule("a patient's thing", 401, 404, 403, 403, right, ask=ask, ids=ids)


def own_list(ask: Ask = lambda _: {}) -> Rule:
    """A list of which each caller gets their own."""
    return Rule("a patient's own list", 401, 200, 403, 403, (200,), ask=ask)


def desk_only(right: int = 200, *or_else: int, ask: Ask = lambda _: {}) -> Rule:
    return Rule("the desk's", 401, 403, 403, right, (right, *or_else), owner="desk", ask=ask)


def for_all(status: int = 200, ask: Ask = lambda _: {}, writes: tuple[str, ...] = ()) -> Rule:
    return Rule("open", status, status, status, status, (status,), ask=ask, writes=frozenset(writes))


def signed_in(status: int, ask: Ask = lambda _: {}, writes: tuple[str, ...] = ()) -> Rule:
    """About the caller's own account, in any role."""
    return Rule(
        "one's own account", 401, status, status, status, (status,), ask=ask, writes=frozenset(writes)
    )


def proven(refused: int, right: int, ask: Ask, right_ask: Ask) -> Rule:
    """Admitted for the proof that the request carries, whoever the caller is."""
    return Rule("proven", refused, refused, refused, refused, (right,), ask=ask, right_ask=right_ask)


def body(**fields: Callable[[Stage], object]) -> Ask:
    return lambda stage: {"json": {name: value(stage) for name, value in fields.items()}}


def _returned(signature: str) -> Ask:
    sent = {"razorpay_order_id": PAID_ORDER, "razorpay_payment_id": PAYMENT, "razorpay_signature": signature}
    return lambda _: {"json": sent}


def _paid() -> str:
    message = f"{PAID_ORDER}|{PAYMENT}".encode()
    return hmac.new(SANDBOX_KEY_SECRET.encode(), message, hashlib.sha256).hexdigest()


def _hook(signature: Callable[[bytes], str]) -> Ask:
    content = captured(PAID_ORDER, error_reason="again")
    headers = {"Content-Type": "application/json", "X-Razorpay-Signature": signature(content)}
    return lambda _: {"content": content, "headers": headers}


def _form(**headers: str) -> Ask:
    """A cross-site form in Asha's name, with a guessed password."""
    return lambda _: {"data": {"email": "asha@zebrawood.example", "password": "guess"}, "headers": headers}


def _taken(ids: tuple[str, ...]) -> Rule:
    """A slot that Asha holds: Asha gets the same hold again, another patient the refusal that it is taken."""
    ask = body(availabilityId=lambda s: s.cast.slots[0])
    return Rule("a time Asha holds", 401, 409, 403, 403, (201,), ask=ask, ids=ids)


NEW = {
    "name": "Eve Dropper",
    "email": "eve@example.com",
    "phone": "9876543210",
    "password": "correct horse 9",
}
NUMBER = "98450 12301"
LOGIN = {"email": "asha@zebrawood.example", "password": "a guess of many"}

CHILD = {"name": "Zebrawood Junior", "relation": "child", "bornOn": "2020-01-05"}
MAILED = ("audit_entry", "one_time_code", "notification")

PARAMETERS: dict[str, Callable[[Stage], object]] = {
    "refund_id": lambda _: 1,  # of Asha's visit, once it is cancelled
    "appointment_id": lambda s: s.visit.id,
    "payment_id": lambda s: s.payment_id,
    "webhook_event_id": lambda s: s.event_id,
    "message_id": lambda _: 1,  # the first mail is about Asha's visit
    "doctor_id": lambda s: s.cast.chandra,
    "dependent_id": lambda s: s.dependent_id,
    "code": lambda _: "7-s-aaaaaaaaaa",
    "link": lambda _: "nolinkatall",
    "rest": lambda _: "nothing/here",
}

ROUTES: dict[str, Rule] = {
    "POST /api/auth/register": for_all(422, ask=lambda _: {"json": {**NEW, "email": "no mail"}}),
    "POST /api/auth/login": for_all(401, ask=lambda _: {"json": LOGIN}),
    "POST /api/auth/refresh": for_all(401, ask=lambda _: {"json": {"refreshToken": "x" * 43}}),
    "POST /api/auth/logout": for_all(200, ask=lambda _: {"json": {"refreshToken": "x" * 43}}),
    "POST /api/auth/verify": for_all(410, ask=lambda _: {"json": {"token": "x" * 43}}),
    "POST /api/auth/verify/send": signed_in(200, writes=MAILED),
    "POST /api/auth/reset/request": for_all(ask=lambda _: {"json": {"email": LOGIN["email"]}}, writes=MAILED),
    "POST /api/auth/reset": for_all(
        410, ask=lambda _: {"json": {"token": "x" * 43, "password": NEW["password"]}}
    ),
    "POST /api/auth/code/request": for_all(ask=lambda _: {"json": {"email": LOGIN["email"]}}, writes=MAILED),
    "POST /api/auth/code": for_all(
        401, ask=lambda _: {"json": {"email": LOGIN["email"], "code": "123456"}}, writes=("one_time_code",)
    ),
    "POST /api/auth/phone": for_all(
        202, ask=lambda _: {"json": {"phone": NUMBER}}, writes=("one_time_code", "notification")
    ),
    "POST /api/auth/phone/verify": for_all(
        401, ask=lambda _: {"json": {"phone": NUMBER, "code": "123456"}}, writes=("one_time_code",)
    ),
    "POST /api/auth/me/phone": signed_in(422, ask=lambda _: {"json": {"phone": "12"}}),
    "POST /api/auth/me/phone/verify": signed_in(422, ask=lambda _: {"json": {"phone": "12", "code": "1"}}),
    "POST /api/auth/me/email": signed_in(422, ask=lambda _: {"json": {"email": "no mail"}}),
    "POST /api/auth/me/email/verify": signed_in(
        422, ask=lambda _: {"json": {"email": "no mail", "code": "1"}}
    ),
    "POST /api/auth/me/erase/code": Rule(
        "a patient's own account",
        401,
        202,
        403,
        403,
        (202,),
        writes=frozenset({"one_time_code", "notification"}),
    ),
    "POST /api/auth/password": signed_in(
        403, ask=lambda _: {"json": {"oldPassword": "a guess of many", "newPassword": NEW["password"]}}
    ),
    "PATCH /api/auth/me": signed_in(422, ask=lambda _: {"json": {"name": ""}}),
    "POST /api/auth/me/erase": signed_in(403, ask=lambda _: {"json": {"password": "a guess of many"}}),
    "GET /api/doctors": for_all(),
    "GET /api/doctors/suggestions": for_all(ask=lambda _: {"params": {"q": "chan"}}),
    "GET /api/doctors/{doctor_id}": for_all(),
    "GET /api/availability": for_all(ask=lambda s: {"params": {"doctorId": s.cast.chandra}}),
    "POST /api/appointments": _taken(("availabilityId",)),
    "POST /api/appointments/book": _taken(("availabilityId",)),
    "POST /api/payments/intent": ashas(
        200, ask=body(appointmentId=lambda s: s.held.id), ids=("appointmentId",)
    ),
    "GET /api/appointments": own_list(),
    "GET /api/appointments/{appointment_id}": ashas(200),
    "GET /api/appointments/{appointment_id}/status": ashas(200),
    "POST /api/appointments/{appointment_id}/reschedule": ashas(
        200, ask=body(availabilityId=lambda s: s.free_slot), ids=("availabilityId",)
    ),
    "POST /api/appointments/{appointment_id}/try-again": ashas(409),
    "POST /api/appointments/{appointment_id}/let-go": ashas(409),
    "POST /api/appointments/{appointment_id}/cancel": ashas(200),
    "POST /api/appointments/{appointment_id}/end-links": ashas(200),
    "GET /api/appointments/{appointment_id}/receipts": ashas(200),
    "GET /api/appointments/{appointment_id}/receipt.pdf": ashas(200),
    "GET /api/appointments/{appointment_id}/credit-notes/{refund_id}.pdf": ashas(404, 409),
    "GET /api/appointments/{appointment_id}/calendar.ics": ashas(200),
    "GET /api/dependents": own_list(),
    "POST /api/dependents": Rule(
        "one's own",
        401,
        422,
        403,
        403,
        (201,),
        ask=lambda _: {"json": {**CHILD, "name": ""}},
        right_ask=lambda _: {"json": CHILD},
    ),
    "PATCH /api/dependents/{dependent_id}": ashas(200, ask=lambda _: {"json": {"name": "Renamed"}}),
    "POST /api/appointments/payment-callback": proven(400, 200, _returned(FORGED), _returned(_paid())),
    "POST /api/appointments/razorpay-webhook": proven(400, 200, _hook(lambda _: FORGED), _hook(signed)),
    "GET /api/admin/appointments": desk_only(),
    "POST /api/admin/appointments": desk_only(
        201,
        ask=lambda s: {
            "json": {
                "availabilityId": s.free_slot,
                "patient": {"name": "Eve Dropper", "phone": NUMBER},
                "payment": "cash",
            }
        },
    ),
    "POST /api/admin/payments/{payment_id}/mark": desk_only(
        ask=lambda _: {"json": {"status": "failed", "reason": "nothing was paid", "reference": "R-1"}}
    ),
    "POST /api/admin/appointments/{appointment_id}/ask": desk_only(
        200, 503
    ),  # the sandbox is not up in every test
    "POST /api/admin/appointments/{appointment_id}/conclude": desk_only(
        409, ask=lambda _: {"json": {"status": "completed"}}
    ),
    "GET /api/admin/payouts/summary": desk_only(),
    "GET /api/admin/payouts.csv": desk_only(),
    "GET /api/admin/audit": desk_only(),
    "POST /api/admin/appointments/{appointment_id}/cancel": desk_only(
        200, 409, ask=lambda _: {"json": {"refundPaise": 0, "reason": "the doctor is ill"}}
    ),
    "POST /api/admin/appointments/{appointment_id}/refund": desk_only(
        409, ask=lambda _: {"json": {"amountPaise": 100, "reason": "the doctor was late"}}
    ),
    "GET /api/admin/messages": desk_only(),
    "POST /api/admin/messages/{message_id}/send": desk_only(),
    "GET /api/admin/webhook-events": desk_only(),
    "POST /api/admin/webhook-events/{webhook_event_id}/replay": desk_only(),
    "GET /api/health": for_all(),
    "GET /api/ready": for_all(writes=("heartbeat",)),  # it proves that the database can be written
    "POST /api/session/sign-in": proven(403, 303, _form(Origin="https://evil.example"), _form(Origin=ORIGIN)),
    "POST /api/session/register": proven(403, 303, _form(), _form(Origin=ORIGIN)),
    "POST /api/session/code": proven(403, 303, _form(), _form(Origin=ORIGIN)),
    "POST /api/session/code/request": proven(403, 303, _form(), _form(Origin=ORIGIN)),
    "POST /api/session/phone": proven(403, 303, _form(), _form(Origin=ORIGIN)),
    "POST /api/session/phone/request": proven(403, 303, _form(), _form(Origin=ORIGIN)),
    "POST /api/session/own/phone": proven(403, 303, _form(), _form(Origin=ORIGIN)),
    "POST /api/session/own/phone/request": proven(403, 303, _form(), _form(Origin=ORIGIN)),
    "POST /api/session/own/email": proven(403, 303, _form(), _form(Origin=ORIGIN)),
    "POST /api/session/own/email/request": proven(403, 303, _form(), _form(Origin=ORIGIN)),
    "POST /api/session/erase/request": proven(403, 303, _form(), _form(Origin=ORIGIN)),
    "POST /api/session/erase": proven(403, 303, _form(), _form(Origin=ORIGIN)),
    "POST /api/session/details": proven(403, 303, _form(), _form(Origin=ORIGIN)),
    "POST /api/session/messages": proven(403, 303, _form(), _form(Origin=ORIGIN)),
    "POST /api/session/password": proven(403, 303, _form(), _form(Origin=ORIGIN)),
    "POST /api/session/reset": proven(403, 303, _form(), _form(Origin=ORIGIN)),
    "POST /api/session/reset/request": proven(403, 303, _form(), _form(Origin=ORIGIN)),
    "POST /api/session/sign-out-everywhere": proven(403, 303, _form(), _form(Origin=ORIGIN)),
    "POST /api/session/verify": proven(403, 303, _form(), _form(Origin=ORIGIN)),
    "POST /api/session/sign-out": proven(403, 303, _form(Origin="null"), _form(Origin=ORIGIN)),
    # For Prometheus on this machine; a request that a proxy passed on comes from a stranger, who gets a plain 404.
    "GET /metrics": proven(404, 200, lambda _: {"headers": {"X-Forwarded-For": "10.0.0.1"}}, lambda _: {}),
    # A forged link that stops messages; tests/unit/api/patient/test_messages.py has true ones.
    "GET /m/{code}": for_all(404),
    "POST /m/{code}": for_all(404),
    # A forged link to a visit; tests/unit/api/patient/test_calendar.py has true ones.
    "GET /api/visits/{link}/calendar.ics": for_all(303),
    "GET /api/docs": for_all(),
    "GET /api/openapi.json": for_all(),
    "GET /api/{rest}": for_all(404),
    "POST /api/{rest}": for_all(404),
    "PUT /api/{rest}": for_all(404),
    "PATCH /api/{rest}": for_all(404),
    "DELETE /api/{rest}": for_all(404),
    "HEAD /api/{rest}": for_all(404),
    "OPTIONS /api/{rest}": for_all(404),
    # Last, since they end the caller's own tokens and remove the child.
    "DELETE /api/dependents/{dependent_id}": ashas(200),
    "POST /api/auth/logout/everywhere": signed_in(200, writes=("audit_entry", "person", "sign_in")),
}
