"""Signing in and out with plain HTML forms: every answer is a 303, the cookie is httpOnly.

A chosen slot survives: the form carries its `slot_id`, and the slot is claimed as soon as the person is known.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from booking_ui.api.http import forms, identity
from booking_ui.api.http.identity import Now, same_origin
from booking_ui.config.settings import settings
from booking_ui.domain.errors import (
    BookingError,
    NotFound,
    NotSignedIn,
    RateLimited,
    SlotGone,
    SlotTaken,
    TooManyHolds,
    WrongCredentials,
)
from booking_ui.domain.people.device import device_label
from booking_ui.edge.threads import call, call_quick
from booking_ui.languages import to
from booking_ui.services.accounts import authentication, recovery
from booking_ui.services.accounts.sessions import cookie_name
from booking_ui.services.booking import claim
from booking_ui.services.limits import rate_limits
from booking_ui.services.schedule import doctor_search, slots
from booking_ui.services.views import Principal

router = APIRouter(prefix="/api/session", dependencies=[Depends(same_origin)], include_in_schema=False)

HOMES = {"admin": "/admin/", "doctor": "/day/"}

Form = Annotated[dict[str, str], Depends(forms.fields)]


@router.post("/sign-in")
async def sign_in(request: Request, form: Form, now: Now) -> Response:
    try:
        who = await identity.authenticate(
            request, email=form.get("email", ""), password=form.get("password", ""), at=now
        )
    except BookingError as exc:
        return _back_to_form(to("/sign-in/"), exc, form)
    return await open_session(request, who, form, now)


@router.post("/register")
async def register(request: Request, form: Form, now: Now) -> Response:
    wanted = {name: form.get(name, "") for name in ("name", "email", "phone", "password")}
    try:
        who = await identity.open_account(request, **wanted, at=now)
    except BookingError as exc:
        return _back_to_form(to("/register/"), exc, form)
    return await open_session(request, who, form, now)


@router.post("/code/request")
async def ask_code(request: Request, form: Form, now: Now) -> Response:
    """Sends the browser the same way whether the address has an account or not."""
    try:
        await identity.ask_for_mail(request, recovery.request_code, email=form.get("email", ""), at=now)
    except BookingError as exc:
        return _back_to_form(to("/code/"), exc, form)
    return forms.see_other(to("/code/"), sent="1", **destination(form))


@router.post("/code")
async def use_code(request: Request, form: Form, now: Now) -> Response:
    try:
        email, code = form.get("email", ""), form.get("code", "")[:40]
        who = await identity.limit_guesses(
            request, email, recovery.authenticate_by_code, email=email, code=code, now=now
        )
    except BookingError as exc:
        return _back_to_form(to("/code/"), exc, form, sent="1")
    return await open_session(request, who, form, now)


@router.post("/sign-out")
async def sign_out(request: Request, form: Form, now: Now) -> Response:
    await call(authentication.close_session, token=session_token(request), now=now)
    answer = forms.see_other(forms.own_page(form.get("next", "")) or to("/"))
    delete_cookie(answer)
    return answer


def delete_cookie(answer: Response) -> None:
    answer.delete_cookie(cookie_name(), secure=settings().https, httponly=True, samesite="lax")


def session_token(request: Request) -> str:
    return request.cookies.get(cookie_name(), "")


def destination(form: dict[str, str]) -> dict[str, str]:
    """The page the person wanted and the slot they chose, to be carried on."""
    return {
        "next": forms.own_page(form.get("next", "")),
        "slot_id": str(forms.to_id(form.get("slot_id", "")) or ""),
    }


def _back_to_form(page: str, error: BookingError, form: dict[str, str], **query: str) -> RedirectResponse:
    return forms.back_to_form(page, error, **query, **destination(form))


async def open_session(request: Request, who: Principal, form: dict[str, str], now: datetime) -> Response:
    try:
        token = await call(
            authentication.open_session,
            person_id=who.person_id,
            key_number=who.key_number,
            now=now,
            device=device_label(request.headers.get("user-agent", "")),
            instead_of=session_token(request),
        )
    except NotSignedIn:  # every session and token was ended since the password was checked
        return _back_to_form(to("/sign-in/"), WrongCredentials(), form)
    answer = await _onward(who, form, now, identity.host_of(request))
    answer.set_cookie(
        cookie_name(),
        token,
        max_age=int(authentication.session_life(who.role).total_seconds()),
        path="/",
        secure=settings().https,
        httponly=True,
        samesite="lax",
    )
    return answer


async def _onward(who: Principal, form: dict[str, str], now: datetime, host: str) -> RedirectResponse:
    page = forms.own_page(form.get("next", "")) or to(HOMES.get(who.role, "/"))
    slot_id = forms.to_id(form.get("slot_id", ""))
    if slot_id is None or who.role != "patient":
        return forms.see_other(page)
    try:
        await call_quick(rate_limits.limit_person, name="claim", person_id=who.person_id)
        held = await call(claim.claim, patient_id=who.person_id, slot_id=slot_id, now=now, host=host)
    except (SlotTaken, SlotGone):
        return await _to_doctor(slot_id, page, now)
    except (TooManyHolds, RateLimited) as exc:
        return forms.see_other(to("/appointments/"), problem=exc.page_code or exc.code)
    except NotFound:
        return forms.see_other(page)
    return forms.see_other(to(f"/checkout/{held.reference}/"))


async def _to_doctor(slot_id: int, page: str, now: datetime) -> RedirectResponse:
    try:
        slot = await call(slots.slot, slot_id=slot_id, now=now)
        doctor = await call(doctor_search.bookable_doctor, doctor_id=slot.doctor_id, now=now)
    except NotFound:  # the slot has begun or was withdrawn: there is nothing beside it to offer
        return forms.see_other(page)
    return forms.see_other(to(f"/doctor/{doctor.slug}/"), taken=str(slot_id))
