"""/metrics for Prometheus: open to holders of METRICS_TOKEN; without that setting, to this machine alone."""

from __future__ import annotations

import hmac
from ipaddress import ip_address

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from booking_ui.api.http.identity import Now, host_of
from booking_ui.config.settings import settings
from booking_ui.edge.threads import call
from booking_ui.services.limits import metrics as service

router = APIRouter(include_in_schema=False)


@router.get("/metrics")
async def metrics(request: Request, now: Now) -> Response:
    """Prometheus's text format; 404 for everybody else, who thus learn nothing."""
    if not _may_read(request):
        return Response(status_code=404, headers={"Cache-Control": "no-store"})
    text = await call(service.exposition, now=now)
    return Response(text, headers={"Cache-Control": "no-store"}, media_type=CONTENT_TYPE_PLAIN_0_0_4)


def _may_read(request: Request) -> bool:
    if token := settings().metrics_token:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(given.encode(), token.encode())
    # Behind a proxy on this machine every caller looks local; these headers show that it passed the request on.
    passed_on = {"x-forwarded-for", "forwarded", "x-real-ip", "via"} & set(request.headers)
    try:
        return not passed_on and ip_address(host_of(request)).is_loopback
    except ValueError:  # a socket without an address
        return False
