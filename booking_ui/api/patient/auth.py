"""Accounts and tokens for programs; the pages sign in with forms (session.py)."""

from __future__ import annotations

from fastapi import APIRouter, Request
from pydantic import ConfigDict, Field

from booking_ui.api.http import idempotency, identity, shapes
from booking_ui.api.http.envelope import PROBLEMS, Envelope, RequestBody
from booking_ui.api.http.fields import Long, Secret
from booking_ui.api.http.identity import Now
from booking_ui.domain.errors import NotSignedIn
from booking_ui.edge.threads import call
from booking_ui.languages import _
from booking_ui.services.accounts import authentication

router = APIRouter(prefix="/api/auth", tags=["Accounts"], responses=PROBLEMS)


class NewAccount(RequestBody):
    name: Long
    email: Long
    phone: Long
    password: Secret

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "name": "Asha Rao",
                "email": "asha.rao@example.com",
                "phone": "9876543210",
                "password": "at least 8 letters",
            }
        }
    )


class Credentials(RequestBody):
    email: Long
    password: Secret

    model_config = ConfigDict(
        json_schema_extra={"example": {"email": "asha@example.com", "password": "demo-clinic"}}
    )


class RefreshToken(RequestBody):
    refresh_token: Secret


class Ending(RequestBody):
    refresh_token: Secret | None = Field(
        default=None, description="The one to end; every one of the caller's when left out."
    )


@router.post("/register", status_code=201, summary="Open a patient's account")
async def register(request: Request, body: NewAccount, now: Now) -> Envelope[shapes.Tokens]:
    """A phone number of 10 digits is Indian; others begin with + and the country code. 409 `email_taken` counts like a wrong
    password from this address."""
    who = await identity.open_account(
        request, name=body.name, email=body.email, phone=body.phone, password=body.password, at=now
    )
    idempotency.note_registered(request, who.person_id)
    view = await call(
        authentication.issue_tokens, person_id=who.person_id, key_number=who.key_number, now=now
    )
    return Envelope(message=_("Welcome, {name}.", name=who.name), data=shapes.Tokens.of(view))


@router.post("/login", summary="Sign in")
async def login(request: Request, body: Credentials, now: Now) -> Envelope[shapes.Tokens]:
    """Wrong passwords are counted for each account and address; a mail without an account counts the same."""
    who = await identity.authenticate(request, email=body.email, password=body.password, at=now)
    view = await call(
        authentication.issue_tokens, person_id=who.person_id, key_number=who.key_number, now=now
    )
    return Envelope(message=_("Signed in."), data=shapes.Tokens.of(view))


@router.post("/refresh", summary="Trade a refresh token for a new pair")
async def refresh(body: RefreshToken, now: Now) -> Envelope[shapes.Tokens]:
    """Each refresh token works once; a second use ends every token of the account. The sign-in ends when it would have ended."""
    view = await call(authentication.refresh_tokens, refresh_token=body.refresh_token, now=now)
    return Envelope(message=_("Tokens renewed."), data=shapes.Tokens.of(view))


@router.post("/logout", summary="End a refresh token")
async def logout(request: Request, now: Now, body: Ending | None = None) -> Envelope[None]:
    """The access token that came with it lives on for its last minutes; `/api/auth/logout/everywhere` ends those too.

    401 when nothing says whose token is to end.
    """
    if body and body.refresh_token is not None:
        await call(authentication.revoke_refresh_token, refresh_token=body.refresh_token, now=now)
    elif who := await identity.known_caller(request, now):
        await call(authentication.revoke_refresh_tokens, person_id=who.person_id, now=now)
    else:
        raise NotSignedIn
    return Envelope(message=_("Signed out."), data=None)
