"""The doctors in memory: the same object until one of them changes, and never an old one afterwards."""

from __future__ import annotations

import pytest

from booking_ui.db import clinic_words
from booking_ui.db.models import Doctor
from booking_ui.db.session import read, write
from booking_ui.languages import speaking
from booking_ui.services.schedule import doctor_catalogue
from booking_ui.services.schedule.doctor_catalogue import Known
from tests.support.schedule import a_doctor, a_patient, counted

pytestmark = pytest.mark.usefixtures("db")


def known() -> Known:
    with read() as tx:
        return doctor_catalogue.known(tx)


def test_a_commit_that_changes_no_doctor_keeps_it_for_one_query() -> None:
    a_doctor()
    before = known()
    a_patient()
    with counted() as queries:
        assert known() is before
    assert len([one for one in queries if "doctor" in one]) == 1


@pytest.mark.parametrize(
    ("fact", "value"),
    [
        ("name", "Dr Ravi"),
        ("fee_paise", 10_000),
        ("city", "Pune"),
        ("languages", ["Tamil"]),
        ("gender", "male"),
        ("about", "x"),
    ],
)
def test_a_change_of_any_fact_is_seen_at_once(fact: str, value: object) -> None:
    doctor_id = a_doctor()
    known()
    with write() as tx:
        setattr(tx.get_one(Doctor, doctor_id), fact, value)
    assert getattr(known().doctors[doctor_id], fact) == value


def test_doctors_come_and_go() -> None:
    one = a_doctor()
    assert known().doctors.keys() == {one}
    other = a_doctor("Dr Ravi")
    assert known().doctors.keys() == {one, other}
    with write() as tx:
        tx.get_one(Doctor, one).active = False
    assert known().doctors.keys() == {other}


def test_words_of_the_language_find_and_new_ones_are_seen() -> None:
    doctor_id = a_doctor(area="Indiranagar")
    with speaking("hi"):
        assert not fit("इलाक़ा")
        with write() as tx:
            clinic_words.keep(tx, "hi", "Indiranagar", "हमारा इलाक़ा")
        assert fit("इलाक़ा") == {doctor_id}
    assert not fit("इलाक़ा")


def fit(q: str) -> set[int]:
    catalogue = known().catalogue
    return set(catalogue.fitting(catalogue.read(q)))


def test_two_changes_that_outweigh_each_other_are_seen() -> None:
    one, other = a_doctor(fee_paise=10_000), a_doctor("Dr Ravi", fee_paise=20_000)
    known()
    with write() as tx:
        tx.get_one(Doctor, one).fee_paise, tx.get_one(Doctor, other).fee_paise = 20_000, 10_000
    assert known().doctors[one].fee_paise == 20_000
