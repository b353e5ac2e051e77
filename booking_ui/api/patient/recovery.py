"""Mailed links and codes, and a person's own account, for programs."""

from __future__ import annotations

from fastapi import APIRouter, Request
from pydantic import ConfigDict, Field

from booking_ui.api.http import identity, shapes
from booking_ui.api.http.envelope import PROBLEMS, Envelope, RequestBody
from booking_ui.api.http.fields import Long, Secret
from booking_ui.api.http.identity import Caller, Now
from booking_ui.edge.threads import call, call_password
from booking_ui.languages import N_, _
from booking_ui.services.accounts import authentication, profile, recovery
from booking_ui.services.accounts.one_time_codes import Device
from booking_ui.services.accounts.sessions import cookie_name

router = APIRouter(prefix="/api/auth", tags=["Accounts"], responses=PROBLEMS)

ON_ITS_WAY = N_("If there is an account with this address, a mail is on its way.")


class Address(RequestBody):
    email: Long

    model_config = ConfigDict(json_schema_extra={"example": {"email": "asha@example.com"}})


class LinkToken(RequestBody):
    token: Secret


class NewPassword(RequestBody):
    token: Secret
    password: Secret


class MailedCode(RequestBody):
    email: Long
    code: Secret

    model_config = ConfigDict(json_schema_extra={"example": {"email": "asha@example.com", "code": "204 991"}})


class OtherPassword(RequestBody):
    old_password: Secret
    new_password: Secret


class Proof(RequestBody):
    password: Secret | None = Field(default=None, description="Of an account that has one.")
    code: Secret | None = Field(
        default=None, description="Of any other account: /api/auth/me/erase/code sends it."
    )
    request_id: Secret | None = None

    model_config = ConfigDict(json_schema_extra={"example": {"password": "demo-clinic"}})


class Details(RequestBody):
    name: Long | None = None
    phone: Long | None = None

    model_config = ConfigDict(json_schema_extra={"example": {"phone": "9876543210"}})


@router.post("/verify", summary="Confirm a mail address")
async def verify(body: LinkToken, now: Now) -> Envelope[None]:
    """The token stands after the # of the mailed link. 410 `link_over` when it was used or is older than 3 days."""
    await call(recovery.verify_email, token=body.token, now=now)
    return Envelope(message=_("Your address is confirmed."), data=None)


@router.post("/verify/send", summary="Mail the confirming link again")
async def send_verification(who: Caller, now: Now) -> Envelope[None]:
    sent = await call(recovery.request_verification_link, person_id=who.person_id, now=now)
    message = _("A mail is on its way.") if sent else _("Your address is confirmed already.")
    return Envelope(message=message, data=None)


@router.post("/reset/request", summary="Ask for a link to a new password")
async def ask_reset(request: Request, body: Address, now: Now) -> Envelope[None]:
    """The answer is the same whether anybody has this address or not."""
    await identity.ask_for_mail(request, recovery.request_reset_link, email=body.email, at=now)
    return Envelope(message=_(ON_ITS_WAY), data=None)


@router.post("/reset", summary="Choose a new password")
async def reset(body: NewPassword, now: Now) -> Envelope[None]:
    """Works once, for 30 minutes, and ends every session and token of the account."""
    await call_password(recovery.reset_password, token=body.token, password=body.password, now=now)
    return Envelope(message=_("Your password is changed. Sign in with the new one."), data=None)


@router.post("/code/request", summary="Ask for a sign-in code")
async def ask_code(request: Request, body: Address, now: Now) -> Envelope[None]:
    """The answer is the same whether anybody has this address or not."""
    await identity.ask_for_mail(request, recovery.request_code, email=body.email, at=now)
    return Envelope(message=_(ON_ITS_WAY), data=None)


@router.post("/code", summary="Sign in with a mailed code")
async def use_code(request: Request, body: MailedCode, now: Now) -> Envelope[shapes.Tokens]:
    """Six digits, good once, for 10 minutes and 5 tries."""
    who = await identity.limit_guesses(
        request, body.email, recovery.authenticate_by_code, email=body.email, code=body.code, now=now
    )
    view = await call(
        authentication.issue_tokens, person_id=who.person_id, key_number=who.key_number, now=now
    )
    return Envelope(message=_("Signed in."), data=shapes.Tokens.of(view))


@router.post("/password", summary="Change the password")
async def change_password(body: OtherPassword, who: Caller, request: Request, now: Now) -> Envelope[None]:
    """Ends every other session and every token of the account, also the one this was sent with."""
    await identity.limit_guesses(
        request,
        identity.account_of(who),
        profile.change_password,
        person_id=who.person_id,
        old=body.old_password,
        new=body.new_password,
        token=request.cookies.get(cookie_name(), ""),
        now=now,
    )
    return Envelope(message=_("Your password is changed."), data=None)


@router.post("/logout/everywhere", summary="End every session and token of the account")
async def logout_everywhere(who: Caller, now: Now) -> Envelope[None]:
    await call(profile.sign_out_everywhere, person_id=who.person_id, now=now)
    return Envelope(message=_("Signed out everywhere."), data=None)


@router.patch("/me", summary="Change one's name or phone number")
async def edit(body: Details, who: Caller, now: Now) -> Envelope[None]:
    """Fields that are left out stay as they are. For patients: the clinic keeps the names and numbers of its staff."""
    await call(profile.change_contact, person_id=who.person_id, name=body.name, phone=body.phone, now=now)
    return Envelope(message=_("Saved."), data=None)


@router.post("/me/erase", summary="Erase the account")
async def erase(request: Request, body: Proof, who: Caller, now: Now) -> Envelope[None]:
    """Bookings and payments stay, without anything that names the patient. 409 `still_needed` while a visit lies
    ahead or money is on its way."""
    await identity.limit_guesses(
        request,
        identity.account_of(who),
        profile.erase_account,
        person_id=who.person_id,
        password=body.password or "",
        code=body.code or "",
        device=Device(body.request_id or ""),
        now=now,
    )
    return Envelope(message=_("Your account is erased."), data=None)
