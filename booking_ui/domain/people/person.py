"""What a name, a mail, a phone number and a password may be, and the one way each is written."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email

from booking_ui.domain.errors import BadInput, FieldError
from booking_ui.domain.people import password as passwords

PASSWORD_LENGTH = range(8, 129)
NAME_LENGTH = range(1, 81)

_INDIAN = re.compile(r"(?:\+91|0)?([1-9][0-9]{9})")
_E164 = re.compile(r"\+[1-9][0-9]{7,14}")
_JOINERS = "\u200c\u200d"  # Devanagari and Malayalam names are spelt with them

SENTENCES = {
    "name": "Write your name in 1 to 80 letters.",
    "email": "Write an email address such as asha@example.com.",
    "phone": "Write a phone number of 10 digits, or one that starts with + and the country code.",
    "password": "Choose a password of 8 to 128 characters.",
}


@dataclass(frozen=True)
class Applicant:
    """Somebody who wants an account, every field as it will be stored."""

    name: str
    email: str
    phone: str


def applicant(name: str, email: str, phone: str, password: str) -> Applicant:
    """The fields cleaned.

    Raises:
        BadInput: with all that is wrong, not only the first.
    """
    found = Applicant(clean_name(name), clean_email(email), clean_phone(phone))
    usable = {"name": found.name, "email": found.email, "phone": found.phone}
    wrong = [FieldError(field, SENTENCES[field]) for field, ok in usable.items() if not ok]
    wrong += password_faults(password, name, email, phone)
    if wrong:
        raise BadInput(*wrong)
    return found


def spaced(phone: str) -> str:
    """+91 98450 12301; other countries' numbers stay as they are."""
    indian = phone.startswith("+91") and len(phone) == 13
    return f"+91 {phone[3:8]} {phone[8:]}" if indian else phone


def contact(name: str, phone: str) -> tuple[str, str]:
    """Another name and number for an account, each as it will be stored. Raises BadInput."""
    usable = {"name": clean_name(name), "phone": clean_phone(phone)}
    if wrong := [FieldError(field, SENTENCES[field]) for field, kept in usable.items() if not kept]:
        raise BadInput(*wrong)
    return usable["name"], usable["phone"]


def password_faults(password: str, *personal: str) -> list[FieldError]:
    """What is wrong with a new password, if anything. Takes up to a tenth of a second: outside transactions."""
    if not password_fits(password):
        return [FieldError("password", SENTENCES["password"])]
    if passwords.guessable(password, *(text[:100] for text in personal)):
        return [FieldError("password", passwords.SENTENCE, passwords.GUESSABLE)]
    return []


def clean_name(name: str) -> str:
    """One space between words; empty when it can't be a name."""
    spaced = re.sub(" +", " ", name).strip(" ")
    odd = any(unicodedata.category(c)[0] in "CZ" and c not in f" {_JOINERS}" for c in spaced)
    return spaced if len(spaced) in NAME_LENGTH and not odd else ""


def clean_email(email: str) -> str:
    """Lower case; empty when it can't be an address."""
    try:
        return validate_email(email.strip(), check_deliverability=False).normalized.lower()
    except (EmailNotValidError, UnicodeError):
        return ""


def clean_phone(phone: str) -> str:
    """E.164, Indian when no country is given; empty when it can't be a number."""
    digits = re.sub(r"[ ().-]", "", phone)
    if indian := _INDIAN.fullmatch(digits):
        return f"+91{indian[1]}"
    return digits if _E164.fullmatch(digits) and not digits.startswith("+91") else ""


def password_fits(password: str) -> bool:
    # Half of a surrogate pair is no character and can't be hashed.
    return len(password) in PASSWORD_LENGTH and not any("\ud800" <= c <= "\udfff" for c in password)
