"""Liveness and readiness, for monitors and balancers."""

from __future__ import annotations

from fastapi import APIRouter, Response
from pydantic import Field

from booking_ui.api.http import shapes
from booking_ui.api.http.envelope import Envelope, Problem, Wire, problem
from booking_ui.api.http.identity import Now
from booking_ui.edge.threads import call
from booking_ui.languages import _
from booking_ui.services.upkeep import health as service

router = APIRouter(prefix="/api", tags=["Health"])


class Check(Wire):
    ok: bool
    detail: str


class Checks(Wire):
    checks: dict[str, Check] = Field(examples=[{"database": {"ok": True, "detail": "answers"}}])


@router.get("/health", summary="Alive")
async def health() -> Envelope[shapes.Alive]:
    return Envelope(message=_("Alive."), data=shapes.Alive())


@router.get(
    "/ready",
    summary="Ready for patients",
    response_model=Envelope[Checks],
    responses={503: {"model": Problem, "description": "`not_ready`; `data` says what is missing."}},
)
async def ready(now: Now) -> Response | Envelope[Checks]:
    found = await call(service.ready, now=now)
    data = Checks(checks={one.name: Check(ok=one.ok, detail=one.detail) for one in found.checks})
    if not found.ok:
        return problem(503, "not_ready", _("Not ready."), data=data)
    return Envelope(message=_("Ready."), data=data)
