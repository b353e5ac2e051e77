"""Razorpay's door: verify the raw bytes, store once, answer. A worker does the thinking."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import Annotated

import structlog
from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy.exc import SQLAlchemyError

from booking_ui.api import shapes
from booking_ui.api.envelope import PROBLEMS, Envelope, Problem, problem
from booking_ui.api.identity import Now
from booking_ui.calls import call
from booking_ui.config import settings
from booking_ui.domain.errors import Forbidden
from booking_ui.services import inbox

router = APIRouter(prefix="/api/appointments", tags=["Payments"], responses=PROBLEMS)
log = structlog.get_logger(__name__)


@router.post(
    "/razorpay-webhook",
    summary="Razorpay's webhook",
    response_model=Envelope[shapes.Stored],
    responses={503: {"model": Problem, "description": "Not stored: Razorpay sends it again."}},
)
async def razorpay_webhook(
    request: Request,
    now: Now,
    signature: Annotated[str | None, Header(alias="X-Razorpay-Signature")] = None,
    event_id: Annotated[str, Header(alias="X-Razorpay-Event-Id")] = "",
) -> Response | Envelope[shapes.Stored]:
    """A 2xx is a promise that the event is stored: Razorpay can't repeat what was acknowledged."""
    _expected_source(request)
    body = await request.body()
    try:
        new = await call(inbox.receive, body=body, signature=signature, event_id=event_id, now=now)
    except SQLAlchemyError:
        log.exception("webhook not stored")
        return _not_stored()
    return Envelope(message="Stored." if new else "Stored before.", data=shapes.Stored(new=new))


def _not_stored() -> JSONResponse:
    return problem(503, "not_stored", "The event could not be stored. Please send it again.")


def _expected_source(request: Request) -> None:
    """Only with RAZORPAY_WEBHOOK_IPS: refuse other addresses. The signature stays the real check."""
    allowed = [one.strip() for one in settings().razorpay_webhook_ips.split(",") if one.strip()]
    if not allowed:
        return
    host = request.client.host if request.client else ""
    try:
        known = any(ip_address(host) in ip_network(one) for one in allowed)
    except ValueError:  # a socket without an address
        known = False
    if not known:
        raise Forbidden
