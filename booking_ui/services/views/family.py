"""The family members for whom a patient books."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DependentView:
    """Somebody the patient may book for. `born_on` is 2019-03-04, or empty when it is not known."""

    id: int
    name: str
    relation: str
    relation_label: str  # Son or daughter
    born_on: str
    age_label: str  # 7 years; empty without a date of birth
