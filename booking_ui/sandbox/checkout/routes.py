"""Routes for the customer's browser: checkout.js, the payment sheet and its calls, the way back."""

from __future__ import annotations

import hmac
import json
import re
from dataclasses import replace
from functools import cache
from html import escape
from importlib import resources
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from booking_ui.sandbox import errors, methods
from booking_ui.sandbox.bank import outcomes
from booking_ui.sandbox.box import Box
from booking_ui.sandbox.incoming import box_of, json_body
from booking_ui.sandbox.rest import orders, payments
from booking_ui.sandbox.rest.payments import Attempt
from booking_ui.sandbox.signing import checkout_signature
from booking_ui.sandbox.store import Doc, Entity

_TYPES = {"js": "text/javascript", "css": "text/css", "html": "text/html"}
_PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src http: https: data:"
)
_PUBLIC = ("checkout.js", "sheet.css", "sheet.js", "bridge.js", "fields.js", "return.js")


@cache
def _file(name: str) -> bytes:
    return (resources.files(__package__) / "static" / name).read_bytes()


def _static(name: str, body: bytes | None = None) -> Response:
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    if name.endswith(".html"):
        headers["Content-Security-Policy"] = _PAGE_POLICY
    return Response(body or _file(name), media_type=_TYPES[name.rpartition(".")[2]], headers=headers)


async def _script(_: Request) -> Response:
    return _static("checkout.js")


