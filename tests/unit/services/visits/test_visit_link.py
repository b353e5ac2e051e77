"""Links in messages: they open one visit without names, until they are ended or a week after it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from booking_ui.config.settings import settings
from booking_ui.db.models import Appointment, Person
from booking_ui.db.session import read, write
from booking_ui.domain.errors import NotFound
from booking_ui.languages import speaking
from booking_ui.services.booking import claim, dependents
from booking_ui.services.journal import audit
from booking_ui.services.views import AppointmentView
from booking_ui.services.visits import calendar_entry, visit_link
from tests.support.cast import NOW, Cast
from tests.support.paying import paid_at_the_desk


def booked(cast: Cast, slot: int = 0, *, dependent: int | None = None) -> int:
    visit = claim.claim(
        patient_id=cast.asha,
        slot_id=cast.slots[slot],
        now=NOW,
        reason="palpitations",
        dependent_id=dependent,
    ).id
    paid_at_the_desk(cast, visit)
    return visit


def row(visit: int) -> Appointment:
    with read() as tx:
        return tx.get_one(Appointment, visit)


def opened(link: str, after: timedelta = timedelta(0)) -> AppointmentView:
    return visit_link.open_visit(link=link, now=NOW + after)


def is_over(link: str, after: timedelta = timedelta(0)) -> bool:
    try:
        opened(link, after)
    except NotFound:
        return True
    return False


@pytest.mark.parametrize(("letter", "like"), [("i", "\u0131"), ("s", "\u017f")])
def test_a_letter_that_only_becomes_ascii_in_upper_case_opens_nothing(
    cast: Cast, letter: str, like: str
) -> None:
    link = visit_link.token(row(booked(cast)))
    assert is_over(f"{link[:8]}{like}{link[9:]}"), f"{like} reads as {letter}"


def test_a_link_is_short_and_stands_in_the_language_of_its_message(cast: Cast) -> None:
    visit = row(booked(cast))
    link = visit_link.token(visit)
    assert len(link) == 24
    assert link.isalnum()
    assert visit_link.address(visit) == f"http://localhost:3000/v/{link}/"
    with speaking("hi"):
        assert visit_link.address(visit) == f"http://localhost:3000/hi/v/{link}/"


def test_it_shows_state_time_place_and_money_and_nobodys_name(cast: Cast) -> None:
    kiran = dependents.add(patient_id=cast.asha, name="Kiran", relation="child", now=NOW).id
    for slot, dependent in ((0, None), (1, kiran)):
        visit = booked(cast, slot, dependent=dependent)
        found = opened(visit_link.token(row(visit)))
        assert (found.phase, found.headline, found.doctor_name) == (
            "confirmed",
            "You're booked",
            "Dr Chandra Rao",
        )
        assert (found.address, found.money_label) == ("12, 100 Feet Road", "₹500 paid")
        told = f"{found} {calendar_entry.entry(found, now=NOW).decode()}"
        for name in ("Asha", "Kiran", "palpitations", "asha@example.com", "9800000001"):
            assert name not in told
        assert (found.can_cancel, found.can_reschedule, found.can_pay, found.id) == (False, False, False, 0)


def test_it_opens_until_a_week_after_the_visit(cast: Cast) -> None:
    visit = row(booked(cast))
    link, end = visit_link.token(visit), visit.ends_at + timedelta(days=7) - NOW
    assert not is_over(link, end - timedelta(seconds=1))
    assert is_over(link, end)


def test_no_other_letters_open_anything(cast: Cast) -> None:
    one, other = (visit_link.token(row(booked(cast, slot))) for slot in (0, 1))
    mixed = other[:7] + one[7:]  # the number of one booking, the signature of another
    for forged in (mixed, one[:-1], one + "a", "", "ü" * 24, "a" * 24, "1" * 24, "\x00", one[:-8] + "=" * 8):
        assert is_over(forged)
    assert opened(one.upper()) == opened(one)


def test_a_patient_ends_the_links_of_a_visit_and_only_their_own(cast: Cast) -> None:
    visit, another = booked(cast), booked(cast, 1)
    old, kept = visit_link.token(row(visit)), visit_link.token(row(another))
    with pytest.raises(NotFound):
        visit_link.end_links(patient_id=cast.bilal, appointment_id=visit, now=NOW)
    assert not is_over(old)
    visit_link.end_links(patient_id=cast.asha, appointment_id=visit, now=NOW)
    assert (is_over(old), is_over(kept), is_over(visit_link.token(row(visit)))) == (True, False, False)
    with read() as tx:
        assert audit.trail(tx, audit.booking(visit))[-1].action == "links_ended"


def test_the_links_of_an_erased_patient_are_over(cast: Cast) -> None:
    link = visit_link.token(row(booked(cast)))
    with write() as tx:
        tx.get_one(Person, cast.asha).erased_at = NOW
    assert is_over(link)


def test_a_key_that_was_replaced_still_opens_its_links_and_a_strangers_does_not(
    cast: Cast, configured: pytest.MonkeyPatch
) -> None:
    configured.setenv("SECRET_KEY", "a" * 40)
    settings.cache_clear()
    link = visit_link.token(row(booked(cast)))
    configured.setenv("SECRET_KEY", "b" * 40)
    settings.cache_clear()
    assert is_over(link)
    configured.setenv("SECRET_KEY_PREVIOUS", "a" * 40)
    settings.cache_clear()
    assert not is_over(link)
