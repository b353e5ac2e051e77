"""What an address says happened, in words: `problem`, the wrong `fields`, and what is `done`."""

from __future__ import annotations

from booking_ui.domain import errors
from booking_ui.domain.people import password, person


def _refusals(kind: type[errors.BookingError]) -> dict[str, str]:
    found = {kind.code: kind.message}
    for child in kind.__subclasses__():
        found = _refusals(child) | found
    return found


SENTENCES = _refusals(errors.BookingError) | {
    "forbidden": "That page belongs to another kind of account. Sign in with the right one to see it.",
}
DONE = {
    "password": "Your password is changed, and everybody else is signed out.",
    "everywhere": "You're signed out on every device.",
    "erased": "Your account is erased. Thank you for having been with us.",
    "details": "Your name and number are saved.",
    "verified": "Thank you. Your email is confirmed.",
}
FIELDS = person.SENTENCES | {
    f"password.{password.GUESSABLE}": password.SENTENCE,
    "sure": "Tick this first.",
}
NO_PROBLEMS = {name.partition(".")[0]: "" for name in FIELDS}


def sentence(code: str) -> str:
    """The sentence of a problem code in the address; an unknown code says only that it did not work."""
    return SENTENCES.get(code, "That didn't work. Please try again.") if code else ""


def done(code: str) -> str:
    """The sentence of what was done; empty when the address says nothing that we know."""
    return DONE.get(code, "")


def problems(fields: str) -> dict[str, str]:
    """One sentence for each field that the address names as wrong, and an empty one for the others."""
    known = (name for name in fields[:200].split(",") if name in FIELDS)
    return NO_PROBLEMS | {name.partition(".")[0]: FIELDS[name] for name in known}
