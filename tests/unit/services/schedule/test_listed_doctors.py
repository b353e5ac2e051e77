from __future__ import annotations

from booking_ui.db.models import Doctor
from booking_ui.db.session import write
from booking_ui.services.schedule import listed_doctors
from tests.support.cast import Cast


def test_the_doctors_who_work_here_are_listed_in_the_order_of_their_addresses(cast: Cast) -> None:
    with write() as tx:
        facts = tx.get_one(Doctor, cast.chandra).model_dump(exclude={"id", "slug", "active"})
        tx.add_all([Doctor(**facts, slug="dr-aruna"), Doctor(**facts, slug="dr-gone", active=False)])
    assert listed_doctors.slugs() == ("dr-aruna", "dr-chandra-rao")


def test_a_clinic_without_doctors_lists_none(cast: Cast) -> None:
    with write() as tx:
        tx.get_one(Doctor, cast.chandra).active = False
    assert listed_doctors.slugs() == ()
