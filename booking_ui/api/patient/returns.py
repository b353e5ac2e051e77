"""Razorpay's redirect (a form from its page) and the page's own handler (JSON): both only shorten the wait."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, StringConstraints, ValidationError

from booking_ui.api.http import forms, shapes
from booking_ui.api.http.envelope import PROBLEMS, Envelope
from booking_ui.api.http.identity import Now
from booking_ui.config.settings import settings
from booking_ui.domain.errors import BadSignature, BookingError
from booking_ui.edge.threads import call_gateway
from booking_ui.languages import _, to
from booking_ui.services.payments import orders

router = APIRouter(prefix="/api/appointments", tags=["Payments"], responses=PROBLEMS)

_REFERENCE = re.compile(r"[A-Z0-9]{4,12}")
_Word = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=200)]


class PaymentReturn(BaseModel):
    """Razorpay's own names."""

    razorpay_order_id: _Word
    razorpay_payment_id: _Word
    razorpay_signature: _Word


_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            kind: {"schema": PaymentReturn.model_json_schema()}
            for kind in ("application/json", "application/x-www-form-urlencoded")
        },
    }
}


@router.post(
    "/payment-callback",
    summary="The payment came back",
    openapi_extra=_BODY,
    response_model=Envelope[shapes.Returned],
    responses={303: {"description": "To the status page, for a form."}},
)
async def payment_callback(request: Request, now: Now, ref: str = "") -> Response | Envelope[shapes.Returned]:
    """Needs no sign-in: the signature proves it. A form is answered with a 303 to the status page of `ref`."""
    known = ref if _REFERENCE.fullmatch(ref) else ""
    if forms.content_type(request) in FORM:
        return await _form(await forms.fields(request), known, now)
    reference = await _verified(_parsed(await request.body()), known, now)
    data = shapes.Returned(reference=reference, status_url=_status_page(reference))
    return Envelope(message=_("Payment processed successfully"), data=data)


FORM = forms.FORM_TYPES


async def _form(sent: dict[str, str], known: str, now: datetime) -> RedirectResponse:
    """A failure post is unsigned, so it tells the page nothing: the page shows what Razorpay told us."""
    try:
        reference = await _verified(PaymentReturn.model_validate(sent), known, now)
    except (ValidationError, BookingError):
        if known:
            return _see(known)
        if any(name.startswith("error[") for name in sent):
            return RedirectResponse(f"{settings().base_url}{to('/appointments/')}", status_code=303)
        raise BadSignature from None
    return _see(reference)


async def _verified(sent: PaymentReturn, known: str, now: datetime) -> str:
    """The booking's reference. Raises BadSignature, NotFound."""
    return await call_gateway(
        "",
        orders.returned,
        order_id=sent.razorpay_order_id,
        payment_id=sent.razorpay_payment_id,
        signature=sent.razorpay_signature,
        now=now,
        reference=known,
    )


def _parsed(body: bytes) -> PaymentReturn:
    try:
        return PaymentReturn.model_validate_json(body)
    except ValidationError as exc:
        raise RequestValidationError(exc.errors()) from exc


def _status_page(reference: str) -> str:
    return f"{settings().base_url}{to(f'/appointment/{reference}/')}"


def _see(reference: str) -> RedirectResponse:
    return RedirectResponse(_status_page(reference), status_code=303)
