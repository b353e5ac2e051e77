"""The languages in which people get their mails."""

from __future__ import annotations

from booking_ui.db.models import Person
from booking_ui.languages import FIRST


def receiver_language(person: Person | None) -> str:
    """The language that this person reads; English for nobody, and for one who asked for none."""
    return (person.language if person else "") or FIRST
