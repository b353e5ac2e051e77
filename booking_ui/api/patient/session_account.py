"""The forms of a mailed link and of the account page; every answer is a 303."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from booking_ui.api.http import asked_code, forms, identity
from booking_ui.api.http.identity import Now, same_origin
from booking_ui.api.patient.session import Form, delete_cookie, session_token
from booking_ui.domain.errors import BadInput, BookingError, FieldError, WrongTextedCode
from booking_ui.edge.threads import call, call_password, call_quick
from booking_ui.languages import _, to
from booking_ui.services.accounts import authentication, own_addresses, profile, recovery
from booking_ui.services.limits import rate_limits
from booking_ui.services.views import Principal

router = APIRouter(prefix="/api/session", dependencies=[Depends(same_origin)], include_in_schema=False)


async def _visitor(request: Request, now: Now) -> Principal | None:
    return await call(authentication.session_principal, token=session_token(request), now=now)


Visitor = Annotated[Principal | None, Depends(_visitor)]


@router.post("/reset/request")
async def ask_reset(request: Request, form: Form, now: Now) -> Response:
    """Sends the browser the same way whether the address has an account or not."""
    try:
        await identity.ask_for_mail(request, recovery.request_reset_link, email=form.get("email", ""), at=now)
    except BookingError as exc:
        return forms.back_to_form(to("/reset/"), exc)
    return forms.see_other(to("/reset/"), sent="1")


@router.post("/reset")
async def reset_password(form: Form, now: Now) -> Response:
    """A refused password costs nothing: the browser still has the link's token, and the page keeps it."""
    token, password = form.get("token", ""), form.get("password", "")
    try:
        await call_password(recovery.reset_password, token=token, password=password, now=now)
    except BookingError as exc:
        return forms.back_to_form(to("/reset/new/"), exc)
    answer = forms.see_other(to("/sign-in/"), done="password")
    delete_cookie(answer)
    return answer


@router.post("/verify")
async def verify_email(form: Form, now: Now) -> Response:
    try:
        await call(recovery.verify_email, token=form.get("token", ""), now=now)
    except BookingError as exc:
        return forms.back_to_form(to("/verify/"), exc)
    return forms.see_other(to("/verify/"), done="verified")


@router.post("/password")
async def change_password(request: Request, form: Form, who: Visitor, now: Now) -> Response:
    if who is None:
        return _to_sign_in()
    try:
        await identity.limit_guesses(
            request,
            identity.account_of(who),
            profile.change_password,
            person_id=who.person_id,
            old=form.get("old_password", ""),
            new=form.get("password", ""),
            token=session_token(request),
            now=now,
        )
    except BookingError as exc:
        return forms.back_to_form(to("/account/"), exc)
    return forms.see_other(to("/account/"), done="password")


@router.post("/details")
async def change_contact(form: Form, who: Visitor, now: Now) -> Response:
    if who is None:
        return _to_sign_in()
    try:
        await call_quick(rate_limits.limit_person, name="person", person_id=who.person_id)
        await call(
            profile.change_contact,
            person_id=who.person_id,
            name=form.get("name", ""),
            phone=form.get("phone"),  # not asked for where the number signs in
            now=now,
        )
    except BookingError as exc:
        return forms.back_to_form(to("/account/"), exc)
    return forms.see_other(to("/account/"), done="details")


@router.post("/own/phone/request")
async def ask_phone(request: Request, form: Form, who: Visitor, now: Now) -> Response:
    """Sends a code to the number that the account is to have."""
    if who is None:
        return _to_sign_in()
    asked = asked_code.fresh(form.get("phone", ""))
    return await _asked(
        "phone",
        asked,
        identity.ask_for_text(
            request,
            own_addresses.request_phone_code,
            phone=asked.address,
            at=now,
            device=asked.device,
            person_id=who.person_id,
        ),
    )


