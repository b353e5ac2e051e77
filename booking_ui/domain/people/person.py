"""Names, mail addresses, telephone numbers and passwords: the rules for each, and the one way each is stored."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from booking_ui.domain.errors import BadInput, FieldError
from booking_ui.domain.people import address_like
from booking_ui.domain.people import password as passwords
from booking_ui.domain.people.address_like import looks_like_address
from booking_ui.domain.typed import plain
from booking_ui.languages import N_, _

PASSWORD_LENGTH = range(8, 129)
NAME_LENGTH = range(1, 81)

_COUNTRY = "IN"  # of a number that names no other
_COUNTRY_CODE = "+91"
_PHONE_LENGTH = 16  # E.164's 15 digits and the +; as much as the column takes
# Letters would be read as the keys of an old telephone, or as an extension that E.164 has no place for.
_PHONE_CHARACTERS = frozenset("0123456789+ ().-‐–")
# The numbering plan allows it, as a landline in Baghpat. It is what people type who would rather give no number.
_PLACEHOLDER = "+911234567890"
_JOINERS = "\u200c\u200d"  # Devanagari and Malayalam names are spelt with them

NO_MOBILE = "no_mobile"
NOT_MOBILE = N_("This is not a mobile number. Write one that gets text messages.")
_GETS_TEXTS = frozenset(
    {phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE}
)

SENTENCES = {
    "name": N_("Write your name in 1 to 80 letters."),
    "email": N_("Write an email address such as asha@example.com."),
    "phone": N_("Write a phone number of 10 digits, or one that starts with + and the country code."),
    "password": N_("Choose a password of 8 to 128 characters."),
}
"""The sentence for each field that can't be taken, in English."""


@dataclass(frozen=True)
class Applicant:
    name: str
    email: str
    phone: str


FORMER = N_("Former patient")
"""The name of an erased account, and of those for whom it booked."""


def shown_name(name: str, *, erased: bool) -> str:
    """The name as people read it. That of an erased account, or of its family, is the clinic's own word."""
    return _(FORMER) if erased else name


def applicant(name: str, email: str, phone: str, password: str) -> Applicant:
    """The fields cleaned.

    Raises:
        BadInput: with all that is wrong, not only the first; a password is judged once the rest is right.
    """
    found = Applicant(clean_name(name), clean_email(email), clean_phone(phone))
    usable = {"name": found.name, "email": found.email, "phone": found.phone}
    wrong = [_fault(field, name) for field, ok in usable.items() if not ok]
    # Judging costs a thousand times more than the rest: a form that is refused anyway must not be able to ask for it.
    wrong += unfit(password) if wrong else password_faults(password, name, email, phone)
    if wrong:
        raise BadInput(*wrong)
    return found


def contact(*, name: str | None, phone: str | None) -> dict[str, str]:
    """The fields that are given, cleaned. Raises BadInput with every wrong one."""
    given = {"name": (clean_name, name), "phone": (clean_phone, phone)}
    cleaned = {field: clean(text) for field, (clean, text) in given.items() if text is not None}
    if wrong := [_fault(field, name or "") for field, text in cleaned.items() if not text]:
        raise BadInput(*wrong)
    return cleaned


def _fault(field: str, name: str) -> FieldError:
    return name_fault(name) if field == "name" else FieldError(field, _(SENTENCES[field]))


def password_faults(password: str, *personal: str) -> list[FieldError]:
    """The faults of a new password. Takes hundredths of a second: never inside a transaction."""
    if wrong := unfit(password):
        return wrong
    if passwords.guessable(password, *(text[:100] for text in personal)):
        return [FieldError("password", _(passwords.SENTENCE), passwords.GUESSABLE)]
    return []


def unfit(password: str) -> list[FieldError]:
    """The fault of a password that can't be stored, however strong it is."""
    return [] if password_fits(password) else [FieldError("password", _(SENTENCES["password"]))]


def clean_name(name: str) -> str:
    """The name with one space between words; empty when it can't be a name."""
    tidy = re.sub(" +", " ", name).strip(" ")
    odd = any(unicodedata.category(c)[0] in "CZ" and c not in f" {_JOINERS}" for c in tidy)
    fits = len(tidy) in NAME_LENGTH and not odd and not looks_like_address(tidy)
    return tidy if fits else ""


def name_fault(name: str, sentence: str = "") -> FieldError:
    """The fault of a name that `clean_name` refuses; `sentence` stands for the form's own words."""
    if looks_like_address(name):
        return FieldError("name", _(address_like.SENTENCE), address_like.KIND)
    return FieldError("name", sentence or _(SENTENCES["name"]))


def clean_email(email: str) -> str:
    """The address in lower case; empty when it can't be one, or one that many mail servers can't reach.

    दिल@… needs a server with SMTPUTF8 on every hop. A domain in another script has a name in Latin letters.
    """
    try:
        found = validate_email(email.strip(), check_deliverability=False, allow_smtputf8=False)
        return (found.ascii_email or "").lower()
    except (EmailNotValidError, UnicodeError):
        return ""


def clean_phone(phone: str) -> str:
    """The number in E.164, Indian when it names no country; empty when no such number can exist."""
    written = plain(phone)
    if not _PHONE_CHARACTERS.issuperset(written):
        return ""
    try:
        number = phonenumbers.parse(written, _COUNTRY)
    except phonenumbers.NumberParseException:
        return ""
    found = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    exists = phonenumbers.is_valid_number(number) and found != _PLACEHOLDER
    return found if exists and len(found) <= _PHONE_LENGTH else ""


def mobile_number(phone: str) -> str:
    """The number in E.164. Raises BadInput: it can't exist, or it gets no text messages, such as a landline's."""
    found = clean_phone(phone)
    if not found:
        raise BadInput(_fault("phone", ""))
    if phonenumbers.number_type(phonenumbers.parse(found)) not in _GETS_TEXTS:
        raise BadInput(FieldError("phone", _(NOT_MOBILE), NO_MOBILE))
    return found


def same_phone(written: str, stored: str) -> bool:
    """True when `written` has the digits of `stored`, which may be older than today's rules."""
    digits = "".join(filter(str.isdigit, plain(written)))
    return bool(digits) and digits == stored.removeprefix("+")


def is_foreign(phone: str) -> bool:
    """True for a stored number of another country than the clinic's."""
    return phone.startswith("+") and not phone.startswith(_COUNTRY_CODE)


def spaced_phone(phone: str) -> str:
    """A stored number for people: +91 98450 12301. Numbers of other countries stay as they are."""
    indian = phone.startswith(_COUNTRY_CODE) and len(phone) == 13
    return f"+91 {phone[3:8]} {phone[8:]}" if indian else phone


def password_fits(password: str) -> bool:
    # Half of a surrogate pair is no character and can't be hashed.
    return len(password) in PASSWORD_LENGTH and not any("\ud800" <= c <= "\udfff" for c in password)
