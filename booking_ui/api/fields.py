"""The types of what comes in: never more than the database can take."""

from __future__ import annotations

import unicodedata
from datetime import date
from decimal import Decimal
from typing import Annotated

from fastapi import Path, Query
from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

# The id columns are 32 bits wide on PostgreSQL; a greater number there is an error, not an empty answer.
LARGEST_ID = 2**31 - 1


def _printable(text: str) -> str:
    """PostgreSQL takes no NUL, and a page shows no control character; lines may end."""
    if any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\r\t" for c in text):
        raise ValueError("Some of these characters can't be used.")
    return text


def _digits(value: object) -> object:
    """Pydantic reads "1.0", " 1" and the digits of other scripts as 1 too: one thing, one address."""
    if isinstance(value, str) and not (value.isascii() and value.isdigit()):
        raise ValueError("Write this as a whole number.")
    return value


_Ink = AfterValidator(_printable)
_Digits = BeforeValidator(_digits)
EmptyIsNone = BeforeValidator(lambda value: value or None)  # "?status=" asks for every status

BodyId = Annotated[int, Field(strict=True, ge=1, le=LARGEST_ID)]
PathId = Annotated[int, Path(ge=1, le=LARGEST_ID), _Digits]
Reason = Annotated[str, StringConstraints(strict=True, strip_whitespace=True, max_length=300), _Ink]
Short = Annotated[str, StringConstraints(strict=True, strip_whitespace=True, max_length=80), _Ink]
Long = Annotated[str, StringConstraints(strict=True, max_length=1000), _Ink]
Secret = Annotated[str, StringConstraints(strict=True, max_length=1000)]  # hashed or compared, never stored

QueryText = Annotated[str, Query(max_length=100), _Ink]
LONGEST_PAGE = 100
Page = Annotated[int, Query(ge=1, le=1_000_000)]
PageSize = Annotated[int, Query(alias="pageSize", ge=1, le=LONGEST_PAGE)]
QueryId = Annotated[int, Query(ge=1, le=LARGEST_ID), _Digits]
Rupees = Annotated[Decimal, Query(ge=0, le=10_000_000, decimal_places=2)]
# Far enough for every booking, near enough that no arithmetic on it overflows.
Day = Annotated[date, Query(ge=date(2000, 1, 1), le=date(2999, 12, 31))]
