"""Revision 0027: a doctor's gender and edition come and go, and nothing else of the doctor with them."""

from __future__ import annotations

import sqlalchemy as sa

from booking_ui.db.models import Doctor, Gender
from booking_ui.db.session import database, read, write
from tests.support.cast import Cast
from tests.support.databases import to_revision


def test_doctors_of_before_have_no_gender_and_the_first_edition(cast: Cast) -> None:
    with write() as tx:
        doctor = tx.get_one(Doctor, cast.chandra)
        doctor.gender = Gender.FEMALE
        tx.flush()
        name, edition = doctor.name, doctor.edition
    assert edition > 0
    address = database().url
    to_revision(address, "downgrade", "0026")
    with read() as tx:
        assert tx.execute(sa.text("SELECT name FROM doctor")).scalars().all() == [name]
    to_revision(address, "upgrade", "0027")
    with read() as tx:
        doctor = tx.get_one(Doctor, cast.chandra)
        assert (doctor.name, doctor.gender, doctor.edition) == (name, None, 0)