@router.post("/own/email/request")
async def ask_email(request: Request, form: Form, who: Visitor, now: Now) -> Response:
    """Mails a code to the address that the account is to have; the same answer where another account has it."""
    if who is None:
        return _to_sign_in()
    asked = asked_code.fresh(form.get("email", ""))
    return await _asked(
        "email",
        asked,
        identity.ask_for_mail(
            request,
            own_addresses.request_email_code,
            email=asked.address,
            at=now,
            device=asked.device,
            person_id=who.person_id,
        ),
    )


@router.post("/erase/request")
async def ask_erasure(request: Request, who: Visitor, now: Now) -> Response:
    """Sends a code for erasing an account that has no password."""
    if who is None:
        return _to_sign_in()
    asked = asked_code.fresh(identity.account_of(who))
    asking = identity.ask_own(
        request, own_addresses.request_erasure_code, who=who, at=now, device=asked.device
    )
    return await _asked("erase", asked, asking)


async def _asked(what: str, asked: asked_code.Asked, asking: Awaitable[None]) -> Response:
    try:
        await asking
    except BookingError as exc:
        return forms.back_to_form(to("/account/"), exc, way=what)
    answer = forms.see_other(to("/account/"), asked=what)
    asked_code.keep(answer, asked)
    return answer


@router.post("/own/phone")
async def change_phone(request: Request, form: Form, who: Visitor, now: Now) -> Response:
    if who is None:
        return _to_sign_in()
    asked = asked_code.read(request)
    changing = identity.try_texted_code(
        request,
        own_addresses.change_phone,
        person_id=who.person_id,
        phone=asked.address,
        code=form.get("code", "")[:40],
        device=asked.device,
        now=now,
    )
    return await _changed("phone", changing)


@router.post("/own/email")
async def change_email(request: Request, form: Form, who: Visitor, now: Now) -> Response:
    if who is None:
        return _to_sign_in()
    asked = asked_code.read(request)
    changing = identity.try_texted_code(
        request,
        own_addresses.change_email,
        person_id=who.person_id,
        email=asked.address,
        code=form.get("code", "")[:40],
        device=asked.device,
        now=now,
    )
    return await _changed("email", changing)


async def _changed(what: str, changing: Awaitable[object]) -> Response:
    try:
        await changing
    except WrongTextedCode as exc:
        return forms.back_to_form(to("/account/"), exc, asked=what)
    except BookingError as exc:
        return forms.back_to_form(to("/account/"), exc, way=what)
    answer = forms.see_other(to("/account/"), done=f"own_{what}")
    asked_code.forget(answer)
    return answer


@router.post("/sign-out-everywhere")
async def sign_out_everywhere(form: Form, who: Visitor, now: Now) -> Response:
    del form
    if who is None:
        return _to_sign_in()
    await call(profile.sign_out_everywhere, person_id=who.person_id, now=now)
    return _signed_out(to("/sign-in/"), "everywhere")


@router.post("/erase")
async def erase(request: Request, form: Form, who: Visitor, now: Now) -> Response:
    if who is None:
        return _to_sign_in()
    if form.get("sure") != "yes":
        return forms.back_to_form(to("/account/"), BadInput(FieldError("sure", _("Tick the box first."))))
    try:
        await identity.limit_guesses(
            request,
            identity.account_of(who),
            profile.erase_account,
            person_id=who.person_id,
            password=form.get("password", ""),
            code=form.get("code", "")[:40],
            device=asked_code.read(request).device,
            now=now,
        )
    except BookingError as exc:
        return forms.back_to_form(to("/account/"), exc, asked="erase" if form.get("code") else "")
    return _signed_out(to("/sign-in/"), "erased")


def _to_sign_in() -> Response:
    return forms.see_other(to("/sign-in/"), next=to("/account/"))


def _signed_out(page: str, done: str) -> Response:
    answer = forms.see_other(page, done=done)
    delete_cookie(answer)
    return answer
