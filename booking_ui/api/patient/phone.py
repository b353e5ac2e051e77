"""Codes by text message for programs: signing in or registering with a number, and proving an account's own addresses."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import ConfigDict, Field

from booking_ui.api.http import identity, shapes
from booking_ui.api.http.envelope import PROBLEMS, Envelope, Problem, RequestBody
from booking_ui.api.http.fields import Long, Secret
from booking_ui.api.http.identity import Caller, Now
from booking_ui.edge.threads import call, call_quick
from booking_ui.languages import N_, _
from booking_ui.services.accounts import authentication, one_time_codes, own_addresses, phone_sign_in
from booking_ui.services.accounts.one_time_codes import Device
from booking_ui.services.limits import rate_limits

router = APIRouter(prefix="/api/auth", tags=["Accounts"], responses=PROBLEMS)

ON_ITS_WAY = N_("A code is on its way.")

_NO_TEXTS: dict[int | str, dict[str, Any]] = {
    503: {"model": Problem, "description": "`no_texts`: this clinic sends no text messages."}
}

RequestId = Field(
    default=None,
    description="The one of the answer that announced the code; without it the newest code of the number counts.",
)


class Number(RequestBody):
    phone: Long

    model_config = ConfigDict(json_schema_extra={"example": {"phone": "9876543210"}})


class NumberAndCode(RequestBody):
    phone: Long
    code: Secret
    request_id: Secret | None = RequestId

    model_config = ConfigDict(json_schema_extra={"example": {"phone": "9876543210", "code": "204991"}})


class Entrance(NumberAndCode):
    name: Long | None = Field(
        default=None, description="Of a new patient; needed once, when the number is new."
    )

    model_config = ConfigDict(
        json_schema_extra={"example": {"phone": "9876543210", "code": "204991", "name": "Asha Rao"}}
    )


class NewAddress(RequestBody):
    email: Long

    model_config = ConfigDict(json_schema_extra={"example": {"email": "asha.rao@example.com"}})


class AddressAndCode(RequestBody):
    email: Long
    code: Secret
    request_id: Secret | None = RequestId

    model_config = ConfigDict(
        json_schema_extra={"example": {"email": "asha.rao@example.com", "code": "204991"}}
    )


@router.post("/phone", status_code=202, summary="Ask for a code by text message", responses=_NO_TEXTS)
async def ask(request: Request, body: Number, now: Now) -> Envelope[shapes.CodeAsked]:
    """The answer is the same whether anybody has this number or not. 422 for a number that gets no text messages, such as
    a landline's; 503 `no_texts` where the clinic sends none."""
    device = Device(one_time_codes.new_nonce())
    await identity.ask_for_text(request, phone_sign_in.request_code, phone=body.phone, at=now, device=device)
    return _asked(device)


@router.post(
    "/phone/verify",
    summary="Sign in or register with that code",
    responses={201: {"model": Envelope[shapes.Tokens], "description": "A new account."}},
)
async def enter(request: Request, body: Entrance, now: Now, answer: Response) -> Envelope[shapes.Tokens]:
    """Six digits, good once, for 10 minutes and 10 tries. 200 signs in, 201 registers. 422 `name_needed` when the number is
    new and no name came with it: the code stays good."""
    entered = await identity.try_texted_code(
        request,
        phone_sign_in.enter,
        phone=body.phone,
        code=body.code,
        name=body.name or "",
        device=Device(body.request_id or ""),
        now=now,
    )
    who = entered.who
    await call_quick(rate_limits.note_home, phone=who.phone, host=identity.host_of(request))
    view = await call(
        authentication.issue_tokens, person_id=who.person_id, key_number=who.key_number, now=now
    )
    if not entered.registered:
        return Envelope(message=_("Signed in."), data=shapes.Tokens.of(view))
    answer.status_code = 201
    return Envelope(message=_("Welcome, {name}.", name=who.name), data=shapes.Tokens.of(view))


@router.post("/me/phone", status_code=202, summary="Ask for a code to one's new number", responses=_NO_TEXTS)
async def ask_phone(request: Request, body: Number, who: Caller, now: Now) -> Envelope[shapes.CodeAsked]:
    """For patients. 409 `email_unconfirmed` while the account's address is not confirmed."""
    device = Device(one_time_codes.new_nonce())
    await identity.ask_for_text(
        request,
        own_addresses.request_phone_code,
        phone=body.phone,
        at=now,
        device=device,
        person_id=who.person_id,
    )
    return _asked(device)


@router.post("/me/phone/verify", summary="Add or change one's number with that code")
async def change_phone(request: Request, body: NumberAndCode, who: Caller, now: Now) -> Envelope[None]:
    """From then on the number signs in. 409 `phone_taken` when it signs in to another account."""
    await identity.try_texted_code(
        request,
        own_addresses.change_phone,
        person_id=who.person_id,
        phone=body.phone,
        code=body.code,
        device=Device(body.request_id or ""),
        now=now,
    )
    return Envelope(message=_("Your number is saved. You can sign in with it."), data=None)


@router.post("/me/email", status_code=202, summary="Ask for a code to one's new mail address")
async def ask_email(request: Request, body: NewAddress, who: Caller, now: Now) -> Envelope[shapes.CodeAsked]:
    """For patients. The answer is the same when another account has this address: then no mail is sent."""
    device = Device(one_time_codes.new_nonce())
    await identity.ask_for_mail(
        request,
        own_addresses.request_email_code,
        email=body.email,
        at=now,
        device=device,
        person_id=who.person_id,
    )
    return _asked(device)


@router.post("/me/email/verify", summary="Add or change one's mail address with that code")
async def change_email(request: Request, body: AddressAndCode, who: Caller, now: Now) -> Envelope[None]:
    await identity.try_texted_code(
        request,
        own_addresses.change_email,
        person_id=who.person_id,
        email=body.email,
        code=body.code,
        device=Device(body.request_id or ""),
        now=now,
    )
    return Envelope(message=_("Your email is saved."), data=None)


@router.post(
    "/me/erase/code", status_code=202, summary="Ask for a code to erase an account without a password"
)
async def ask_erasure(request: Request, who: Caller, now: Now) -> Envelope[shapes.CodeAsked]:
    """It goes to the account's number, else to its address."""
    device = Device(one_time_codes.new_nonce())
    await identity.ask_own(request, own_addresses.request_erasure_code, who=who, at=now, device=device)
    return _asked(device)


def _asked(device: Device) -> Envelope[shapes.CodeAsked]:
    life = int(one_time_codes.CODE_LIFE.total_seconds())
    return Envelope(message=_(ON_ITS_WAY), data=shapes.CodeAsked(request_id=device.nonce, expires_in=life))