async def _asset(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in _PUBLIC:
        raise errors.unknown_url()
    return _static(name)


async def _sheet(_: Request) -> Response:
    return _static("sheet.html")


async def _session(request: Request) -> Response:
    """Everything the sheet shows first; the amount is the order's, not the page's."""
    box, body = box_of(request), await _own_json(request)
    order = _order(box, body)
    orders.refuse_if_closed(box, order)
    return JSONResponse(
        {
            "amount": order.doc["amount"],
            "currency": order.doc["currency"],
            "banks": methods.BANKS,
            "cards": {
                "success": {number: card.network for number, card in methods.SUCCESS_CARDS.items()},
                "failure": methods.ERROR_CARDS,
            },
        }
    )


async def _pay(request: Request) -> Response:
    box, body = box_of(request), await _own_json(request)
    attempt = _attempt(body)
    with box.store.transaction():
        order = _order(box, body)
        orders.refuse_if_closed(box, order)
        payment = payments.start(box, order, attempt)
        if attempt.method == "upi":
            outcomes.wait_for_upi(box, payment)
        else:
            outcomes.wait_for_bank(box, payment)
    return JSONResponse(
        {
            "payment_id": payment.id,
            "token": payment.private["token"],
            "next": "wait" if attempt.method == "upi" else "bank",
            "bank": methods.BANKS.get(attempt.bank, "") if attempt.method == "netbanking" else "",
        }
    )


async def _answer(request: Request) -> Response:
    """The customer's answer on the bank's page: success, failure or cancel."""
    box, body = box_of(request), await _own_json(request)
    with box.store.transaction():
        payment = _payment(box, request.path_params["id"], body.get("token"))
        if payment.doc["status"] == "created":
            _resolve(box, payment, body.get("outcome"), _text(body, "otp") if "otp" in body else None)
    return JSONResponse(_result(box, payments.get(box, payment.id)))


def _resolve(box: Box, payment: Entity, outcome: object, otp: str | None) -> None:
    if payment.doc["method"] == "upi":
        outcomes.answer_upi(box, payment)
    elif outcome == "success" and (otp is None or 4 <= len(otp) <= 10):
        outcomes.authorize(box, payment)
    elif outcome == "cancel":
        outcomes.cancel(box, payment)
    else:
        outcomes.refuse(box, payment, otp)


async def _state(request: Request) -> Response:
    box = box_of(request)
    return JSONResponse(
        _result(box, _payment(box, request.path_params["id"], request.query_params.get("token")))
    )


async def _return(request: Request) -> Response:
    """A form that posts itself to callback_url: a cross-site POST from Razorpay's origin, as in production."""
    box, query = box_of(request), request.query_params
    target = query.get("callback_url", "")
    if urlsplit(target).scheme not in ("http", "https"):
        raise errors.invalid("The callback url format is invalid.", "callback_url")
    payment = _payment(box, query.get("payment_id", ""), query.get("token"))
    fields = _form_fields(_result(box, payment))
    inputs = "".join(
        f'<input type="hidden" name="{escape(k)}" value="{escape(v)}">' for k, v in fields.items()
    )
    page = _file("return.html").decode().replace("{{action}}", escape(target)).replace("{{inputs}}", inputs)
    return _static("return.html", page.encode())


def _form_fields(result: Doc) -> dict[str, str]:
    if "error" not in result:
        return {name: str(value) for name, value in result.items()}
    return {
        f"error[{name}]": json.dumps(value, separators=(",", ":")) if name == "metadata" else str(value)
        for name, value in result["error"].items()
    }


async def _own_json(request: Request) -> Doc:
    """A foreign page can post a form here, but not JSON: that needs a permission we never give."""
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise errors.Refusal("The request must be JSON.")
    return await json_body(request)


def _order(box: Box, body: Doc) -> Entity:
    """A wrong key reads like an unknown order, as at Razorpay."""
    if body.get("key") != box.settings.key_id:
        raise errors.unknown_id()
    return orders.get(box, _text(body, "order_id"))


def _payment(box: Box, payment_id: str, token: object) -> Entity:
    payment = payments.get(box, payment_id)
    if not isinstance(token, str) or not hmac.compare_digest(
        token.encode(), payment.private["token"].encode()
    ):
        raise errors.unknown_id()
    return payment


def _result(box: Box, payment: Entity) -> Doc:
    signature = checkout_signature(payment.doc["order_id"], payment.id, box.settings.key_secret)
    return outcomes.result(payment, signature)


def _text(body: Doc, name: str, limit: int = 255) -> str:
    value = body.get(name, "")
    if not isinstance(value, str) or len(value) > limit:
        raise errors.invalid(f"The {name} is not valid.", name)
    return value.strip()


def _attempt(body: Doc) -> Attempt:
    method, notes = body.get("method"), body.get("notes") or {}
    if method not in ("card", "upi", "netbanking"):
        raise errors.invalid("The selected method is invalid.", "method")
    orders.check_notes(notes)
    common = Attempt(
        method,
        email=_text(body, "email") or "void@razorpay.com",
        contact=_text(body, "contact") or "+919000000000",
        description=_text(body, "description") or None,
        notes=notes,
    )
    if method == "card":
        return replace(common, card_number=_card_number(body), card_name=_text(body, "name"))
    if method == "upi":
        return replace(common, vpa=_vpa(body))
    if body.get("bank") not in methods.BANKS:
        raise errors.invalid("Please choose your bank.", "bank")
    return replace(common, bank=body["bank"])


def _vpa(body: Doc) -> str:
    vpa = _text(body, "vpa")
    if not re.fullmatch(r"[A-Za-z0-9._-]{2,}@[A-Za-z0-9.-]{2,}", vpa):
        raise errors.invalid("A UPI ID looks like name@bank.", "vpa")
    return vpa


def _card_number(body: Doc) -> str:
    number = re.sub(r"[ -]", "", _text(body, "number"))
    if not re.fullmatch(r"[0-9]{12,19}", number):
        raise errors.invalid("A card number has 12 to 19 digits.", "number")
    if not re.fullmatch(r"[0-9]{3,4}", _text(body, "cvv")):
        raise errors.invalid("The CVV is the 3 or 4 digits on the card.", "cvv")
    return number


def routes() -> list[Route]:
    return [
        Route("/v1/checkout.js", _script),
        Route("/v1/checkout/public", _sheet),
        Route("/v1/checkout/static/{name}", _asset),
        Route("/v1/checkout/session", _session, methods=["POST"]),
        Route("/v1/checkout/payments", _pay, methods=["POST"]),
        Route("/v1/checkout/payments/{id}", _state),
        Route("/v1/checkout/payments/{id}/answer", _answer, methods=["POST"]),
        Route("/v1/checkout/return", _return),
    ]
