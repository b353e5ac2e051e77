"""Dependents, for whom a patient may book: their relation, and the rules for their facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from booking_ui.domain.errors import BadInput, FieldError
from booking_ui.domain.people.person import clean_name, name_fault
from booking_ui.languages import N_, _, ngettext

MOST = 10
"""Dependents an account may have at once."""
OLDEST_YEARS = 130


class Relation(StrEnum):
    """The dependent's relation to the patient; a closed list."""

    CHILD = "child"
    SPOUSE = "spouse"
    PARENT = "parent"
    SIBLING = "sibling"
    GRANDPARENT = "grandparent"
    GRANDCHILD = "grandchild"
    IN_LAW = "in_law"
    OTHER = "other"


RELATION_LABELS = {
    Relation.CHILD: N_("Son or daughter"),
    Relation.SPOUSE: N_("Husband or wife"),
    Relation.PARENT: N_("Mother or father"),
    Relation.SIBLING: N_("Brother or sister"),
    Relation.GRANDPARENT: N_("Grandparent"),
    Relation.GRANDCHILD: N_("Grandchild"),
    Relation.IN_LAW: N_("In-law"),
    Relation.OTHER: N_("Somebody else"),
}


def relation_label(relation: Relation) -> str:
    """Son or daughter."""
    return _(RELATION_LABELS[relation])


@dataclass(frozen=True)
class Member:
    name: str
    relation: Relation
    born_on: date | None


def member(*, name: str, relation: str, born_on: date | None, today: date) -> Member:
    """The facts, cleaned. Raises BadInput with every wrong field."""
    cleaned = clean_name(name)
    rules = (
        (
            relation not in set(Relation),
            "relation",
            _("Choose one of {choices}.", choices=", ".join(Relation)),
        ),
        (
            born_on is not None and born_on > today,
            "bornOn",
            _("The date of birth can't be in the future."),
        ),
        (
            born_on is not None and born_on.year < today.year - OLDEST_YEARS,
            "bornOn",
            _("Check the year of birth."),
        ),
    )
    wrong = [] if cleaned else [name_fault(name, _("Write the name in 1 to 80 letters."))]
    wrong += [FieldError(field, sentence) for broken, field, sentence in rules if broken]
    if wrong:
        raise BadInput(*wrong)
    return Member(cleaned, Relation(relation), born_on)


def age_label(born_on: date | None, today: date) -> str:
    """ "7 years"; "5 months" before the second birthday; empty when the date of birth is not known."""
    if born_on is None:
        return ""
    months = (today.year - born_on.year) * 12 + today.month - born_on.month - (today.day < born_on.day)
    if months < 24:
        return ngettext("{count} month", "{count} months", max(0, months))
    return ngettext("{count} year", "{count} years", months // 12)
