"""The forms of signing in by telephone: the number, the six digits, and once the name. Every answer is a 303.

A code works in the browser that asked for it: api/http/asked_code.py keeps its nonce.
"""

from __future__ import annotations

from dataclasses import replace

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from booking_ui.api.http import asked_code, forms, identity
from booking_ui.api.http.identity import Now, same_origin
from booking_ui.api.patient.session import Form, destination, open_session
from booking_ui.domain.errors import BadInput, BookingError, NameNeeded
from booking_ui.edge.threads import call_quick
from booking_ui.languages import to
from booking_ui.services.accounts import phone_sign_in
from booking_ui.services.limits import rate_limits

router = APIRouter(prefix="/api/session", dependencies=[Depends(same_origin)], include_in_schema=False)

NUMBER, CODE = "/sign-in/", "/sign-in/phone/"


@router.post("/phone/request")
async def ask(request: Request, form: Form, now: Now) -> Response:
    """Sends the browser the same way whether anybody has the number or not. Without a number it is the last one again."""
    asked = asked_code.fresh(form.get("phone") or asked_code.read(request).address)
    try:
        await identity.ask_for_text(
            request, phone_sign_in.request_code, phone=asked.address, at=now, device=asked.device
        )
    except BookingError as exc:
        return _ask_again(exc, form)
    answer = forms.see_other(to(CODE), sent="1", **destination(form))
    asked_code.keep(answer, asked)
    return answer


def _ask_again(error: BookingError, form: dict[str, str]) -> Response:
    """Back to the form that asked: the one for the digits if that asks for another code."""
    if form.get("again"):
        return forms.back_to_form(to(CODE), error, sent="1", **destination(form))
    return forms.back_to_form(to(NUMBER), error, by="phone", **destination(form))


@router.post("/phone")
async def enter(request: Request, form: Form, now: Now) -> Response:
    asked = asked_code.read(request)
    asked = replace(asked, code=form.get("code", "")[:40] or asked.code)
    try:
        entered = await identity.try_texted_code(
            request,
            phone_sign_in.enter,
            phone=asked.address or form.get("phone", ""),
            code=asked.code,
            name=form.get("name", ""),
            device=asked.device,
            now=now,
        )
    except NameNeeded:
        answer: Response = forms.see_other(to(CODE), new="1", **destination(form))
        asked_code.keep(answer, asked)
        return answer
    except BadInput as exc:
        if all(one.field == "name" for one in exc.errors):
            return forms.back_to_form(to(CODE), exc, new="1", **destination(form))
        return forms.back_to_form(to(NUMBER), exc, by="phone", **destination(form))  # the cookie is gone
    except BookingError as exc:
        return forms.back_to_form(to(CODE), exc, sent="1", **destination(form))
    await call_quick(rate_limits.note_home, phone=entered.who.phone, host=identity.host_of(request))
    answer = await open_session(request, entered.who, form, now)
    asked_code.forget(answer)
    return answer
