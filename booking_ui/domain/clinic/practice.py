"""What the desk writes about a doctor, and what of it may be stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from booking_ui.domain.clinic import weekly
from booking_ui.domain.clinic.weekly import Week
from booking_ui.domain.errors import BadInput, FieldError
from booking_ui.domain.money import read_rupees

FEE_PAISE = range(100, 10_000_001)  # ₹1 to ₹1,00,000
SLOT_MINUTES = range(5, 241)
FIRST_YEAR = 1940
MOST_LANGUAGES = 10

_JOINERS = dict.fromkeys((0x200C, 0x200D))  # Devanagari and Malayalam words are spelt with them


@dataclass(frozen=True)
class Written:
    """A doctor as the form has her: text as somebody typed it, a line of hours for each weekday."""

    name: str = ""
    qualifications: str = ""
    speciality: str = ""
    languages: str = ""  # English, Hindi
    city: str = ""
    area: str = ""
    address: str = ""
    practising_since: str = ""  # a year
    about: str = ""
    fee: str = ""  # rupees
    slot_minutes: str = "30"
    mon: str = ""
    tue: str = ""
    wed: str = ""
    thu: str = ""
    fri: str = ""
    sat: str = ""
    sun: str = ""

    @property
    def lines(self) -> tuple[str, ...]:
        return tuple(getattr(self, day) for day in weekly.DAYS)


FIELDS = tuple(one.name for one in fields(Written))


@dataclass(frozen=True)
class Practice:
    """The same as it will be stored; the fee in paise. `facts` are the doctor's own columns."""

    facts: Mapping[str, Any]
    week: Week


def practice(written: Written, this_year: int) -> Practice:
    """The form read and tidied. Raises BadInput with every wrong field."""
    wrong: list[FieldError] = []
    facts: dict[str, Any] = {}
    for field, (read, sentence) in _rules(this_year).items():
        facts[field] = read(getattr(written, field))
        if facts[field] is None:
            wrong.append(FieldError(field, sentence))
    facts["fee_paise"] = facts.pop("fee")
    week, faults = weekly.parse_week(written.lines, facts["slot_minutes"] or SLOT_MINUTES[0])
    if wrong or faults:
        raise BadInput(*wrong, *faults)
    return Practice(facts, week)


Rule = tuple[Callable[[str], Any], str]


def _rules(this_year: int) -> dict[str, Rule]:
    """How each field is read, None for what it can't be, and the sentence that says so."""
    return {
        "name": (_line(3, 120), "Write the name as patients know it, in 3 to 120 letters: Dr Chandra Rao."),
        "qualifications": (_line(2, 160), "Write the qualifications, such as MBBS, MD."),
        "speciality": (_line(3, 60), "Write one speciality in 3 to 60 letters."),
        "languages": (_languages, f"Write 1 to {MOST_LANGUAGES} languages with commas between them."),
        "city": (_line(2, 60), "Write the city in 2 to 60 letters."),
        "area": (_line(2, 80), "Write the part of the city in 2 to 80 letters."),
        "address": (_line(5, 240), "Write the address patients come to, in 5 to 240 letters."),
        "practising_since": (
            _number(range(FIRST_YEAR, this_year + 1)),
            f"Write a year from {FIRST_YEAR} to {this_year}.",
        ),
        "about": (_prose, "Write at most 1,200 letters."),
        "fee": (_fee, "Write a fee from ₹1 to ₹1,00,000, such as 500."),
        "slot_minutes": (
            _number(SLOT_MINUTES),
            f"Write a length from {SLOT_MINUTES[0]} to {SLOT_MINUTES[-1]} minutes.",
        ),
    }


def _line(least: int, most: int) -> Callable[[str], str | None]:
    def read(text: str) -> str | None:
        tidy = " ".join(text.split())
        return tidy if least <= len(tidy) <= most and _printable(tidy) else None

    return read


def _printable(text: str) -> bool:
    return text.translate(_JOINERS).isprintable()


def _prose(text: str) -> str | None:
    """Paragraphs stay; a browser's line ends become ours."""
    tidy = "\n".join(" ".join(line.split()) for line in text.splitlines()).strip()
    return tidy if len(tidy) <= 1200 and _printable(tidy.replace("\n", "")) else None


def _languages(text: str) -> list[str] | None:
    found = list(dict.fromkeys(one for part in text.split(",") if (one := " ".join(part.split()))))
    good = all(2 <= len(one) <= 40 and _printable(one) for one in found)
    return found if good and 1 <= len(found) <= MOST_LANGUAGES else None


def _number(allowed: range) -> Callable[[str], int | None]:
    def read(text: str) -> int | None:
        digits = text.strip()
        return (
            int(digits)
            if digits.isascii() and digits.isdecimal() and len(digits) < 6 and int(digits) in allowed
            else None
        )

    return read


def _fee(text: str) -> int | None:
    """A fee in rupees, in paise."""
    paise = read_rupees(text)
    return paise if paise in FEE_PAISE else None


def fee_text(paise: int) -> str:
    """Paise as the form shows them: 50000 → "500", 50050 → "500.50"."""
    rupees, rest = divmod(paise, 100)
    return f"{rupees}.{rest:02}" if rest else str(rupees)
