"""The errors of pydantic in words for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic.alias_generators import to_camel

from booking_ui.domain.errors import FieldError

_SENTENCES = {
    "missing": "This is required.",
    "string_type": "Write this as text.",
    "string_unicode": "Some of these characters can't be read.",
    "string_too_short": "Write at least {min_length} characters.",
    "string_too_long": "Write at most {max_length} characters.",
    "string_pattern_mismatch": "This is not in the expected form.",
    "int_type": "Write this as a whole number.",
    "int_parsing": "Write this as a whole number.",
    "int_parsing_size": "This number is too large.",
    "int_from_float": "Write this as a whole number.",
    "float_type": "Write this as a number.",
    "float_parsing": "Write this as a number.",
    "decimal_type": "Write this as a number.",
    "decimal_parsing": "Write this as a number.",
    "decimal_max_places": "Write at most {decimal_places} decimal places.",
    "finite_number": "Write this as a number.",
    "greater_than_equal": "This must be at least {ge}.",
    "less_than_equal": "This must be at most {le}.",
    "date_type": "Write a date such as 2026-11-24.",
    "date_parsing": "Write a date such as 2026-11-24.",
    "date_from_datetime_parsing": "Write a date such as 2026-11-24.",
    "date_from_datetime_inexact": "Write a date such as 2026-11-24.",
    "literal_error": "Choose one of {expected}.",
    "enum": "Choose one of {expected}.",
    "model_type": "Send a JSON object.",
    "model_attributes_type": "Send a JSON object.",
    "dict_type": "Send a JSON object.",
}
_SECTIONS = {"body", "query", "path", "header", "cookie"}


def fields_in_words(found: Sequence[Any]) -> list[FieldError]:
    """One sentence for each wrong field; it never repeats the value."""
    return [FieldError(_field(error), _sentence(error)) for error in found]


def _field(error: Mapping[str, Any]) -> str:
    parts = [str(part) for part in error["loc"]] or ["body"]
    named = parts[1:] if len(parts) > 1 and parts[0] in _SECTIONS else parts
    if parts[0] == "path":  # written with underscores in the address alone
        named = [to_camel(part) for part in named]
    return ".".join(named)


def _sentence(error: Mapping[str, Any]) -> str:
    context = error.get("ctx") or {}
    if error["type"] == "value_error":  # raised by a validator of ours, already in words
        return str(context.get("error", ""))
    plain = {
        name: int(it) if isinstance(it, float) and it.is_integer() else it for name, it in context.items()
    }
    return _SENTENCES.get(error["type"], "This can't be used here.").format_map(plain)
