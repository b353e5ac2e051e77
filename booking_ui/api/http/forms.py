"""HTML forms: reading their fields, and the redirects that answer them."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import RedirectResponse

from booking_ui.api.http.fields import LARGEST_ID
from booking_ui.domain.errors import BadInput, BookingError

FORM_TYPES = {"application/x-www-form-urlencoded", "multipart/form-data"}
# One slash, not two; no backslash and no control character: browsers turn or drop those, and another host appears.
_PAGE = re.compile(r"/(?!/)[^\x00-\x20\x7f\\]{0,500}")


def content_type(request: Request) -> str:
    return request.headers.get("content-type", "").split(";")[0].strip().lower()


async def fields(request: Request) -> dict[str, str]:
    """The text fields of a form; files are left out. A broken form is a 400."""
    async with request.form(max_files=0, max_fields=50) as form:
        # Some charsets can spell half a character, which no redirect can carry.
        return {k: v.encode(errors="replace").decode() for k, v in form.items() if isinstance(v, str)}


def to_id(text: str) -> int | None:
    found = int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else 0
    return found if 1 <= found <= LARGEST_ID else None


def own_page(onward: str) -> str:
    """`onward` if it is a page of ours, else an empty string: never a way to another site."""
    if not _PAGE.fullmatch(onward):
        return ""
    path = re.split("[?#]", onward)[0]
    return "" if f"{path}/".startswith("/api/") else onward


def see_other(path: str, **query: str) -> RedirectResponse:
    """A 303: the browser continues with GET. Empty values are left out."""
    query_string = urlencode({name: value for name, value in query.items() if value})
    return RedirectResponse(f"{path}?{query_string}" if query_string else path, status_code=303)


def back_to_form(page: str, error: BookingError, **query: str) -> RedirectResponse:
    """Back to the form, which shows what is wrong. The typed values stay in the browser: addresses end up in logs."""
    errors = error.errors if isinstance(error, BadInput) else ()
    wrong = ",".join(f"{one.field}.{one.kind}" if one.kind else one.field for one in errors)
    return see_other(page, problem=error.page_code or error.code, fields=wrong, **query)
