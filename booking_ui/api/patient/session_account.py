"""The forms of a mailed link and of the account page; every answer is a 303."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from booking_ui.api.http import forms, identity
from booking_ui.api.http.identity import Now, same_origin
from booking_ui.api.patient.session import Form, forget_cookie, session_token
from booking_ui.domain.errors import BadInput, BookingError, FieldError
from booking_ui.edge.threads import call, call_quick
from booking_ui.services.accounts import authentication, profile, recovery
from booking_ui.services.limits import rate_limits
from booking_ui.services.views import Principal

router = APIRouter(prefix="/api/session", dependencies=[Depends(same_origin)], include_in_schema=False)


async def _visitor(request: Request, now: Now) -> Principal | None:
    return await call(authentication.resolve, token=session_token(request), now=now)


Visitor = Annotated[Principal | None, Depends(_visitor)]
STRANGER = "/sign-in/?next=%2Faccount%2F"


@router.post("/reset/request")
async def ask_reset(request: Request, form: Form, now: Now) -> Response:
    """The same way on, whether anybody has this address or not."""
    try:
        await call_quick(rate_limits.address, name="register", host=identity.host_of(request))
        await call(recovery.ask_reset, email=form.get("email", ""), now=now)
    except BookingError as exc:
        return forms.again("/reset/", exc)
    return forms.go("/reset/", sent="1")


@router.post("/reset")
async def reset(form: Form, now: Now) -> Response:
    """On a password that is refused the browser still has the link's token, and the page keeps it."""
    token, password = form.get("token", ""), form.get("password", "")
    try:
        await call(recovery.reset, token=token, password=password, now=now)
    except BookingError as exc:
        return forms.again("/reset/new/", exc)
    answer = forms.go("/sign-in/", done="password")
    forget_cookie(answer)
    return answer


@router.post("/verify")
async def verify(form: Form, now: Now) -> Response:
    try:
        await call(recovery.verify, token=form.get("token", ""), now=now)
    except BookingError as exc:
        return forms.again("/verify/", exc)
    return forms.go("/verify/", done="verified")


@router.post("/password")
async def change_password(request: Request, form: Form, who: Visitor, now: Now) -> Response:
    if who is None:
        return forms.go(STRANGER)
    try:
        await identity.guessed(
            request,
            who.email,
            profile.change_password,
            person_id=who.person_id,
            old=form.get("old_password", ""),
            new=form.get("password", ""),
            token=session_token(request),
            now=now,
        )
    except BookingError as exc:
        return forms.again("/account/", exc)
    return forms.go("/account/", done="password")


@router.post("/details")
async def edit(form: Form, who: Visitor, now: Now) -> Response:
    if who is None:
        return forms.go(STRANGER)
    try:
        await call_quick(rate_limits.person, name="person", person_id=who.person_id)
        await call(
            profile.edit,
            person_id=who.person_id,
            name=form.get("name", ""),
            phone=form.get("phone", ""),
            now=now,
        )
    except BookingError as exc:
        return forms.again("/account/", exc)
    return forms.go("/account/", done="details")


@router.post("/sign-out-everywhere")
async def sign_out_everywhere(form: Form, who: Visitor, now: Now) -> Response:
    del form
    if who is None:
        return forms.go(STRANGER)
    await call(profile.sign_out_everywhere, person_id=who.person_id, now=now)
    return _gone("/sign-in/", "everywhere")


@router.post("/erase")
async def erase(request: Request, form: Form, who: Visitor, now: Now) -> Response:
    if who is None:
        return forms.go(STRANGER)
    if form.get("sure") != "yes":
        return forms.again("/account/", BadInput(FieldError("sure", "Tick the box first.")))
    try:
        await identity.guessed(
            request,
            who.email,
            profile.erase,
            person_id=who.person_id,
            password=form.get("password", ""),
            now=now,
        )
    except BookingError as exc:
        return forms.again("/account/", exc)
    return _gone("/sign-in/", "erased")


def _gone(page: str, done: str) -> Response:
    answer = forms.go(page, done=done)
    forget_cookie(answer)
    return answer
