"""A doctor before the desk: added, changed after a question, never over somebody else's change, and only by an admin."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from booking_ui.db.models import Doctor, Person, Role, Slot
from booking_ui.db.session import read, write
from booking_ui.domain.clock import utc_now
from booking_ui.services.booking import claim
from booking_ui.services.schedule import doctor_editing
from booking_ui.states.desk.doctor import EditDoctorState, Problems, WordProblems
from tests.support.cast import Cast
from tests.support.tab import Tab, Went, run, signed_in

CHANDRA = "/admin/doctors/dr-chandra-rao/"
EVERY_DAY = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), "10:00-12:00")


@pytest.fixture
def desk(cast: Cast) -> Tab:
    """Dr Chandra works every day from 10 to 12; her first stored time lies two days ahead at 10."""
    tab = Tab(CHANDRA, token=signed_in(cast.devi.person_id))
    sent(tab, form(cast, **EVERY_DAY))
    with write() as tx:
        at = (utc_now() + timedelta(days=2)).replace(hour=4, minute=30, second=0, microsecond=0)
        for one in tx.exec(select(Slot).where(col(Slot.starts_at) == at, col(Slot.id) != cast.slots[0])):
            tx.delete(one)
        tx.flush()
        first = tx.get_one(Slot, cast.slots[0])
        first.starts_at, first.ends_at, first.withdrawn = at, at + timedelta(minutes=30), False
    return tab


def form(cast: Cast, **changed: Any) -> dict[str, Any]:
    now = doctor_editing.sheet(slug="dr-chandra-rao")
    return {"doctor_id": cast.chandra, "seen": now.seen, "agreed": "", **asdict(now.written), **changed}


def sent(tab: Tab, filled: dict[str, Any]) -> Went:
    return run(tab.send(EditDoctorState, EditDoctorState.save, form=filled))


def state_of(tab: Tab) -> EditDoctorState:
    return run(tab.state(EditDoctorState))


def fee() -> str:
    return doctor_editing.sheet(slug="dr-chandra-rao").written.fee


def test_the_page_shows_what_is_stored_and_says_when_nobody_has_its_address(desk: Tab) -> None:
    run(desk.send(EditDoctorState, EditDoctorState.load))
    state = state_of(desk)
    assert (state.loaded, state.missing, state.sheet.written.mon) == (True, False, "10:00-12:00")
    assert state.specialities == ["Cardiologist"]
    desk.go("/admin/doctors/dr-nobody/")
    run(desk.send(EditDoctorState, EditDoctorState.load))
    assert (state_of(desk).missing, state_of(desk).sheet.id) == (True, 0)


def test_a_new_doctor_is_added_and_her_own_page_opens(cast: Cast, desk: Tab) -> None:
    desk.go("/admin/doctors/new/")
    run(desk.send(EditDoctorState, EditDoctorState.load))
    assert state_of(desk).sheet.written.slot_minutes == "30"
    went = sent(desk, form(cast, doctor_id=0, seen="", name="Dr Arun Pillai"))
    assert (went.redirects, went.told) == (
        ["/admin/doctors/dr-arun-pillai/"],
        ["Added. Patients can book now."],
    )
    again = sent(desk, form(cast, doctor_id=0, seen="", name="Dr Arun Pillai"))
    assert (again.redirects, "is here already" in state_of(desk).problems.name) == ([], True)


def test_hours_that_leave_a_visit_outside_are_saved_only_when_that_is_said_again(
    cast: Cast, desk: Tab
) -> None:
    held = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=utc_now())
    shorter = dict.fromkeys(EVERY_DAY, "11:00-12:00")
    sent(desk, form(cast, **shorter))
    assert (state_of(desk).agreed, state_of(desk).said) == (held.reference, "")
    assert doctor_editing.sheet(slug="dr-chandra-rao").written.mon == "10:00-12:00"
    run(desk.send(EditDoctorState, EditDoctorState.think_again))
    assert state_of(desk).agreed == ""
    run(desk.send(EditDoctorState, EditDoctorState.load))
    sent(desk, form(cast, **shorter, agreed=held.reference))
    state = state_of(desk)
    assert ([one.reference for one in state.to_call], state.agreed) == ([held.reference], "")
    assert (state.said[:6], state.sheet.written.mon) == ("Saved.", "11:00-12:00")


def test_each_line_of_hours_says_how_it_is_understood(cast: Cast, desk: Tab) -> None:
    run(desk.send(EditDoctorState, EditDoctorState.load))
    assert set(state_of(desk).read_as.values()) == {"10:00 am – 12:00 pm"}
    run(desk.send(EditDoctorState, EditDoctorState.read_line, day="tue", line="6-7 pm"))
    assert state_of(desk).read_as["tue"] == "6:00 am – 7:00 pm"
    assert state_of(desk).read_as["mon"] == "10:00 am – 12:00 pm"
    sent(desk, form(cast, tue="12-10", wed=""))
    read_as = state_of(desk).read_as
    assert (read_as["tue"], read_as["wed"]) == ("12:00 pm – 10:00 am", "")
    assert run(desk.send(EditDoctorState, EditDoctorState.read_line, day="day", line="9-10")).refused


def test_whoever_saves_second_is_told_and_her_words_stay_in_the_form(cast: Cast, desk: Tab) -> None:
    stale = form(cast, fee="900")
    sent(desk, form(cast, fee="600"))
    sent(desk, stale)
    state = state_of(desk)
    assert (fee(), state.problems.changed, state.said) == ("600", True, "")
    assert state.problems.whole.startswith("Somebody else changed this")


def test_wrong_fields_are_told_beside_them_and_nothing_is_saved(cast: Cast, desk: Tab) -> None:
    sent(desk, form(cast, fee="0", tue="12-10"))
    problems = state_of(desk).problems
    assert {name for name, said in asdict(problems).items() if said} == {"fee", "tue", "whole"}
    assert (fee(), state_of(desk).busy) == ("500", "")


def test_a_sign_in_is_given_refused_and_taken_away(cast: Cast, desk: Tab) -> None:
    run(desk.send(EditDoctorState, EditDoctorState.load))
    give = {"doctor_id": cast.chandra, "email": "chandra@clinic.example"}
    run(desk.send(EditDoctorState, EditDoctorState.give_sign_in, form={**give, "email": cast.devi.email}))
    assert state_of(desk).problems.email.startswith("The desk signs in")
    run(desk.send(EditDoctorState, EditDoctorState.give_sign_in, form=give))
    state = state_of(desk)
    assert (state.sheet.email, state.sheet.email_verified, state.problems) == (
        give["email"],
        False,
        Problems(),
    )
    assert state.sign_in_said.startswith("A link is on its way")
    run(desk.send(EditDoctorState, EditDoctorState.take_sign_in, doctor_id=cast.chandra))
    assert (state_of(desk).sheet.email, doctor_editing.sheet(slug="dr-chandra-rao").email) == ("", "")


def words(cast: Cast, **changed: str) -> dict[str, Any]:
    now = doctor_editing.sheet(slug="dr-chandra-rao").words[0]
    written = {name: text for name, text in asdict(now.written).items() if name != "about"}
    return {"doctor_id": cast.chandra, "language": "hi", "seen": now.seen, **written, **changed}


def test_words_in_another_language_are_saved_beside_the_form(cast: Cast, desk: Tab) -> None:
    run(desk.send(EditDoctorState, EditDoctorState.load))
    assert not run(
        desk.send(EditDoctorState, EditDoctorState.save_words, form=words(cast, city="बेंगलुरु"))
    ).refused
    state = state_of(desk)
    assert (state.words_in, state.words_said, state.word_problems) == ("hi", "Saved.", WordProblems())
    assert (state.sheet.words[0].written.city, state.said, state.busy) == ("बेंगलुरु", "", "")
    stale = words(cast, area="इंदिरानगर")
    run(desk.send(EditDoctorState, EditDoctorState.save_words, form=words(cast, city="बेंगलूर")))
    run(desk.send(EditDoctorState, EditDoctorState.save_words, form=stale))
    problems = state_of(desk).word_problems
    assert (problems.language, problems.changed, state_of(desk).words_said) == ("hi", True, "")
    assert doctor_editing.sheet(slug="dr-chandra-rao").words[0].written.area == ""


def test_wrong_words_are_told_in_their_form_and_extra_fields_are_refused(cast: Cast, desk: Tab) -> None:
    run(desk.send(EditDoctorState, EditDoctorState.load))
    run(desk.send(EditDoctorState, EditDoctorState.save_words, form=words(cast, city="ब" * 61)))
    problems = state_of(desk).word_problems
    assert (problems.language, problems.city) == ("hi", "Write the city in 2 to 60 letters.")
    assert (problems.area, problems.changed) == ("", False)
    refused = words(cast, fee="1")
    assert run(desk.send(EditDoctorState, EditDoctorState.save_words, form=refused)).refused
    run(desk.send(EditDoctorState, EditDoctorState.save_words, form=words(cast, language="xx")))
    assert state_of(desk).word_problems.whole != ""


def test_patients_doctors_and_strangers_change_nothing(cast: Cast, desk: Tab) -> None:
    with write() as tx:
        tx.get_one(Person, cast.bilal).role = Role.DOCTOR
        tx.get_one(Person, cast.bilal).doctor_id = cast.chandra
    for token in ("", signed_in(cast.asha), signed_in(cast.bilal)):
        tab = Tab(CHANDRA, token=token)
        calls: list[tuple[Any, dict[str, Any]]] = [
            (EditDoctorState.load, {}),
            (EditDoctorState.save, {"form": form(cast, fee="1")}),
            (EditDoctorState.think_again, {}),
            (EditDoctorState.read_line, {"day": "mon", "line": "9-10"}),
            (EditDoctorState.give_sign_in, {"form": {"doctor_id": cast.chandra, "email": "x@example.com"}}),
            (EditDoctorState.take_sign_in, {"doctor_id": cast.chandra}),
            (EditDoctorState.save_words, {"form": words(cast, city="बेंगलुरु")}),
        ]
        assert all(run(tab.send(EditDoctorState, handler, **payload)).refused for handler, payload in calls)
        assert run(tab.state(EditDoctorState)).sheet.id == 0
    with read() as tx:
        assert tx.get_one(Doctor, cast.chandra).fee_paise == 50_000
    sheet = doctor_editing.sheet(slug="dr-chandra-rao")
    assert (sheet.email, sheet.words[0].written.city) == ("bilal@example.com", "")
