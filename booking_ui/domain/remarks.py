"""Remarks: what the clinic notes in a row for people, such as the detail of a case or the reason in an audit row.

A remark is stored as a code with values, and is said in the language of the reader when it is shown:

    case.detail = Remark(RemarkCode.OF_BOOKING, amount=Paise(50000), reference="ABCD2345")
    shown(case.detail)                                      # booking ABCD2345 का ₹500

In Python it is a text as well, in English: for logs, commands, exports and mails to the operator. A person's own words
are plain text and stay as they are, as do rows from before there were remarks.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from string import Formatter
from typing import Any

from booking_ui.config.settings import settings
from booking_ui.domain.causes import Cause
from booking_ui.domain.channel import NAMES, Channel
from booking_ui.domain.clock import instant_label, iso
from booking_ui.domain.message_kind import MessageKind
from booking_ui.domain.money import rupees
from booking_ui.domain.remark_codes import RemarkCode
from booking_ui.domain.webhook_outcome import Outcome, OutcomeCode
from booking_ui.languages import FIRST, _, speaking

MARK = "\x1e"
"""In front of a stored remark, as RFC 7464 marks a JSON text. No person's words begin with it: it is stripped as a space."""


LONGEST_ESCAPE = 6  # "\\u0000" stands for one character


class Paise(int):
    """An amount of money in a remark."""


class Remark(str):
    """A code with its values. As a text it is English."""

    __slots__ = ("code", "values")
    code: RemarkCode
    values: dict[str, Any]

    def __new__(cls, code: RemarkCode, /, **values: Any) -> Remark:
        with speaking(FIRST):
            one = super().__new__(cls, _said(code, values))
        one.code, one.values = code, values
        return one

    def __getnewargs_ex__(self) -> tuple[tuple[RemarkCode], dict[str, Any]]:
        return (self.code,), self.values


def shown(text: str) -> str:
    """The text of a column as its reader sees it: a remark in the language that is spoken, anything else as it is."""
    return _said(text.code, text.values) if isinstance(text, Remark) else text


def stored(text: str) -> str:
    """The text of a column as the database has it."""
    if isinstance(text, Remark):
        return MARK + json.dumps(_written(text), ensure_ascii=False, separators=(",", ":"))
    return text.lstrip(MARK)


def read(text: str) -> str:
    """The text of a column from what the database has. A remark that this version does not know stays in its stored form."""
    if text.startswith(MARK):
        with suppress(ValueError, KeyError, IndexError, TypeError, AttributeError):
            return _remark(json.loads(text[1:]))
    return text


def from_query(text: str) -> Remark:
    """The remark that a query writes as its code and, each behind a |, its values in the order of the English sentence."""
    name, *values = text.split("|")
    code = RemarkCode(name)
    places = [place for _text, place, _format, _conversion in Formatter().parse(code.words) if place]
    return Remark(code, **dict(zip(places, values, strict=True)))


def fitted(text: str, length: int) -> str:
    """The text, cut to what a column of this length holds; of a remark its longest value is cut."""
    if not isinstance(text, Remark):
        return text[:length]
    over = len(stored(text)) - length
    return fitted(_shorter(text, over), length) if over > 0 and any(_texts(text).values()) else text


def _texts(remark: Remark) -> dict[str, str]:
    return {name: value for name, value in remark.values.items() if isinstance(value, str)}


def _shorter(remark: Remark, over: int) -> Remark:
    """A remark whose longest text is shorter: by `over` characters, or by less where JSON needs several for one."""
    texts = _texts(remark)
    name = max(texts, key=lambda one: len(texts[one]))
    value = texts[name]
    cut = _shorter(value, over) if isinstance(value, Remark) else value[: -max(over // LONGEST_ESCAPE, 1)]
    return Remark(remark.code, **{**remark.values, name: cut})


def _said(code: RemarkCode, values: Mapping[str, Any]) -> str:
    """The sentence in the language that is spoken."""
    text = _(code.words, **{name: _value(value) for name, value in values.items()})
    return text[:1].upper() + text[1:] if code.capital else text


def _value(value: Any) -> str:
    """A value within a sentence."""
    return next(say(value) for kind, say in _SAID if isinstance(value, kind))


_SAID: tuple[tuple[Any, Callable[[Any], str]], ...] = (
    (Remark, shown),
    (RemarkCode, lambda code: _(code.words)),
    (Paise, rupees),
    (datetime, lambda instant: instant_label(instant, settings().zone)),
    (Cause, lambda cause: _(cause.words)),
    (Channel, lambda channel: _(NAMES[channel])),
    (MessageKind, lambda kind: kind.name),
    (Outcome, lambda outcome: outcome.as_stated),
    (list, lambda some: ", ".join(_value(one) for one in some)),
    (object, str),
)
"""Kinds of values in the order in which they are looked for, each with how it is said."""


def _written(value: Any) -> Any:
    """A value as JSON: text and numbers stand for themselves, a remark is a list, all else an object that names its kind."""
    return next(write(value) for kind, write in _WRITTEN if isinstance(value, kind))


_WRITTEN: tuple[tuple[Any, Callable[[Any], Any]], ...] = (
    (Remark, lambda one: [one.code.value, {name: _written(value) for name, value in one.values.items()}]),
    (RemarkCode, lambda code: {"code": code.value}),
    (Paise, lambda paise: {"paise": int(paise)}),
    (datetime, lambda instant: {"at": iso(instant)}),
    (Cause, lambda cause: {"cause": cause.value}),
    (Channel, lambda channel: {"channel": channel.value}),
    (MessageKind, lambda kind: {"message": str(kind)}),
    (Outcome, lambda outcome: {"outcome": [outcome.code.value, outcome.detail]}),
    (list, lambda some: {"all": [_written(one) for one in some]}),
    (int, int),
    (str, str),
)


def _remark(found: Sequence[Any]) -> Remark:
    code, values = found
    return Remark(RemarkCode(code), **{name: _known(value) for name, value in values.items()})


def _known(value: Any) -> Any:
    """The value that `_written` wrote."""
    if isinstance(value, list):
        return _remark(value)
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    return _KNOWN[kind](content)


_OUTCOMES = {one.value: one for one in OutcomeCode}
_KNOWN: dict[str, Callable[[Any], Any]] = {
    "code": {one.value: one for one in RemarkCode}.__getitem__,
    "paise": Paise,
    "at": datetime.fromisoformat,
    "cause": {one.value: one for one in Cause}.__getitem__,
    "channel": Channel,
    "message": MessageKind,
    "outcome": lambda found: Outcome(_OUTCOMES[found[0]], found[1]),
    "all": lambda some: [_known(one) for one in some],
}
