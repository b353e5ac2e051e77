"""Weekly hours as the desk writes them: one line for each weekday, "9:00-13:00, 17:00-20:00". A gap is a break."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import time
from itertools import pairwise

from booking_ui.domain.clinic.schedule import Hours
from booking_ui.domain.clock import wall_time_label
from booking_ui.domain.errors import FieldError
from booking_ui.languages import _

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""The names of the lines in forms and refusals, Monday first."""
MOST_SPANS = 4  # for each day; as many as fit into an audit row
EXAMPLE = "9:00-13:00, 17:00-20:00"

WallSpan = tuple[time, time]
Week = tuple[tuple[WallSpan, ...], ...]
"""Seven days from Monday, each with its spans from early to late; no spans is a day without visits."""

_TIME = r"(\d{1,2})(?:[:.](\d{2}))?\s*(am|pm)?"
_SPAN = re.compile(rf"{_TIME}\s*(?:-|–|—|to)\s*{_TIME}", re.IGNORECASE)
_BETWEEN = re.compile(r"[,;]|\band\b", re.IGNORECASE)


class _UnreadableError(Exception):
    """A line that is no list of spans; the text is a sentence for the admin."""


def parse_week(lines: Sequence[str], slot_minutes: int) -> tuple[Week, list[FieldError]]:
    """The week that seven lines describe, and an error for each wrong line, which counts as an empty day."""
    week: list[tuple[WallSpan, ...]] = []
    wrong = []
    for field, line in zip(DAYS, lines, strict=True):
        try:
            week.append(_parse_day(line, slot_minutes))
        except _UnreadableError as why:
            week.append(())
            wrong.append(FieldError(field, str(why)))
    return tuple(week), wrong


def _parse_day(line: str, slot_minutes: int) -> tuple[WallSpan, ...]:
    spans = sorted(_parse_span(part) for part in _BETWEEN.split(line) if part.strip())
    if len(spans) > MOST_SPANS:
        raise _UnreadableError(_("A day has at most {most} spans.", most=MOST_SPANS))
    for span in spans:
        if span[1] <= span[0]:
            raise _UnreadableError(_("{hours} ends before it starts.", hours=day_line([span])))
        if _minutes(span) < slot_minutes:
            raise _UnreadableError(
                _(
                    "{hours} is shorter than one visit of {minutes} minutes.",
                    hours=day_line([span]),
                    minutes=slot_minutes,
                )
            )
    for one, next_one in pairwise(spans):
        if next_one[0] < one[1]:
            raise _UnreadableError(
                _("{first} and {second} overlap.", first=day_line([one]), second=day_line([next_one]))
            )
    return tuple(spans)


def _parse_span(part: str) -> WallSpan:
    found = _SPAN.fullmatch(part.strip())
    if found is None:
        raise _UnreadableError(
            _("Write times such as {example}; leave the line empty for no visits.", example=EXAMPLE)
        )
    return _parse_time(*found.groups()[:3]), _parse_time(*found.groups()[3:])


def _parse_time(hour: str, minute: str | None, half: str | None) -> time:
    hours = int(hour)
    if half and 1 <= hours <= 12:
        hours = hours % 12 + (12 if half.lower() == "pm" else 0)
    elif half:
        hours = 24
    if hours > 23 or int(minute or 0) > 59:
        raise _UnreadableError(
            _("{time} is no time of the day.", time=f"{hour}:{minute}" if minute else hour)
        )
    return time(hours, int(minute or 0))


def read_back(line: str) -> str:
    """The meaning of a line, "6:00 am – 7:00 am, 5:00 pm – 8:00 pm"; empty when it names no times."""
    try:
        spans = sorted(_parse_span(part) for part in _BETWEEN.split(line) if part.strip())
    except _UnreadableError:
        return ""
    return ", ".join(" – ".join(wall_time_label(one) for one in span) for span in spans)


def _minutes(span: WallSpan) -> int:
    starts, ends = span
    return (ends.hour - starts.hour) * 60 + ends.minute - starts.minute


def week_of(hours: Iterable[Hours]) -> Week:
    rows = list(hours)
    return tuple(tuple(_open_spans(rows, weekday)) for weekday in range(7))


def _open_spans(rows: Sequence[Hours], weekday: int) -> list[WallSpan]:
    on_day = [one for one in rows if one.weekday == weekday]
    found: list[WallSpan] = []
    for starts, ends in sorted((one.starts, one.ends) for one in on_day if not one.is_break):
        at = max(starts, found[-1][1]) if found else starts
        for rest in sorted((one.starts, one.ends) for one in on_day if one.is_break):
            if at < rest[0] < ends:
                found.append((at, rest[0]))
            if rest[0] < ends:
                at = max(at, rest[1])
        if at < ends:
            found.append((at, ends))
    return found


def hours_of(week: Week) -> list[Hours]:
    return [Hours(weekday, *span) for weekday, spans in enumerate(week) for span in spans]


def day_line(spans: Iterable[WallSpan]) -> str:
    """A day as a line: "9:00-13:00, 17:00-20:00"."""
    return ", ".join("-".join(f"{one.hour}:{one.minute:02}" for one in span) for span in spans)
