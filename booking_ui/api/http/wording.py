"""The errors of pydantic in words for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic.alias_generators import to_camel

from booking_ui.domain.errors import FieldError
from booking_ui.languages import N_, _

_SENTENCES = {
    "missing": N_("This is required."),
    "string_type": N_("Write this as text."),
    "string_unicode": N_("Some of these characters can't be read."),
    "string_too_short": N_("Write at least {min_length} characters."),
    "string_too_long": N_("Write at most {max_length} characters."),
    "string_pattern_mismatch": N_("This is not in the expected form."),
    "int_type": N_("Write this as a whole number."),
    "int_parsing": N_("Write this as a whole number."),
    "int_parsing_size": N_("This number is too large."),
    "int_from_float": N_("Write this as a whole number."),
    "float_type": N_("Write this as a number."),
    "float_parsing": N_("Write this as a number."),
    "decimal_type": N_("Write this as a number."),
    "decimal_parsing": N_("Write this as a number."),
    "decimal_max_places": N_("Write at most {decimal_places} decimal places."),
    "finite_number": N_("Write this as a number."),
    "greater_than_equal": N_("This must be at least {ge}."),
    "less_than_equal": N_("This must be at most {le}."),
    "date_type": N_("Write a date such as 2026-11-24."),
    "date_parsing": N_("Write a date such as 2026-11-24."),
    "date_from_datetime_parsing": N_("Write a date such as 2026-11-24."),
    "date_from_datetime_inexact": N_("Write a date such as 2026-11-24."),
    "literal_error": N_("Choose one of {expected}."),
    "enum": N_("Choose one of {expected}."),
    "model_type": N_("Send a JSON object."),
    "model_attributes_type": N_("Send a JSON object."),
    "dict_type": N_("Send a JSON object."),
    "extra_forbidden": N_("This is not known here. Leave it out, or correct its name."),
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
    if "expected" in plain:
        plain["expected"] = _choices(str(plain["expected"]))
    return _(_SENTENCES.get(error["type"], N_("This can't be used here."))).format_map(plain)


def _choices(listed: str) -> str:
    """Pydantic's list of what a field may be, which ends with an English "or"."""
    others, _or, last = listed.rpartition(" or ")
    return _("{choices} or {last}", choices=others, last=last) if others else listed
