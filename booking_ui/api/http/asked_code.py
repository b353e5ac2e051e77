"""The cookie of a browser that asked for a code: its nonce, without which the code opens nothing, and where the code went.

No script can read it, and only the forms' routes get it. A right code is kept in it while a new patient tells their name.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, unquote

from fastapi import Request
from fastapi.responses import Response

from booking_ui.config.settings import settings
from booking_ui.services.accounts import one_time_codes
from booking_ui.services.accounts.one_time_codes import Device

COOKIE = "asked"
PATH = "/api/session"
_LONGEST = 2000  # characters; an address has 254 at most


@dataclass(frozen=True)
class Asked:
    """`address` is a number or a mail address."""

    nonce: str = ""
    address: str = ""
    code: str = ""

    @property
    def device(self) -> Device:
        return Device(self.nonce, bound=True)


def fresh(address: str) -> Asked:
    return Asked(one_time_codes.new_nonce(), address)


def read(request: Request) -> Asked:
    """The last code that the browser asked for; empty when it asked for none, or long ago."""
    parts = [unquote(part) for part in request.cookies.get(COOKIE, "")[:_LONGEST].split("|")]
    return Asked(*parts) if len(parts) == 3 else Asked()


def keep(answer: Response, asked: Asked) -> None:
    value = "|".join(quote(part, safe="") for part in (asked.nonce, asked.address, asked.code))
    answer.set_cookie(
        COOKIE,
        value,
        max_age=int(one_time_codes.CODE_LIFE.total_seconds()),
        path=PATH,
        secure=settings().https,
        httponly=True,
        samesite="lax",
    )


def forget(answer: Response) -> None:
    answer.delete_cookie(COOKIE, path=PATH, secure=settings().https, httponly=True, samesite="lax")
