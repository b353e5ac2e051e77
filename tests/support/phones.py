"""People whose telephone number is proven to be theirs, and what they want to get there."""

from __future__ import annotations

from booking_ui.db.models import Person
from booking_ui.db.session import write
from tests.support.cast import NOW

NUMBER = "+919845012301"


def proven(person_id: int, number: str = NUMBER, *, email: bool = True, **facts: str) -> None:
    """Give the person this number as proven; `email=False` takes the mail address away, `facts` are columns."""
    with write() as tx:
        person = tx.get_one(Person, person_id)
        person.phone, person.phone_verified_at = number, NOW
        if not email:
            person.email, person.email_verified_at = None, None
        for name, value in facts.items():
            setattr(person, name, value)
        tx.add(person)
