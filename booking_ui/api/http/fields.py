"""The types of a request's fields, bounded by what the database can take."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Annotated

from fastapi import Path, Query
from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints
from starlette.convertors import Convertor, register_url_convertor

from booking_ui.domain import reason
from booking_ui.domain.paging import LONGEST_PAGE
from booking_ui.languages import _

# The id columns are 32 bits wide on PostgreSQL; a greater number there is an error, not an empty answer.
LARGEST_ID = 2**31 - 1


class Number(Convertor[str]):
    """`{id:number}` in an address: a word beside it, such as /appointments/book, is another address, not a bad id."""

    regex = r"[0-9]+(?!\n)"  # the end of an address would otherwise also be found before a last line break

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


class Anything(Convertor[str]):
    """`{rest:path}` that goes on after a line break."""

    regex = r"(?s:.*)"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("number", Number())
register_url_convertor("anything", Anything())


def _printable(text: str) -> str:
    """PostgreSQL takes no NUL, and a page shows no control character; lines may end."""
    if any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\r\t" for c in text):
        raise ValueError(_("Some of these characters can't be used."))
    return text


_WHOLE = re.compile(r"-?[0-9]+")


def _digits(value: object) -> object:
    """Refuse other spellings of a number: Pydantic reads "1.0", " 1" and the digits of other scripts as 1 too."""
    if isinstance(value, str) and not _WHOLE.fullmatch(value):
        raise ValueError(_("Write this as a whole number."))
    return value


# The rule of `_printable` as a pattern, for the API's description.
INK = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$"

_Ink = AfterValidator(_printable)
_Described = Field(json_schema_extra={"pattern": INK})
_Digits = BeforeValidator(_digits)
EmptyIsNone = BeforeValidator(lambda value: value or None)  # "?status=" asks for every status

# In JSON 1.0 is the number 1, and OpenAPI can't say otherwise.
_Whole = BeforeValidator(lambda it: int(it) if isinstance(it, float) and it.is_integer() else it)

BodyId = Annotated[int, Field(strict=True, ge=1, le=LARGEST_ID), _Whole]
PathId = Annotated[int, Path(ge=1, le=LARGEST_ID), _Digits]
Reason = Annotated[
    str, StringConstraints(strict=True, strip_whitespace=True, max_length=reason.LONGEST), _Described, _Ink
]
Short = Annotated[str, StringConstraints(strict=True, strip_whitespace=True, max_length=80), _Described, _Ink]
Long = Annotated[str, StringConstraints(strict=True, max_length=1000), _Described, _Ink]
Secret = Annotated[str, StringConstraints(strict=True, max_length=1000)]  # hashed or compared, never stored


def _text_day(value: object) -> object:
    """Refuse a day that is not text: a number would be read as seconds since 1970."""
    if value is not None and not isinstance(value, str):
        raise ValueError(_("Write a date such as 2026-11-24."))
    return value


BodyDay = Annotated[date, BeforeValidator(_text_day)]

QueryText = Annotated[str, Query(max_length=100), _Described, _Ink]
Page = Annotated[int, Query(ge=1, le=1_000_000), _Digits]
PageSize = Annotated[int, Query(alias="pageSize", ge=1, le=LONGEST_PAGE), _Digits]
Days = Annotated[int | None, Query(alias="days", ge=1, le=14), _Digits]
QueryId = Annotated[int, Query(ge=1, le=LARGEST_ID), _Digits]
Rupees = Annotated[float, Query(ge=0, le=10_000_000, allow_inf_nan=False)]
# Far enough for every booking, near enough that no arithmetic on it overflows: days beyond have nothing to show either.
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2999, 12, 31)


def _iso_day(value: object) -> object:
    """Refuse other spellings of a day: Pydantic also takes seconds since 1970 and whole instants."""
    if isinstance(value, str) and not _ISO_DAY.fullmatch(value):
        raise ValueError(_("Write a date such as 2026-11-24."))
    return value


_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
Day = Annotated[
    date, BeforeValidator(_iso_day), AfterValidator(lambda day: min(max(day, FIRST_DAY), LAST_DAY))
]

# Parameters that several lists take.
DateFrom = Annotated[Day | None, Query(alias="dateFrom")]
DateTo = Annotated[Day | None, Query(alias="dateTo")]
OfDoctor = Annotated[QueryId | None, Query(alias="doctorId")]
