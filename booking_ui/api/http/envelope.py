"""The one shape of every answer, and the handlers that put each error into it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import NoneType
from typing import Any, Generic, Literal, Self, TypeVar, get_args

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel
from starlette.exceptions import HTTPException

from booking_ui.api.http.wording import fields_in_words
from booking_ui.domain.errors import (
    BadInput,
    BookingError,
    FieldError,
    NotFound,
    NotSignedIn,
    TooLarge,
    TooSlow,
)
from booking_ui.domain.paging import Page
from booking_ui.languages import N_, _

T = TypeVar("T")


class Wire(BaseModel):
    """JSON as it travels: camelCase names; unknown fields are ignored, so that newer clients keep working."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    @classmethod
    def of(cls, view: object, **more: Any) -> Self:
        """A service's result as it travels: its attributes of the fields' names, and `more` for all other fields.

        An empty attribute is null where the field may be null.
        """
        for name, field in cls.model_fields.items():
            if name not in more:
                value = getattr(view, name)
                more[name] = value or None if NoneType in get_args(field.annotation) else value
        return cls(**more)


class RequestBody(Wire):
    """A body that comes in. Each field is taken under its camelCase name alone, and every other name is refused."""

    model_config = ConfigDict(populate_by_name=False, extra="forbid")


class Envelope(Wire, Generic[T]):
    success: Literal[True] = True
    message: str
    data: T


class Paging(Wire):
    """The part of a list that `data` holds."""

    page: int
    page_size: int
    pages: int
    total: int


def on_page(found: Page[T], page: int) -> Sequence[T]:
    """The rows of the page that a program asked for: none past the end, where a person is shown the last page."""
    return found.rows if page <= found.paging.pages else ()


class EnvelopePage(Envelope[list[T]], Generic[T]):
    """A list that may be long: `data` is one page of it."""

    paging: Paging


class WrongField(Wire):
    field: str
    message: str


class Problem(Wire):
    """`code` is stable and documented; `message` is for people; `errors` only comes with bad input."""

    success: Literal[False] = False
    message: str
    data: Any = None
    code: str
    errors: list[WrongField] | None = None


class Refusal(Exception):
    """A service's refusal together with what helps the caller to go on."""

    def __init__(self, error: BookingError, data: Wire) -> None:
        super().__init__(error.sentence)
        self.error = error
        self.data = data


PROBLEMS: dict[int | str, dict[str, Any]] = {
    "4XX": {"model": Problem, "description": "Refused; `code` says why."}
}
GATEWAY_PROBLEMS: dict[int | str, dict[str, Any]] = {
    **PROBLEMS,
    502: {"model": Problem, "description": "`gateway_rejected`: Razorpay understood and refused."},
    503: {
        "model": Problem,
        "description": "`gateway_unavailable`: the hold is kept; try again in a moment.",
    },
}

_HTTP: dict[int, tuple[str, str]] = {
    400: ("bad_request", N_("That request can't be read.")),
    404: (NotFound.code, N_("There is nothing at this address.")),
    405: ("method_not_allowed", N_("This address does not take that method.")),
    408: (TooSlow.code, TooSlow.message),
    413: (TooLarge.code, TooLarge.message),
}


def problem(
    status: int,
    code: str,
    message: str,
    *,
    data: Wire | None = None,
    errors: Sequence[FieldError] = (),
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    body: dict[str, Any] = {"success": False, "message": message, "data": None, "code": code}
    if data is not None:
        body["data"] = data.model_dump(by_alias=True, mode="json")
    if errors:
        body["errors"] = [{"field": error.field, "message": error.message} for error in errors]
    return JSONResponse(body, status, headers)


def refused(error: BookingError, data: Wire | None = None) -> JSONResponse:
    headers: dict[str, str] = {}
    if error.retry_after_seconds:
        headers["Retry-After"] = str(error.retry_after_seconds)
    if isinstance(error, NotSignedIn):
        headers["WWW-Authenticate"] = "Bearer"
    errors = error.errors if isinstance(error, BadInput) else ()
    return problem(error.status, error.code, error.sentence, data=data, errors=errors, headers=headers)


def unexpected() -> JSONResponse:
    """For our own mistakes: says nothing about them."""
    return problem(500, "internal", _("Something went wrong on our side. Please try again in a moment."))


async def _booking_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, BookingError)  # registered for it
    return refused(error)


async def _refusal(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Refusal)  # registered for it
    return refused(error.error, error.data)


async def _http_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # registered for it
    code, message = _HTTP.get(error.status_code, (BookingError.code, BookingError.message))
    return problem(error.status_code, code, _(message), headers=error.headers)


async def _bad_input(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # registered for it
    found = error.errors()
    if any(one["type"] == "json_invalid" for one in found):
        return problem(400, "bad_request", _("The body is not valid JSON."))
    return refused(BadInput(*fields_in_words(found)))


def speak_envelopes(api: FastAPI) -> None:
    api.add_exception_handler(BookingError, _booking_error)
    api.add_exception_handler(Refusal, _refusal)
    api.add_exception_handler(HTTPException, _http_error)
    api.add_exception_handler(RequestValidationError, _bad_input)
