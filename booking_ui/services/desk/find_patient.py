"""The desk finds a patient's account by parts of the name, by the mail address or by digits of the number."""

from __future__ import annotations

import sqlalchemy as sa
from sqlmodel import col, select

from booking_ui.db.models import Person, Role, pk
from booking_ui.db.session import read
from booking_ui.domain.people.person import clean_phone
from booking_ui.domain.typed import plain
from booking_ui.services.views.desk import PatientMatch

MOST = 8
FEWEST_DIGITS = 4
_OF_NUMBERS = frozenset("0123456789+ -().")


def matches(*, q: str) -> list[PatientMatch]:
    """At most MOST accounts of patients in the order of their names; none for fewer than two letters or four digits.

    Words may come in any order; a number may be written as people write it, or in part.
    """
    condition = _condition(plain(q).strip())
    if condition is None:
        return []
    query = select(Person).where(Person.role == Role.PATIENT, col(Person.erased_at).is_(None), condition)
    with read() as tx:
        found = tx.exec(query.order_by(sa.func.lower(Person.name), col(Person.id)).limit(MOST)).all()
        return [_match(one) for one in found]


def _condition(q: str) -> sa.ColumnElement[bool] | None:
    if len(q) < 2:
        return None
    if _OF_NUMBERS.issuperset(q):
        whole, digits = clean_phone(q), "".join(one for one in q if one.isdigit())
        if whole:
            return col(Person.phone) == whole
        return col(Person.phone).contains(digits) if len(digits) >= FEWEST_DIGITS else None
    return sa.and_(
        *(
            sa.or_(
                col(Person.name).icontains(word, autoescape=True),
                col(Person.email).icontains(word, autoescape=True),
            )
            for word in q.split()[:8]
        )
    )


def _match(one: Person) -> PatientMatch:
    return PatientMatch(
        id=pk(one), name=one.name, phone=one.phone, email=one.email or "", made_at_desk=one.made_at_desk
    )
