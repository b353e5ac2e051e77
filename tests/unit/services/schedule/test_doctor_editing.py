"""The desk adds doctors and changes them: free times follow at once, visits keep their time and price. On both databases."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from sqlmodel import select

from booking_ui.db import locks
from booking_ui.db.models import Appointment, Doctor, HoursKind, Payment, Slot, WorkingHours
from booking_ui.db.session import Database, read
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.clinic.practice import Written
from booking_ui.domain.errors import BadInput, ChangedMeanwhile, NotFound, SlotGone
from booking_ui.services.booking import claim as booking
from booking_ui.services.desk import audit_log
from booking_ui.services.desk.audit_log import AuditFilter
from booking_ui.services.journal import audit
from booking_ui.services.schedule import doctor_editing, doctor_list, doctor_search, slots
from booking_ui.services.views import Principal
from booking_ui.services.views.desk import SavedDoctor
from tests.support.races import at_once, until_it_waits_for_a_lock
from tests.support.schedule import (
    NOW,
    TUESDAY_NINE,
    a_patient,
    an_appointment,
    chandra,
    extend,
    first_slot,
    occupy,
    slot_at,
    slots_of,
    works,
)

pytestmark = pytest.mark.usefixtures("db")

DEVI = Principal(1, "Devi", "devi@example.com", "", "admin")
TUESDAY = date(2026, 11, 24)
ARUN = Written(
    name="Dr Arun Pillai",
    qualifications="MBBS, MD",
    speciality="Dermatologist",
    languages="English, Malayalam",
    city="Kochi",
    area="Fort Kochi",
    address="4, Rose Street",
    practising_since="2011",
    fee="700",
    slot_minutes="30",
    tue="9:00-10:00, 10:30-11:30",
)


def free_on(doctor_id: int, day: date = TUESDAY) -> list[str]:
    [found] = slots.days(doctor_id=doctor_id, now=NOW, first_day=day, count=1)
    times = [*found.morning, *found.afternoon, *found.evening]
    return [one.time_label for one in times if one.status == "free"]


def change(doctor_id: int, agreed: tuple[str, ...] = (), seen: str = "", **changed: str) -> SavedDoctor:
    now = shown(doctor_id)
    return doctor_editing.change(
        admin=DEVI,
        doctor_id=doctor_id,
        seen=seen or now.seen,
        written=replace(now.written, **changed),
        agreed=agreed,
        now=NOW,
    )


def shown(doctor_id: int) -> Any:
    with read() as tx:
        slug = tx.get_one(Doctor, doctor_id).slug
    return doctor_editing.sheet(slug=slug)


def trail(doctor_id: int) -> list[tuple[str, str, str, str]]:
    with read() as tx:
        rows = audit.trail(tx, f"doctor:{doctor_id}")
        assert audit.holds(rows)
    return [(one.actor, one.action, one.before, one.after) for one in rows]


def test_an_added_doctor_has_free_times_at_once_with_breaks_between_her_spans() -> None:
    slug = doctor_editing.add(admin=DEVI, written=ARUN, now=NOW)
    found = doctor_search.bookable_doctor(slug=slug, now=NOW)
    assert (slug, found.name, found.fee_paise) == ("dr-arun-pillai", "Dr Arun Pillai", 70_000)
    assert free_on(found.id) == ["9:00 am", "9:30 am", "10:30 am", "11:00 am"]
    assert doctor_editing.sheet(slug=slug).written == ARUN
    rows = trail(found.id)
    assert rows[:2] == [
        ("admin:1", "doctor_added", "", ""),
        ("admin:1", "doctor_changed_name", "", "Dr Arun Pillai"),
    ]
    assert ("admin:1", "doctor_changed_tue", "", "9:00-10:00, 10:30-11:30") in rows


def test_adding_a_doctor_leaves_the_times_of_the_others_as_they_were() -> None:
    doctor_id, _ = first_slot()
    before = [one.id for one in slots_of(doctor_id)]
    doctor_editing.add(admin=DEVI, written=ARUN, now=NOW)
    assert [one.id for one in slots_of(doctor_id)] == before


def test_the_same_doctor_is_added_once_and_a_namesake_gets_an_address_of_his_own() -> None:
    doctor_editing.add(admin=DEVI, written=ARUN, now=NOW)
    with pytest.raises(BadInput, match="is here already"):
        doctor_editing.add(admin=DEVI, written=replace(ARUN, name="dr arun pillai", fee="900"), now=NOW)
    assert (
        doctor_editing.add(admin=DEVI, written=replace(ARUN, speciality="Dentist"), now=NOW)
        == "dr-arun-pillai-2"
    )
    assert doctor_editing.add(admin=DEVI, written=replace(ARUN, name="Dr आशा"), now=NOW) == "dr-1"
    doctor_editing.add(admin=DEVI, written=replace(ARUN, name="Dr Émile Ānand"), now=NOW)
    with pytest.raises(BadInput, match="is here already"):
        doctor_editing.add(admin=DEVI, written=replace(ARUN, name="Dr Émile Ānand"), now=NOW)


def test_the_first_doctor_of_a_clinic_added_twice_at_once_is_there_once() -> None:
    results = at_once([partial(doctor_editing.add, admin=DEVI, written=ARUN, now=NOW)] * 4)
    assert sorted(type(one).__name__ for one in results) == ["BadInput", "BadInput", "BadInput", "str"]
    with read() as tx:
        assert len(tx.exec(select(Doctor)).all()) == 1
        assert len(tx.exec(select(Slot)).all()) == 8


def test_a_doctor_who_is_added_while_times_are_being_filled_keeps_hers(db: Database) -> None:
    """The filling read the list of doctors before she was in it."""
    chandra()
    extend()
    with ThreadPoolExecutor(1) as pool:
        with db.write() as filling:
            known = slots.all_locked(filling)
            adding = pool.submit(doctor_editing.add, admin=DEVI, written=ARUN, now=NOW)
            until_it_waits_for_a_lock(db, who="the adding")
        slug = adding.result(30)
    with db.write() as late:
        slots.follow(late, [late.merge(one) for one in known], NOW)
    assert len(free_on(doctor_editing.sheet(slug=slug).id)) == 4


def test_changed_hours_withdraw_free_times_keep_booked_ones_and_name_them_first() -> None:
    doctor_id, nine = first_slot()
    reference = f"R{nine}-confi"
    occupy(nine, a_patient())
    refused = change(doctor_id, tue="10:00-11:00")
    assert (refused.saved, [one.reference for one in refused.affected]) == (False, [reference])
    assert (len(free_on(doctor_id)), trail(doctor_id)) == (5, [])
    done = change(doctor_id, agreed=(reference,), tue="10:00-11:00")
    assert (done.saved, [one.when_label for one in done.affected]) == (True, ["Tue 24 Nov, 9:00 am"])
    assert free_on(doctor_id) == ["10:00 am", "10:30 am"]
    with read() as tx:
        assert tx.exec(select(Appointment)).one().status is AppointmentStatus.CONFIRMED
    assert trail(doctor_id) == [("admin:1", "doctor_changed_tue", "9:00-11:00, 17:00-18:00", "10:00-11:00")]


def test_a_visit_that_lay_outside_already_is_not_asked_about_again() -> None:
    doctor_id, nine = first_slot()
    occupy(nine, a_patient())
    change(doctor_id, agreed=(f"R{nine}-confi",), tue="10:00-11:00")
    assert change(doctor_id, tue="10:00-12:00") == SavedDoctor(saved=True, affected=[])
    assert change(doctor_id, fee="800") == SavedDoctor(saved=True, affected=[])


def test_agreeing_to_one_visit_is_not_agreeing_to_another() -> None:
    doctor_id, nine = first_slot()
    asha = a_patient()
    occupy(nine, asha)
    half_past = slot_at(doctor_id, TUESDAY_NINE + timedelta(minutes=30))
    occupy(half_past, asha)
    found = change(doctor_id, agreed=(f"R{nine}-confi",), tue="10:00-11:00")
    assert (found.saved, len(found.affected), len(free_on(doctor_id))) == (False, 2, 4)


def test_a_new_fee_is_for_new_bookings_alone() -> None:
    doctor_id, nine = first_slot()
    asha = a_patient()
    held = booking.claim(patient_id=asha, slot_id=nine, now=NOW)
    change(doctor_id, fee="800.50")
    next_one = booking.claim(
        patient_id=asha, slot_id=slot_at(doctor_id, TUESDAY_NINE + timedelta(minutes=30)), now=NOW
    )
    with read() as tx:
        prices = {
            one.id: (
                one.fee_paise,
                tx.exec(select(Payment).where(Payment.appointment_id == one.id)).one().amount_paise,
            )
            for one in tx.exec(select(Appointment))
        }
    assert prices == {held.id: (50_000, 50_000), next_one.id: (80_050, 80_050)}
    assert trail(doctor_id) == [("admin:1", "doctor_changed_fee", "500", "800.50")]
    [told] = audit_log.entries(AuditFilter(subject=f"doctor:{doctor_id}")).rows
    assert (told.subject_label, told.text) == ("Dr Chandra Rao", "Doctor changed fee: 500 → 800.50.")


def test_the_trail_says_what_a_field_was_before_it_was_emptied() -> None:
    doctor_id = chandra()
    change(doctor_id, tue="")
    [told] = audit_log.entries(AuditFilter(subject=f"doctor:{doctor_id}")).rows
    assert told.text == "Doctor changed tue: 9:00-11:00, 17:00-18:00 → nothing."


def test_of_two_who_edit_the_same_doctor_the_second_is_told_and_nothing_of_hers_is_saved() -> None:
    doctor_id = chandra()
    seen = shown(doctor_id).seen
    change(doctor_id, seen=seen, fee="600")
    with pytest.raises(ChangedMeanwhile):
        change(doctor_id, seen=seen, area="Koramangala")
    written = shown(doctor_id).written
    assert (written.fee, written.area) == ("600", "Indiranagar")


def test_two_saves_at_the_same_instant_are_one_save_and_one_refusal() -> None:
    doctor_id = chandra()
    seen = shown(doctor_id).seen
    results = at_once([partial(change, doctor_id, seen=seen, fee=fee) for fee in ("600", "700")])
    assert sorted(type(one).__name__ for one in results) == ["ChangedMeanwhile", "SavedDoctor"]
    assert len(trail(doctor_id)) == 1


def test_writing_what_is_stored_already_changes_nothing() -> None:
    doctor_id = chandra()
    works(doctor_id, 1, "10:00", "10:15", HoursKind.BREAK)
    extend()
    assert shown(doctor_id).written.tue == "9:00-10:00, 10:15-11:00, 17:00-18:00"
    assert change(doctor_id, about=" ") == SavedDoctor(saved=True, affected=[])
    assert change(doctor_id, seen="an older mark") == SavedDoctor(saved=True, affected=[])
    with read() as tx:
        assert len(tx.exec(select(WorkingHours)).all()) == 4
    assert trail(doctor_id) == []


def test_a_wrong_field_and_an_unknown_doctor_are_refused() -> None:
    doctor_id = chandra()
    with pytest.raises(BadInput):
        change(doctor_id, fee="0", tue="9-8")
    with pytest.raises(NotFound):
        doctor_editing.change(admin=DEVI, doctor_id=404, seen="", written=ARUN, now=NOW)
    with pytest.raises(NotFound):
        doctor_editing.sheet(slug="dr-nobody")
    assert trail(doctor_id) == []


def test_a_change_that_meets_a_claim_half_way_waits_and_asks_about_its_visit(db: Database) -> None:
    doctor_id, nine = first_slot()
    patient = a_patient()
    with ThreadPoolExecutor(1) as pool:
        with db.write() as claim:
            slot = locks.slot(claim, nine)
            assert slot is not None
            changing = pool.submit(change, doctor_id, tue="10-11")
            until_it_waits_for_a_lock(db, who="the change")
            claim.add(an_appointment(slot, patient))
        found = changing.result(30)
    assert (found.saved, [one.reference for one in found.affected]) == (False, [f"R{nine}-confi"])
    assert (len(free_on(doctor_id)), trail(doctor_id)) == (5, [])


@pytest.mark.parametrize("first", ["claim", "change"])
def test_a_claim_and_a_change_of_hours_at_once_never_sell_a_time_that_is_gone(first: str) -> None:
    """Whoever is first: either the desk is asked about the visit, or the patient is told that the time is gone."""
    doctor_id, nine = first_slot()
    claim = partial(booking.claim, patient_id=a_patient(), slot_id=nine, now=NOW)
    both: list[Callable[[], object]] = [claim, partial(change, doctor_id, tue="10-11")]
    claimed, changed = at_once(both) if first == "claim" else reversed(at_once(both[::-1]))
    assert isinstance(changed, SavedDoctor)
    with read() as tx:
        withdrawn = tx.get_one(Slot, nine).withdrawn
    if isinstance(claimed, SlotGone):
        assert (changed.saved, changed.affected, withdrawn) == (True, [], True)
    else:
        assert not isinstance(claimed, Exception)
        assert (changed.saved, len(changed.affected), withdrawn) == (False, 1, False)


def test_a_doctor_who_leaves_is_found_by_nobody_until_they_come_back() -> None:
    doctor_id, nine = first_slot()
    occupy(nine, a_patient())
    for _ in range(2):
        doctor_editing.set_active(admin=DEVI, doctor_id=doctor_id, active=False, now=NOW)
    assert doctor_search.search(now=NOW) == []
    with pytest.raises(NotFound):
        slots.days(doctor_id=doctor_id, now=NOW)
    listed = doctor_list.list_doctors(now=NOW).doctors[0]
    assert (listed.active, listed.free_times, listed.visits) == (False, 0, 1)
    doctor_editing.set_active(admin=DEVI, doctor_id=doctor_id, active=True, now=NOW)
    assert len(free_on(doctor_id)) == 5
    assert trail(doctor_id) == [
        ("admin:1", "doctor", "working", "away"),
        ("admin:1", "doctor", "away", "working"),
    ]


@pytest.mark.parametrize("doctor_id", [0, 404])
def test_a_doctor_who_is_not_there_can_not_leave(doctor_id: int) -> None:
    first_slot()
    with pytest.raises(NotFound):
        doctor_editing.set_active(admin=DEVI, doctor_id=doctor_id, active=False, now=NOW)
