"""The caller of a route: known by a Bearer token or by the session cookie of the pages, never by the body.

Passwords and codes are checked through here as well, because guessing them is limited for each account and address.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from threading import Lock
from typing import Annotated, ParamSpec, TypeVar

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
    WrongTextedCode,
)
from booking_ui.domain.people.person import clean_email, mobile_number
from booking_ui.edge.threads import call, call_password, call_quick
from booking_ui.languages import _
from booking_ui.services.accounts import authentication, sessions
from booking_ui.services.limits import rate_limits
from booking_ui.services.views import Principal

P = ParamSpec("P")
R = TypeVar("R")

_TURNS = tuple(Lock() for _ in range(64))  # accounts that share a lock wait some milliseconds for each other
_SAFE = {"GET", "HEAD", "OPTIONS"}
_scheme = HTTPBearer(
    scheme_name="bearerAuth",
    bearerFormat="JWT",
    auto_error=False,
    description="The accessToken of /api/auth/login.",
)


async def now() -> datetime:
    return utc_now()


Now = Annotated[datetime, Depends(now)]


def same_origin(request: Request) -> None:
    """Refuse a form that another site's page sent with our cookie. Raises Forbidden."""
    if request.headers.get("origin") not in settings().own_origins:
        raise Forbidden(_("This form came from another site. Please open ours and try again."))


async def caller(
    request: Request, token: Annotated[HTTPAuthorizationCredentials | None, Depends(_scheme)], at: Now
) -> Principal:
    """The person who calls. Raises NotSignedIn; Forbidden for a cookie from another site's page; RateLimited."""
    who = await _person(request, token.credentials if token else "", at)
    await call_quick(rate_limits.limit_person, name="person", person_id=who.person_id)
    return who


async def _person(request: Request, token: str, at: datetime) -> Principal:
    if "authorization" in request.headers:
        # A bad token is never mended by a cookie that happens to be there.
        return await call(authentication.access_token_principal, access_token=token, now=at)
    session = request.cookies.get(sessions.cookie_name(), "")
    who = await call(authentication.session_principal, token=session, now=at) if session else None
    if who is None:
        raise NotSignedIn
    if request.method not in _SAFE:
        same_origin(request)
    return who


async def known_caller(request: Request, at: datetime) -> Principal | None:
    """The person who calls, or None for an unknown caller, for routes that serve both."""
    token = await _scheme(request)
    try:
        return await _person(request, token.credentials if token else "", at)
    except (NotSignedIn, Forbidden):
        return None


def host_of(request: Request) -> str:
    """The caller's address behind the proxies we trust (edge/perimeter.py); empty for a socket without one."""
    return request.client.host if request.client else ""


async def _host(request: Request) -> str:
    return host_of(request)  # FastAPI would give a function that is not async a thread


Host = Annotated[str, Depends(_host)]


async def authenticate(request: Request, *, email: str, password: str, at: datetime) -> Principal:
    return await limit_guesses(
        request, email, authentication.authenticate, email=email, password=password, now=at
    )


async def open_account(
    request: Request, *, name: str, email: str, phone: str, password: str, at: datetime
) -> Principal:
    """A new patient. The answer tells when a mail has an account already: that counts as a wrong password from this address.

    Raises BadInput, EmailTaken, RateLimited.
    """
    host = host_of(request)
    await call_quick(rate_limits.limit_address, name="register", host=host)
    attempt = partial(
        authentication.open_account, name=name, email=email, phone=phone, password=password, now=at
    )
    return await call_password(_open_account_counted, host, attempt)


async def ask_for_mail(
    request: Request, service: Callable[..., None], *, email: str, at: datetime, **more: object
) -> None:
    """Have `service` mail a link or a code to this address, if it has an account. Raises BadInput, RateLimited."""
    await call_quick(rate_limits.limit_address, name="register", host=host_of(request))
    await call(service, email=email, now=at, **more)


async def ask_for_text(
    request: Request, service: Callable[..., None], *, phone: str, at: datetime, **more: object
) -> None:
    """Have `service` send a code to this number by text. Raises BadInput, TooManyCodes, and what the service raises."""
    host = host_of(request)
    number = mobile_number(phone)  # what can't be sent costs nothing, and counts for nothing
    await call_quick(rate_limits.limit_codes, to=number, host=host)
    await call(service, phone=number, now=at, **more)


async def ask_own(
    request: Request, service: Callable[..., None], *, who: Principal, at: datetime, **more: object
) -> None:
    """Have `service` send a code to the caller's own number or address. Raises TooManyCodes, and what the service raises."""
    own = account_of(who)
    await call_quick(rate_limits.limit_codes, to=own, host=host_of(request))
    await call(service, person_id=who.person_id, now=at, **more)


def account_of(who: Principal) -> str:
    """The name under which guesses at an account are counted."""
    return who.email or who.phone


async def try_texted_code(
    request: Request, service: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs
) -> R:
    """The result of a service that takes a code sent to a device; wrong ones count for the address that tries them.

    Not for the number: each code has ten tries of its own, and a stranger's must not lock its owner out.
    """
    host = host_of(request)
    await call_quick(rate_limits.limit_account_probes, host=host)
    try:
        return await call(service, *args, **kwargs)
    except WrongTextedCode:
        await call_quick(rate_limits.count_account_probe, host=host)
        raise


def _open_account_counted(host: str, attempt: Callable[[], Principal]) -> Principal:
    rate_limits.limit_account_probes(host=host)
    try:
        return attempt()
    except EmailTaken:
        rate_limits.count_account_probe(host=host)
        raise


async def limit_guesses(
    request: Request, email: str, service: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs
) -> R:
    """The result of a service that checks a password or code for the account of `email`; wrong guesses are limited.

    Raises RateLimited, and what the service raises.
    """
    host = host_of(request)
    await call_quick(rate_limits.limit_guesses, email=email, host=host)
    return await call_password(_guess_in_turn, email, host, partial(service, *args, **kwargs))


def _guess_in_turn(email: str, host: str, attempt: Callable[[], R]) -> R:
    """One attempt, counted. The guesses at an account take turns, and the limit is asked again inside the turn.

    Of a thousand guesses sent at once all pass the first question before the first of them is found wrong.
    """
    with _TURNS[hash(clean_email(email)) % len(_TURNS)]:
        rate_limits.limit_guesses(email=email, host=host)
        try:
            result = attempt()
        except (WrongCredentials, WrongCode, WrongPassword):
            rate_limits.count_wrong_guess(email=email, host=host)
            raise
        rate_limits.count_right_guess(email=email, host=host)
        return result


Caller = Annotated[Principal, Depends(caller)]


async def patient(who: Caller) -> Principal:
    """Raises Forbidden for admins and doctors: bookings belong to patients."""
    if who.role != "patient":
        raise Forbidden(_("Only patients can book. Sign in with a patient's account."))
    return who


async def admin(who: Caller) -> Principal:
    """Raises Forbidden for everybody but admins."""
    if who.role != "admin":
        raise Forbidden
    return who


Patient = Annotated[Principal, Depends(patient)]
Admin = Annotated[Principal, Depends(admin)]
