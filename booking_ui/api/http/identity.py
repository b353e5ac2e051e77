"""Who is calling: a Bearer token, or the cookie session of the pages. Never something in the body."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from threading import Lock
from typing import Annotated, ParamSpec, TypeVar
from urllib.parse import urlsplit

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from booking_ui.config.settings import settings
from booking_ui.domain.clock import utc_now
from booking_ui.domain.errors import (
    EmailTaken,
    Forbidden,
    NotSignedIn,
    WrongCode,
    WrongCredentials,
    WrongPassword,
)
from booking_ui.domain.people.person import clean_email
from booking_ui.edge.threads import call, call_quick
from booking_ui.services.accounts import authentication, sessions
from booking_ui.services.limits import rate_limits
from booking_ui.services.views import Principal

P = ParamSpec("P")
R = TypeVar("R")

_TURNS = tuple(Lock() for _ in range(64))  # two accounts that share one wait some milliseconds for each other
_SAFE = {"GET", "HEAD", "OPTIONS"}
_scheme = HTTPBearer(
    scheme_name="bearerAuth",
    bearerFormat="JWT",
    auto_error=False,
    description="The accessToken of /api/auth/login.",
)


async def now() -> datetime:
    """The one reading of the clock of a request."""
    return utc_now()


Now = Annotated[datetime, Depends(now)]


def same_origin(request: Request) -> None:
    """Refuse what another site's page sent with our cookie. Raises Forbidden."""
    origin = request.headers.get("origin")
    if origin is None or origin not in (settings().base_url, _own_origin(request)):
        raise Forbidden("This form came from another site. Please open ours and try again.")


def _own_origin(request: Request) -> str:
    """The origin the browser itself used to reach us: PUBLIC_URL need not be the only name of the clinic."""
    base = urlsplit(settings().base_url)
    return f"{base.scheme}://{request.headers.get('host', base.netloc)}"


async def caller(
    request: Request, token: Annotated[HTTPAuthorizationCredentials | None, Depends(_scheme)], at: Now
) -> Principal:
    """The person who calls. Raises NotSignedIn; Forbidden for a cookie from another site's page; RateLimited."""
    who = await _person(request, token.credentials if token else "", at)
    await call_quick(rate_limits.person, name="person", person_id=who.person_id)
    return who


async def _person(request: Request, token: str, at: datetime) -> Principal:
    if "authorization" in request.headers:
        # A bad token is never mended by a cookie that happens to be there.
        return await call(authentication.bearer, access_token=token, now=at)
    session = request.cookies.get(sessions.cookie_name(), "")
    who = await call(authentication.resolve, token=session, now=at) if session else None
    if who is None:
        raise NotSignedIn
    if request.method not in _SAFE:
        same_origin(request)
    return who


async def known_caller(request: Request, at: datetime) -> Principal | None:
    """The person who calls, or None for somebody unknown; whether she must be known is the route's own question."""
    token = await _scheme(request)
    try:
        return await _person(request, token.credentials if token else "", at)
    except (NotSignedIn, Forbidden):
        return None


def host_of(request: Request) -> str:
    """The caller's address, seen through the proxies we trust (edge/perimeter.py); empty for a socket without one."""
    return request.client.host if request.client else ""


async def sign_in(request: Request, *, email: str, password: str, at: datetime) -> Principal:
    """The person with this mail and password, unless somebody guesses too often.

    Raises WrongCredentials, RateLimited.
    """
    return await guessed(request, email, authentication.sign_in, email=email, password=password, now=at)


async def register(
    request: Request, *, name: str, email: str, phone: str, password: str, at: datetime
) -> Principal:
    """A new patient. That a mail is taken has to be said here: each time counts as a wrong password from that address.

    Raises BadInput, EmailTaken, RateLimited.
    """
    host = host_of(request)
    await call_quick(rate_limits.address, name="register", host=host)
    wanted = partial(authentication.register, name=name, email=email, phone=phone, password=password, now=at)
    return await call(_registered, host, wanted)


def _registered(host: str, attempt: Callable[[], Principal]) -> Principal:
    rate_limits.asking(host=host)
    try:
        return attempt()
    except EmailTaken:
        rate_limits.told(host=host)
        raise


async def guessed(
    request: Request, whose: str, service: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs
) -> R:
    """What a service answers to a password or code for the account of the mail `whose`, unless somebody guesses too often.

    Raises RateLimited, and what the service raises.
    """
    host = host_of(request)
    await call_quick(rate_limits.guessing, email=whose, host=host)
    return await call(_looked_at, whose, host, partial(service, *args, **kwargs))


def _looked_at(whose: str, host: str, attempt: Callable[[], R]) -> R:
    """The attempt and what is counted for it. Asked again, and one account's guesses one after the other: of a thousand sent
    at once all have passed the first question before the first of them was found wrong."""
    with _TURNS[hash(clean_email(whose)) % len(_TURNS)]:
        rate_limits.guessing(email=whose, host=host)
        try:
            found = attempt()
        except (WrongCredentials, WrongCode, WrongPassword):
            rate_limits.guessed_wrong(email=whose, host=host)
            raise
        rate_limits.guessed_right(email=whose, host=host)
        return found


Caller = Annotated[Principal, Depends(caller)]


async def patient(who: Caller) -> Principal:
    """Raises Forbidden for the desk and for doctors: bookings belong to patients."""
    if who.role != "patient":
        raise Forbidden("Only patients can book. Sign in with a patient's account.")
    return who


async def admin(who: Caller) -> Principal:
    """Raises Forbidden for everybody but the desk."""
    if who.role != "admin":
        raise Forbidden
    return who


Patient = Annotated[Principal, Depends(patient)]
Admin = Annotated[Principal, Depends(admin)]
