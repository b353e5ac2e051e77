"""Razorpay's webhook: verify the raw bytes, store once, answer. A worker applies the event."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from ipaddress import ip_address
from typing import Annotated

import structlog
from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy.exc import SQLAlchemyError

from booking_ui.api.http import shapes
from booking_ui.api.http.envelope import PROBLEMS, Envelope, Problem, problem
from booking_ui.api.http.identity import Now, host_of
from booking_ui.config.notations import networks
from booking_ui.config.settings import settings
from booking_ui.domain.errors import BadSignature, DatabaseAway, Forbidden
from booking_ui.edge.threads import call, call_quick
from booking_ui.languages import _
from booking_ui.services.cases import alarms
from booking_ui.services.limits import rate_limits
from booking_ui.services.payments import webhook_inbox

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
    body = await request.body()  # at most 256 KiB: http/middleware.py refuses more
    try:
        new = await call(webhook_inbox.receive, body=body, signature=signature, event_id=event_id, now=now)
    except BadSignature:
        await _raise_alarm(request, now)
        raise
    except DatabaseAway:  # in the log
        return _not_stored()
    except SQLAlchemyError:
        log.exception("webhook not stored")
        return _not_stored()
    return Envelope(message=_("Stored.") if new else _("Stored before."), data=shapes.Stored(new=new))


async def _raise_alarm(request: Request, now: datetime) -> None:
    """Raise the alarm, at most so often for one address. Raises RateLimited.

    Called after the signature was checked: a genuine event is never refused for forged ones from the same address.
    """
    await call_quick(rate_limits.limit_address, name="bad_signatures", host=host_of(request))
    try:
        with suppress(DatabaseAway):  # in the log
            await call(alarms.bad_signature, now=now)
    except SQLAlchemyError:  # the event is refused all the same
        log.exception("alarm not stored")


def _not_stored() -> JSONResponse:
    return problem(503, "not_stored", _("The event could not be stored. Please send it again."))


def _expected_source(request: Request) -> None:
    """Refuse addresses outside RAZORPAY_WEBHOOK_IPS, if set. The signature stays the real check. Raises Forbidden."""
    allowed = networks(settings().razorpay_webhook_ips)
    if not allowed:
        return
    try:
        known = any(ip_address(host_of(request)) in one for one in allowed)
    except ValueError:  # a socket without an address
        known = False
    if not known:
        raise Forbidden
