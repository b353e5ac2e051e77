"""The card in a mail about a visit: its facts, what the clinic's policy offers, and the telephone."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from booking_ui.config.settings import settings
from booking_ui.db.models import Appointment, Person
from booking_ui.db.session import read, write
from booking_ui.languages import speaking
from booking_ui.services.booking import claim, dependents
from booking_ui.services.mail import visit_card
from booking_ui.services.visits import patient_view, visit_link
from tests.support.cast import FIRST_SLOT, NOW, Cast
from tests.support.paying import paid_at_the_desk


def booked(cast: Cast, dependent: int | None = None) -> patient_view.Booking:
    visit = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW, dependent_id=dependent).id
    paid_at_the_desk(cast, visit)
    with read() as tx:
        return patient_view.load(tx, Appointment.id == visit)[0]


def facts(kind: str, booking: patient_view.Booking) -> dict[str, str]:
    shown = visit_card.facts(kind, booking, patient_view.view(booking, NOW))
    return {one.name: one.value for one in shown}


def verbs(kind: str, booking: patient_view.Booking, now: datetime) -> list[str]:
    return [one.verb for one in visit_card.actions(kind, booking, patient_view.view(booking, now))]


def test_a_visit_that_takes_place_is_told_whole(cast: Cast) -> None:
    booking = booked(cast)
    assert facts("confirmed", booking) == {
        "When": "Tuesday 6 January 2026, 10:00 am, India Time (GMT+05:30)",
        "Doctor": "Dr Chandra Rao, Cardiologist",
        "Where": "12, 100 Feet Road, Bengaluru",
        "Fee": "₹500",
        "Paid": "₹500",
        "Booking": booking.appointment.reference,
    }
    assert "Where" not in facts("cancelled", booking)


def test_the_person_is_named_once_the_address_is_confirmed(cast: Cast) -> None:
    with write() as tx:
        tx.get_one(Person, cast.asha).email_verified_at = NOW
    kiran = dependents.add(patient_id=cast.asha, name="Kiran", relation="child", now=NOW).id
    assert facts("confirmed", booked(cast, kiran))["For"] == "Kiran"


def test_the_policy_decides_what_a_mail_offers(cast: Cast) -> None:
    booking = booked(cast)
    assert verbs("reminder", booking, NOW) == [
        "See your booking",
        "Add to calendar",
        "Move the visit",
        "Cancel the visit",
    ]
    late = FIRST_SLOT - timedelta(minutes=5)
    assert verbs("reminder", booking, late) == ["See your booking", "Add to calendar"]
    assert verbs("refunded", booking, NOW) == ["See your booking"]
    assert verbs("hold_ends", booking, NOW) == ["Pay ₹500"]


def test_the_calendar_is_had_by_the_visits_signed_address(cast: Cast) -> None:
    booking = booked(cast)
    with speaking("hi"):
        shown = visit_card.actions("confirmed", booking, patient_view.view(booking, NOW))
    token = visit_link.token(booking.appointment)
    assert shown[1].link == f"http://localhost:3000/api/visits/{token}/calendar.ics?lang=hi"


@pytest.mark.parametrize("read_by_somebody", ["MAIL_FROM", "MAIL_REPLY_TO"])
def test_answers_that_somebody_reads_are_not_said_to_be_lost(
    configured: pytest.MonkeyPatch, read_by_somebody: str
) -> None:
    lost = "Nobody reads answers to this mail."
    assert visit_card.footer() == ("Need a hand? Call +91 80 4718 2200, every day from 8 am to 9 pm.", lost)
    configured.setenv(read_by_somebody, "desk@clinic.example")
    configured.setenv("SUPPORT_HOURS", "")
    settings.cache_clear()
    assert visit_card.footer() == ("Need a hand? Call +91 80 4718 2200.",)
