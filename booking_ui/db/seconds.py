"""SECONDS(column) in SQL that is written as text: an instant in whole seconds since 1970, in the words of each database."""

from __future__ import annotations

import re
from datetime import datetime

_SECONDS = re.compile(r"SECONDS\(([a-z_.]+)\)")
_WORDS = {
    # strftime rounds a fraction of .9995 up.
    "sqlite": r"CAST(strftime('%s', substr(\1, 1, 19)) AS INTEGER)",
    "postgresql": r"CAST(FLOOR(EXTRACT(EPOCH FROM \1)) AS BIGINT)",
}


def seconds(at: datetime) -> int:
    """SECONDS in Python."""
    return int(at.timestamp())


def in_words_of(dialect: str, query: str) -> str:
    """The query with its SECONDS as the database of this dialect (sqlite, postgresql) knows it; NULL stays NULL."""
    return _SECONDS.sub(_WORDS[dialect], query)
