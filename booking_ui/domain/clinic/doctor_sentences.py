"""The title and the description of a doctor's page: the server writes them into it, and the page keeps them.

Both say them by the same sentences, so that nothing changes before the eyes of a reader or a search engine. `doctor` is a
view on the one side, and Reflex's var of it on the other.
"""

from __future__ import annotations

from typing import Any

from booking_ui.languages import _


def page_title(doctor: Any) -> str:
    return _(
        "{name}, {speciality} in {city}", name=doctor.name, speciality=doctor.speciality, city=doctor.city
    )


def page_description(doctor: Any) -> str:
    """At most some 160 letters, of which search engines show the first."""
    return _(
        "{name}, {speciality} in {area}, {city}. {fee} per visit. See free times and book online.",
        name=doctor.name,
        speciality=doctor.speciality,
        area=doctor.area,
        city=doctor.city,
        fee=doctor.fee_label,
    )
