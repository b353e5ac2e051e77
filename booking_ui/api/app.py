"""The HTTP API, mounted by `rx.App(api_transformer=api)`.

Reflex serves its pages from inside this application and never runs its lifespan: nothing here may need one.
"""

from __future__ import annotations

from typing import Any

from fastapi import Depends, FastAPI, Response
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException
from starlette.routing import Match, Route
from starlette.types import Receive, Scope, Send

from booking_ui.api import webhooks
from booking_ui.api.desk import audit_log, book_for_patient, bookings, messages, payouts, webhook_log
from booking_ui.api.http import description, docs_page, envelope, health, idempotency, metrics
from booking_ui.api.http.middleware import ApiMiddleware
from booking_ui.api.patient import (
    appointments,
    auth,
    calendar,
    dependents,
    doctors,
    phone,
    receipts,
    recovery,
    returns,
    session,
    session_account,
    session_messages,
    session_phone,
    stop_messages,
)

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

_ABOUT = """Book a doctor's time and pay for it with Razorpay.

Every answer is `{"success", "message", "data"}`; a refusal adds `code` and, for bad input, `errors`. Money is given twice:
rupees to show, paise to calculate with. Times are RFC 3339 in UTC; `date` and `time` are the clinic's.

Whatever changes something takes an `Idempotency-Key`: the same key with the same body gets the same answer for 24 hours,
with another body 409. Whoever comes too often gets 429 and `Retry-After`."""


class Api(FastAPI):
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
api.add_middleware(ApiMiddleware)
envelope.speak_envelopes(api)
api.add_exception_handler(idempotency.Replay, idempotency.repeat_answer)
for module in (
    auth, phone, recovery, doctors, appointments, receipts, calendar, dependents, returns, webhooks, bookings, book_for_patient, webhook_log, messages, payouts, audit_log, health, session,
    session_phone, session_account, session_messages,
):  # fmt: skip
    api.include_router(module.router, dependencies=[Depends(idempotency.once)])
api.include_router(metrics.router)
api.include_router(stop_messages.router)


@api.get("/api/docs", include_in_schema=False)
async def docs() -> HTMLResponse:
    return HTMLResponse(docs_page.page(api.openapi()))


class NothingHere:
    """The last route under /api: answers requests that no other route takes.

    Reflex would answer an unknown address with its page, and an unknown method without an envelope.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Raises HTTPException, except for OPTIONS on an address that exists."""
        allowed = [method for method in METHODS if _takes(scope, method)]
        if not allowed:
            raise HTTPException(404)
        allow = {"Allow": ", ".join([*allowed, *(["HEAD"] if "GET" in allowed else []), "OPTIONS"])}
        if scope["method"] != "OPTIONS":
            raise HTTPException(405, headers=allow)
        await Response(status_code=204, headers=allow)(scope, receive, send)


_nothing_here = NothingHere()
api.router.routes += [Route("/api", _nothing_here), Route("/api/{rest:anything}", _nothing_here)]


def _takes(scope: Scope, method: str) -> bool:
    request = {**scope, "method": method}
    others = (route for route in api.routes if getattr(route, "endpoint", None) is not _nothing_here)
    return any(
        route.matches(request)[0] is Match.FULL for route in others if getattr(route, "path", None) != ""
    )
