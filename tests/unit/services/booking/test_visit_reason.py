"""Why the patient comes, said at checkout. On both databases."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from sqlmodel import col, select

from booking_ui.db.models import AuditEntry
from booking_ui.db.session import read
from booking_ui.domain.errors import BadInput, HoldExpired, NotFound, WrongState
from booking_ui.services.booking import appointments, claim, visit_reason
from booking_ui.services.booking.visit_reason import LONGEST
from booking_ui.services.desk.booking import whole_booking
from booking_ui.services.upkeep import invariants
from tests.support.cast import NOW, Cast
from tests.support.paying import paid_at_the_desk

WORDS = "Chest pain for 3 days\nछाती में दर्द"


def test_the_reason_is_kept_and_the_trail_never_says_it(cast: Cast) -> None:
    view = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    say = partial(visit_reason.give_reason, patient_id=cast.asha, appointment_id=view.id, now=NOW)
    assert say(reason=f"  {WORDS} \r\n").reason == WORDS
    assert say(reason=WORDS).reason == WORDS
    assert say(reason=" ").reason == ""
    with read() as tx:
        query = select(AuditEntry.actor, AuditEntry.before, AuditEntry.after, AuditEntry.reason).where(
            AuditEntry.action == "reason_changed"
        )
        left = tx.exec(query.order_by(col(AuditEntry.seq))).all()
    assert left == [(f"patient:{cast.asha}", "", "", "")] * 2
    assert invariants.total(invariants.count(now=NOW)) == 0
    story = whole_booking(now=NOW, reference=view.reference).timeline
    assert "Asha: reason changed." in [line.text for line in story]
    seen = appointments.find(patient_id=cast.asha, appointment_id=view.id, now=NOW)
    assert [line.text for line in seen.timeline] == ["Time held"]


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        ("x" * (LONGEST + 1), "That is too long: please say it in at most 300 characters."),
        ("a\x00b", "Some of these characters can't be used."),
    ],
)
def test_a_reason_that_cannot_be_kept_is_refused_with_a_sentence(
    cast: Cast, reason: str, sentence: str
) -> None:
    view = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], reason="cough", now=NOW)
    with pytest.raises(BadInput) as refused:
        visit_reason.give_reason(patient_id=cast.asha, appointment_id=view.id, reason=reason, now=NOW)
    assert [(e.field, e.message) for e in refused.value.errors] == [("reason", sentence)]
    seen = appointments.find(patient_id=cast.asha, appointment_id=view.id, now=NOW)
    assert seen.reason == "cough"
    with pytest.raises(BadInput):
        claim.claim(patient_id=cast.asha, slot_id=cast.slots[1], reason=reason, now=NOW)
    assert [one.id for one in appointments.listed(patient_id=cast.asha, now=NOW)] == [view.id]


def test_the_reason_is_fixed_once_the_hold_is_over_or_the_visit_paid(cast: Cast) -> None:
    view = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], reason="cough", now=NOW)
    say = partial(visit_reason.give_reason, patient_id=cast.asha, appointment_id=view.id, reason="another")
    with pytest.raises(HoldExpired):
        say(now=NOW + timedelta(minutes=16))
    with pytest.raises(NotFound):
        visit_reason.give_reason(patient_id=cast.bilal, appointment_id=view.id, reason="his", now=NOW)
    paid_at_the_desk(cast, view.id)
    with pytest.raises(WrongState):
        say(now=NOW)
    assert appointments.find(patient_id=cast.asha, appointment_id=view.id, now=NOW).reason == "cough"
