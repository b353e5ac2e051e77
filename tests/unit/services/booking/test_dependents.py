"""The people a patient books for, on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

import pytest
from sqlmodel import col, func, select

from booking_ui.db.models import Appointment, AuditEntry, Dependent, Notification, Payment, Person
from booking_ui.db.session import read, write
from booking_ui.domain.errors import BadInput, HoldExpired, NotFound, TooManyDependents, WrongState
from booking_ui.domain.people.family import MOST
from booking_ui.services.booking import appointments, claim, dependents
from booking_ui.services.desk import bookings
from booking_ui.services.desk.booking import whole_booking
from booking_ui.services.desk.bookings import BookingFilter
from booking_ui.services.upkeep import invariants
from booking_ui.services.views import DependentView
from tests.support.cast import NOW, Cast
from tests.support.mails import written
from tests.support.paying import paid_at_the_desk
from tests.support.races import at_once


def a_child(patient_id: int, name: str = "Kiran") -> DependentView:
    return dependents.add(
        patient_id=patient_id, name=name, relation="child", born_on=date(2019, 3, 4), now=NOW
    )


def count(model: type) -> int:
    with read() as tx:
        return tx.exec(select(func.count()).select_from(model)).one()


def test_a_dependent_is_shown_with_relation_and_age(cast: Cast) -> None:
    added = dependents.add(
        patient_id=cast.asha, name="  Kiran   Menon ", relation="child", born_on=date(2019, 3, 4), now=NOW
    )
    assert added == DependentView(
        added.id, "Kiran Menon", "child", "Son or daughter", "2019-03-04", "6 years"
    )
    assert dependents.listed(patient_id=cast.asha, now=NOW) == [added]
    assert dependents.listed(patient_id=cast.bilal, now=NOW) == []


def test_every_wrong_field_is_named_and_nothing_stays(cast: Cast) -> None:
    with pytest.raises(BadInput) as refused:
        dependents.add(patient_id=cast.asha, name=" ", relation="friend", born_on=date(2026, 1, 6), now=NOW)
    assert [(e.field, e.message) for e in refused.value.errors] == [
        ("name", "Write the name in 1 to 80 letters."),
        (
            "relation",
            "Choose one of child, spouse, parent, sibling, grandparent, grandchild, in_law, other.",
        ),
        ("bornOn", "The date of birth can't be in the future."),
    ]
    with pytest.raises(BadInput):
        dependents.add(
            patient_id=cast.asha, name="K\x00", relation="child", born_on=date(1850, 1, 1), now=NOW
        )
    assert (count(Dependent), count(AuditEntry)) == (0, 1)  # Devi was made an admin


def test_somebody_born_today_by_the_clinics_calendar_may_be_added(cast: Cast) -> None:
    late_evening = NOW.replace(hour=19)  # already the 6th at the clinic
    added = dependents.add(
        patient_id=cast.asha, name="Newborn", relation="child", born_on=date(2026, 1, 6), now=late_evening
    )
    assert added.age_label == "0 months"


def test_editing_changes_what_is_given_and_keeps_the_rest(cast: Cast) -> None:
    kiran = a_child(cast.asha)
    edited = dependents.edit(patient_id=cast.asha, dependent_id=kiran.id, name="Kiran Rao", now=NOW)
    assert (edited.name, edited.relation, edited.born_on) == ("Kiran Rao", "child", "2019-03-04")
    bare = dependents.edit(patient_id=cast.asha, dependent_id=kiran.id, born_on=None, now=NOW)
    assert (bare.name, bare.born_on, bare.age_label) == ("Kiran Rao", "", "")


def test_somebody_elses_dependent_is_not_found(cast: Cast) -> None:
    kiran = a_child(cast.asha)
    for refused in (
        partial(dependents.edit, patient_id=cast.bilal, dependent_id=kiran.id, name="Mine", now=NOW),
        partial(dependents.remove, patient_id=cast.bilal, dependent_id=kiran.id, now=NOW),
        partial(claim.claim, patient_id=cast.bilal, slot_id=cast.slots[0], dependent_id=kiran.id, now=NOW),
        partial(claim.claim, patient_id=cast.asha, slot_id=cast.slots[0], dependent_id=999, now=NOW),
    ):
        with pytest.raises(NotFound):
            refused()
    assert dependents.listed(patient_id=cast.asha, now=NOW) == [kiran]
    assert (count(Appointment), count(Payment)) == (0, 0)


def test_an_account_has_at_most_ten_even_when_they_are_added_at_once(cast: Cast) -> None:
    for n in range(MOST - 2):
        a_child(cast.asha, f"Child {n}")
    results = at_once([partial(a_child, cast.asha, f"Late {n}") for n in range(6)])
    assert len([r for r in results if isinstance(r, TooManyDependents)]) == 4
    assert len(dependents.listed(patient_id=cast.asha, now=NOW)) == MOST


def test_a_removed_dependent_is_offered_no_more_and_her_bookings_keep_her_name(cast: Cast) -> None:
    kiran = a_child(cast.asha)
    view = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], dependent_id=kiran.id, now=NOW)
    dependents.remove(patient_id=cast.asha, dependent_id=kiran.id, now=NOW)
    assert dependents.listed(patient_id=cast.asha, now=NOW) == []
    seen = appointments.find(patient_id=cast.asha, appointment_id=view.id, now=NOW)
    assert (seen.dependent_id, seen.patient_name) == (kiran.id, "Kiran")
    with pytest.raises(NotFound):
        dependents.remove(patient_id=cast.asha, dependent_id=kiran.id, now=NOW)
    with pytest.raises(NotFound):
        claim.claim(patient_id=cast.asha, slot_id=cast.slots[1], dependent_id=kiran.id, now=NOW)


def test_for_whom_may_change_while_the_hold_lives_and_each_change_is_in_the_trail(cast: Cast) -> None:
    kiran, amma = a_child(cast.asha), a_child(cast.asha, "Amma")
    view = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    assert (view.dependent_id, view.patient_name, view.relation_label) == (0, "Asha", "")
    change = partial(dependents.for_whom, patient_id=cast.asha, appointment_id=view.id, now=NOW)
    assert change(dependent_id=kiran.id).patient_name == "Kiran"
    assert change(dependent_id=kiran.id).relation_label == "Son or daughter"
    assert change(dependent_id=amma.id).patient_name == "Amma"
    assert change(dependent_id=None).patient_name == "Asha"
    with read() as tx:
        query = select(AuditEntry.before, AuditEntry.after).where(AuditEntry.action == "for")
        assert tx.exec(query.order_by(col(AuditEntry.seq))).all() == [
            ("", f"dependent:{kiran.id}"),
            (f"dependent:{kiran.id}", f"dependent:{amma.id}"),
            (f"dependent:{amma.id}", "patient"),
        ]
    assert invariants.total(invariants.count(now=NOW)) == 0


def test_asking_again_for_ones_hold_for_somebody_else_changes_for_whom(cast: Cast) -> None:
    kiran = a_child(cast.asha)
    first = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    again = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], dependent_id=kiran.id, now=NOW)
    kept = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    assert [again.id, kept.id] == [first.id] * 2
    assert (again.patient_name, kept.patient_name) == ("Kiran", "Kiran")


def test_for_whom_is_fixed_once_the_hold_is_over_or_the_visit_paid(cast: Cast) -> None:
    kiran = a_child(cast.asha)
    view = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    change = partial(dependents.for_whom, patient_id=cast.asha, appointment_id=view.id, dependent_id=kiran.id)
    with pytest.raises(HoldExpired):
        change(now=NOW + timedelta(minutes=16))
    with pytest.raises(NotFound):
        dependents.for_whom(patient_id=cast.bilal, appointment_id=view.id, dependent_id=None, now=NOW)
    paid_at_the_desk(cast, view.id)
    with pytest.raises(WrongState):
        change(now=NOW)
    assert appointments.find(patient_id=cast.asha, appointment_id=view.id, now=NOW).patient_name == "Asha"


def test_mail_desk_and_search_name_whom_the_visit_is_for(cast: Cast) -> None:
    kiran = a_child(cast.asha, "Kiran Menon")
    with write() as tx:
        tx.get_one(Person, cast.asha).email_verified_at = NOW
    view = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], dependent_id=kiran.id, now=NOW)
    paid_at_the_desk(cast, view.id)
    with read() as tx:
        mail_id = tx.exec(select(Notification.id)).one()
    mail = written(mail_id or 0, NOW)
    assert mail.to == "asha@example.com"
    assert mail.subject == "Confirmed: Dr Chandra Rao, Tue 6 Jan, 10:00 am (for Kiran Menon)"
    assert mail.text.startswith(
        "Asha, Kiran Menon's visit to Dr Chandra Rao is confirmed for Tue 6 Jan, 10:00 am"
    )
    seen = appointments.find(patient_id=cast.asha, appointment_id=view.id, now=NOW)
    assert seen.sentence == "Dr Chandra Rao expects Kiran Menon on Tue 6 Jan, 10:00 am."
    assert mail.calendar is not None
    assert b"SUMMARY:Dr Chandra Rao\\, Cardiologist (for Kiran Menon)" in mail.calendar.content
    (row,) = bookings.listed(BookingFilter(q="kiran"), now=NOW).rows
    assert (row.patient_name, row.visitor_name) == ("Asha", "Kiran Menon")
    assert bookings.listed(BookingFilter(q="bilal"), now=NOW).rows == []
    whole = whole_booking(now=NOW, reference=view.reference)
    assert [line.text for line in whole.timeline if "dependent" in line.text] == [
        "Asha: the visit is for a dependent."
    ]
