"""Sentences for the query of an address: its `problem`, the `fields` that were wrong, and what is `done`.

The forms under /api/session/… answer with a redirect that carries these codes.
"""

from __future__ import annotations

from booking_ui.domain import errors
from booking_ui.domain.people import address_like, password, person
from booking_ui.languages import N_, _


def _message_by_code(kind: type[errors.BookingError]) -> dict[str, str]:
    found = {kind.page_code or kind.code: kind.message}
    for child in kind.__subclasses__():
        found = _message_by_code(child) | found
    return found


PROBLEMS = _message_by_code(errors.BookingError) | {
    "forbidden": N_("That page belongs to another kind of account. Sign in with the right one to see it."),
}
UNKNOWN = N_("That didn't work. Please try again.")
DONE = {
    "password": N_("Your password is changed, and everybody else is signed out."),
    "everywhere": N_("You're signed out on every device."),
    "erased": N_("Your account is erased. Thank you for having been with us."),
    "details": N_("Your name and number are saved."),
    "messages": N_("Your choice of messages is saved."),
    "verified": N_("Thank you. Your email is confirmed."),
    "own_phone": N_("Your number is saved. You can sign in with it."),
    "own_email": N_("Your email is saved."),
}
FIELDS = person.SENTENCES | {
    f"password.{password.GUESSABLE}": password.SENTENCE,
    f"phone.{person.NO_MOBILE}": person.NOT_MOBILE,
    f"name.{address_like.KIND}": address_like.SENTENCE,
    "sure": N_("Tick this first."),
    "channels": N_("Keep at least one way, or you would not hear of a cancelled visit."),
}
NO_PROBLEMS = {name.partition(".")[0]: "" for name in FIELDS}


def problem_message(code: str) -> str:
    """Empty without a code; an unknown code says only that it did not work."""
    return _(PROBLEMS.get(code, UNKNOWN)) if code else ""


def done_message(code: str) -> str:
    """Empty for a code that we do not know."""
    return _(DONE.get(code, ""))


def field_problems(fields: str) -> dict[str, str]:
    """A sentence for each field that the address names as wrong, an empty one for the others."""
    known = (name for name in fields[:200].split(",") if name in FIELDS)
    return NO_PROBLEMS | {name.partition(".")[0]: _(FIELDS[name]) for name in known}
