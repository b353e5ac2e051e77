"""A doctor's facts and hours: the text of the desk's form, read and checked before it is stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from booking_ui.domain.clinic import weekly
from booking_ui.domain.clinic.weekly import Week
from booking_ui.domain.errors import BadInput, FieldError
from booking_ui.domain.money import read_rupees
from booking_ui.languages import _

FEE_PAISE = range(100, 10_000_001)  # ₹1 to ₹1,00,000
SLOT_MINUTES = range(5, 241)
FIRST_YEAR = 1940
MOST_LANGUAGES = 10
GENDERS = ("", "female", "male")

_JOINERS = dict.fromkeys((0x200C, 0x200D))  # Devanagari and Malayalam words are spelt with them


@dataclass(frozen=True)
class Written:
    """A doctor as the form has them: text as it was typed, and a line of hours for each weekday."""

    name: str = ""
    qualifications: str = ""
    registration: str = ""  # with a medical council; may be empty
    gender: str = ""  # female, male, or not told
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
class Translated:
    """The clinic's words about a doctor in another language, as typed; an empty one is said in English."""

    speciality: str = ""
    languages: str = ""  # as many as in English, in that order
    city: str = ""
    area: str = ""
    address: str = ""
    about: str = ""


@dataclass(frozen=True)
class Practice:
    """A doctor as stored. `facts` are the columns of the doctor's row, the fee in paise."""

    facts: Mapping[str, Any]
    week: Week


def practice(written: Written, this_year: int) -> Practice:
    """The form, read and tidied. Raises BadInput with every wrong field."""
    wrong: list[FieldError] = []
    facts: dict[str, Any] = {}
    for field, (read, sentence) in _rules(this_year).items():
        facts[field] = read(getattr(written, field))
        if facts[field] is None:
            wrong.append(FieldError(field, sentence))
    facts["fee_paise"] = facts.pop("fee")
    facts["gender"] = facts["gender"] or None
    week, faults = weekly.parse_week(written.lines, facts["slot_minutes"] or SLOT_MINUTES[0])
    if wrong or faults:
        raise BadInput(*wrong, *faults)
    return Practice(facts, week)


def translation(written: Translated, english: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """The words for each of the `english` of a field, read and tidied; none for a field that is empty.

    The bounds are those of the English. Raises BadInput with every wrong field.
    """
    rules, wrong = _rules(FIRST_YEAR), []
    found: dict[str, list[str]] = {}
    for field, typed in asdict(written).items():
        found[field] = []
        if not typed.strip():
            continue
        read, sentence = rules[field]
        tidy = read(typed)
        texts = tidy if isinstance(tidy, list) else [tidy]
        if not english[field]:
            wrong.append(FieldError(field, _("Write it in English first.")))
        elif tidy is None:
            wrong.append(FieldError(field, sentence))
        elif len(texts) != len(english[field]):
            wrong.append(FieldError(field, _("Write as many as in English, in the same order.")))
        else:
            found[field] = texts
    if wrong:
        raise BadInput(*wrong)
    return found


Rule = tuple[Callable[[str], Any], str]
"""A reader, which returns None for text that it can't accept, and the sentence for that case."""


def _rules(this_year: int) -> dict[str, Rule]:
    return {
        "name": (
            _one_line(3, 120),
            _("Write the name as patients know it, in 3 to 120 letters: Dr Chandra Rao."),
        ),
        "qualifications": (_one_line(2, 160), _("Write the qualifications, such as MBBS, MD.")),
        "registration": (
            _one_line(0, 60),
            _("Write the registration number in at most 60 letters, or leave it empty."),
        ),
        "gender": (_gender, _("Choose one from the list, or leave it empty.")),
        "speciality": (_one_line(3, 60), _("Write one speciality in 3 to 60 letters.")),
        "languages": (
            _languages,
            _("Write 1 to {most} languages with commas between them.", most=MOST_LANGUAGES),
        ),
        "city": (_one_line(2, 60), _("Write the city in 2 to 60 letters.")),
        "area": (_one_line(2, 80), _("Write the part of the city in 2 to 80 letters.")),
        "address": (_one_line(5, 240), _("Write the address patients come to, in 5 to 240 letters.")),
        "practising_since": (
            _number(range(FIRST_YEAR, this_year + 1)),
            _("Write a year from {first} to {last}.", first=FIRST_YEAR, last=this_year),
        ),
        "about": (_prose, _("Write at most 1,200 letters.")),
        "fee": (_fee, _("Write a fee from ₹1 to ₹1,00,000, such as 500.")),
        "slot_minutes": (
            _number(SLOT_MINUTES),
            _("Write a length from {least} to {most} minutes.", least=SLOT_MINUTES[0], most=SLOT_MINUTES[-1]),
        ),
    }


def _one_line(least: int, most: int) -> Callable[[str], str | None]:
    def read(text: str) -> str | None:
        tidy = " ".join(text.split())
        return tidy if least <= len(tidy) <= most and _printable(tidy) else None

    return read


def _printable(text: str) -> bool:
    return text.translate(_JOINERS).isprintable()


def _prose(text: str) -> str | None:
    tidy = "\n".join(" ".join(line.split()) for line in text.splitlines()).strip()
    return tidy if len(tidy) <= 1200 and _printable(tidy.replace("\n", "")) else None


def _gender(text: str) -> str | None:
    return text if text in GENDERS else None


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
    paise = read_rupees(text)
    return paise if paise in FEE_PAISE else None


def fee_text(paise: int) -> str:
    """Rupees as the form shows them: 50000 paise → "500", 50050 → "500.50"."""
    rupees, rest = divmod(paise, 100)
    return f"{rupees}.{rest:02}" if rest else str(rupees)
