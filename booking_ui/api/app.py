"""The HTTP API, mounted by `rx.App(api_transformer=api)`.

Reflex serves its pages from inside this application and never runs its lifespan: nothing here may need one.
"""

from __future__ import annotations

from typing import Any

from fastapi import Depends, FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import Match

from booking_ui.api import (
    admin,
    appointments,
    auth,
    dependents,
    description,
    docs_page,
    doctors,
    envelope,
    health,
    idempotency,
    metrics,
    payouts,
    recovery,
    returns,
    session,
    session_account,
    trails,
    webhooks,
)
from booking_ui.api.edge import Edge

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")

_ABOUT = """Book a doctor's time and pay for it with Razorpay.

Every answer is `{"success", "message", "data"}`; a refusal adds `code` and, for bad input, `errors`. Money is given twice:
rupees to show, paise to calculate with. Times are RFC 3339 in UTC; `date` and `time` are the clinic's.

Whatever changes something takes an `Idempotency-Key`: the same key with the same body gets the same answer for 24 hours,
with another body 409. Whoever comes too often gets 429 and `Retry-After`."""


class Api(FastAPI):
    """FastAPI with our description of it."""

    def openapi(self) -> dict[str, Any]:
        return description.describe(self)


api = Api(
    title="Clinic booking",
    version="1",
    description=_ABOUT,
    openapi_url="/api/openapi.json",
    docs_url=None,  # FastAPI's own page loads its scripts from another site
    redoc_url=None,
)
api.add_middleware(Edge)
envelope.speak_envelopes(api)
api.add_exception_handler(idempotency.Replay, idempotency.replay)
for module in (
    auth, recovery, doctors, appointments, dependents, returns, webhooks, admin, payouts, trails, health, session,
    session_account,
):  # fmt: skip
    api.include_router(module.router, dependencies=[Depends(idempotency.once)])
api.include_router(metrics.router)


@api.get("/api/docs", include_in_schema=False)
async def docs() -> HTMLResponse:
    return HTMLResponse(docs_page.page(api.openapi()))


@api.api_route("/api", methods=list(METHODS), include_in_schema=False)
@api.api_route("/api/{rest:path}", methods=list(METHODS), include_in_schema=False)
async def nothing_here(request: Request) -> JSONResponse:
    """Last of all routes: without it Reflex would answer an unknown address with its page. Raises HTTPException."""
    allowed = [method for method in METHODS if _takes(request, method)]
    if allowed:
        raise HTTPException(405, headers={"Allow": ", ".join(allowed)})
    raise HTTPException(404)


def _takes(request: Request, method: str) -> bool:
    """Whether another route would take this address with that method."""
    asked = {**request.scope, "method": method}
    others = (route for route in api.routes if getattr(route, "endpoint", None) is not nothing_here)
    return any(
        route.matches(asked)[0] is Match.FULL for route in others if getattr(route, "path", None) != ""
    )
