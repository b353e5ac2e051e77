"""The mails about a visit: one text, of which the HTML is made, and a calendar entry where the visit's time is told."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from icalendar import Calendar
from sqlmodel import select

from booking_ui.config.settings import settings
from booking_ui.db import clinic_words
from booking_ui.db.models import Appointment, DeliveryStatus, Notification, Payment, Person, Refund, pk
from booking_ui.db.session import read, write
from booking_ui.domain.payment import RefundOrigin, RefundStatus
from booking_ui.gateways.mail import Message
from booking_ui.languages import speaking
from booking_ui.services.booking import claim, reschedule
from booking_ui.services.booking.cancel import cancel_by_policy
from booking_ui.services.desk import cancel as desk_cancel
from booking_ui.services.desk import mark_payment
from booking_ui.services.mail import visit_mails
from booking_ui.services.visits import patient_view, visit_link
from tests.support.cast import FEE, NOW, Cast
from tests.support.paying import bill_of, paid_at_the_desk


@pytest.fixture(autouse=True)
def _the_clinic(configured: pytest.MonkeyPatch) -> None:
    configured.setenv("PUBLIC_URL", "https://clinic.example")
    configured.setenv("MERCHANT_NAME", "Saanjh Clinics")
    settings.cache_clear()


@pytest.fixture
def visit_id(cast: Cast) -> int:
    """A held visit of Asha's, who has confirmed the address."""
    with write() as tx:
        tx.get_one(Person, cast.asha).email_verified_at = NOW
    return claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW).id


def composed(visit_id: int, kind: str, key: str = "") -> Message:
    with read() as tx:
        booking = patient_view.load(tx, Appointment.id == visit_id)[0]
    row = Notification(
        key=f"{visit_id}:{kind}:{key}",
        kind=kind,
        appointment_id=visit_id,
        status=DeliveryStatus.WAITING,
        created_at=NOW,
    )
    return visit_mails.compose(row, booking, NOW)


def reference(visit_id: int) -> str:
    with read() as tx:
        return tx.get_one(Appointment, visit_id).reference


def link(visit_id: int) -> str:
    return f"https://clinic.example/appointment/{reference(visit_id)}/"


def calendar_address(visit_id: int) -> str:
    with read() as tx:
        token = visit_link.token(tx.get_one(Appointment, visit_id))
    return f"https://clinic.example/api/visits/{token}/calendar.ics"


def test_a_confirmed_visit_is_told_with_its_place_its_price_and_its_calendar_entry(
    cast: Cast, visit_id: int
) -> None:
    paid_at_the_desk(cast, visit_id)
    mail = composed(visit_id, "confirmed")
    assert (mail.to, mail.subject, mail.key) == (
        "asha@example.com",
        "Confirmed: Dr Chandra Rao, Tue 6 Jan, 10:00 am",
        f"{visit_id}:confirmed:",
    )
    assert mail.text == (
        "Asha, your visit to Dr Chandra Rao is confirmed for Tue 6 Jan, 10:00 am at 12, 100 Feet Road, Bengaluru.\n\n"
        "Paid: ₹500.\n\n"
        "When: Tuesday 6 January 2026, 10:00 am, India Time (GMT+05:30)\n"
        "Doctor: Dr Chandra Rao, Cardiologist\n"
        "For: Asha\n"
        "Where: 12, 100 Feet Road, Bengaluru\n"
        "Directions: https://www.google.com/maps/search/?api=1&query=12%2C%20100%20Feet%20Road%2C%20Bengaluru\n"
        "Fee: ₹500\n"
        "Paid: ₹500\n"
        f"Booking: {reference(visit_id)}\n\n"
        f"Your booking: {link(visit_id)}\n"
        f"Add to calendar: {calendar_address(visit_id)}\n"
        f"Move the visit: {link(visit_id)}reschedule/\n"
        f"Cancel the visit: {link(visit_id)}\n\n"
        "Need a hand? Call +91 80 4718 2200, every day from 8 am to 9 pm.\n"
        "Nobody reads answers to this mail.\n"
        "Saanjh Clinics\n"
    )
    assert mail.calendar is not None
    assert mail.calendar.name.endswith(".ics")
    calendar = Calendar.from_ical(mail.calendar.content)
    assert (mail.calendar.method, calendar["METHOD"]) == ("REQUEST", "REQUEST")


@pytest.mark.parametrize("kind", visit_mails.BODIES)
def test_every_mail_names_its_booking_once_and_leaves_no_word_open(visit_id: int, kind: str) -> None:
    mail = composed(visit_id, kind)
    assert mail.text.count(link(visit_id)) == 1
    assert f'<a href="{link(visit_id)}"' in mail.html
    assert [sign for sign in "{}" if sign in mail.subject + mail.text] == []
    assert (mail.calendar.method if mail.calendar else "") == visit_mails.CALENDAR.get(kind, "")


def test_a_cancelled_visit_leaves_the_calendar_and_says_that_nothing_was_paid(visit_id: int) -> None:
    mail = composed(visit_id, "cancelled")
    assert mail.text.startswith(
        "Asha, your visit to Dr Chandra Rao on Tue 6 Jan, 10:00 am is cancelled. Nothing was paid.\n"
    )
    assert mail.calendar is not None
    (event,) = Calendar.from_ical(mail.calendar.content).walk("VEVENT")
    assert (mail.calendar.method, event["STATUS"], event["SEQUENCE"]) == ("CANCEL", "CANCELLED", 1)


def test_what_the_clinic_retained_does_not_read_as_unpaid(cast: Cast, visit_id: int) -> None:
    paid_at_the_desk(cast, visit_id)
    with write() as tx:
        booking = patient_view.load(tx, Appointment.id == visit_id)[0]
        bill = tx.get_one(Payment, pk(booking.payment))
        bill.retained_paise = bill.captured_paise
    assert "is cancelled. Nothing comes back." in composed(visit_id, "cancelled").text


def give_back(visit_id: int, status: RefundStatus, paise: int = FEE, *, at_razorpay: bool = True) -> int:
    """A refund of the visit's money as it stands in the ledger; returns its id."""
    with write() as tx:
        bill = tx.exec(select(Payment).where(Payment.appointment_id == visit_id)).one()
        made = Refund(
            payment_id=pk(bill),
            gateway_payment_id="",
            gateway_refund_id=f"rfnd_{paise:014d}" if at_razorpay else None,
            amount_paise=paise,
            status=status,
            origin=RefundOrigin.DASHBOARD,
            reason="made at Razorpay",
            idempotency_key=f"foreign-{paise}",
            created_at=NOW,
            updated_at=NOW,
        )
        tx.add(made)
        tx.flush()
        return pk(made)


def test_a_moved_visit_names_what_the_ledger_says_at_that_moment(cast: Cast, visit_id: int) -> None:
    paid_at_the_desk(cast, visit_id)
    rule = "Cancel by Tue 6 Jan, 6:00 am: {} back."
    before = composed(visit_id, "rescheduled").text
    assert f"Your payment of ₹500 stays as it is. {rule.format('₹500')}" in before
    give_back(visit_id, RefundStatus.PENDING, 20_000)
    after = composed(visit_id, "rescheduled").text
    assert "stays as it is" not in after
    assert f"You paid ₹500. ₹200 of ₹500 goes back to where it was paid from. {rule.format('₹300')}" in after


def test_a_confirmed_visit_names_the_money_that_went_back_since(cast: Cast, visit_id: int) -> None:
    paid_at_the_desk(cast, visit_id)
    give_back(visit_id, RefundStatus.PROCESSED)
    assert (
        "\n\nPaid: ₹500. ₹500 goes back to where it was paid from.\n" in composed(visit_id, "confirmed").text
    )


def test_cash_comes_back_by_hand(cast: Cast, visit_id: int) -> None:
    paid_at_the_desk(cast, visit_id)
    desk_cancel.cancel_for_patient(
        admin=cast.devi, appointment_id=visit_id, refund="full", reason="doctor ill", now=NOW
    )
    mail = composed(visit_id, "cancelled")
    assert "is cancelled. The clinic gives you ₹500 back by hand." in mail.text
    paid_back = bill_of(visit_id)
    mark_payment.mark(admin=cast.devi, payment_id=pk(paid_back), status="refunded", reason="in cash", now=NOW)
    done = composed(visit_id, "refunded", "1")
    assert done.subject == "Your refund was given by hand"
    assert "was given by hand: The clinic gave you ₹500 back by hand.\n" in done.text
    assert "where it was paid from" not in mail.text + done.text


def test_a_refund_is_told_with_its_own_sum(cast: Cast, visit_id: int) -> None:
    paid_at_the_desk(cast, visit_id)
    give_back(visit_id, RefundStatus.PROCESSED, 20_000)
    second = give_back(visit_id, RefundStatus.PROCESSED, 10_000)
    mail = composed(visit_id, "refunded", str(second))
    assert "was sent: ₹100 of ₹500 goes back to where it was paid from. It takes 5 to 7" in mail.text


@pytest.mark.parametrize("kind", ["cancelled", "slot_lost"])
def test_money_whose_refund_failed_is_neither_unpaid_nor_on_its_way(
    cast: Cast, visit_id: int, kind: str
) -> None:
    paid_at_the_desk(cast, visit_id)
    give_back(visit_id, RefundStatus.FAILED)
    mail = composed(visit_id, kind)
    assert "₹500 has not gone back yet. The clinic knows" in mail.text
    assert [
        lie for lie in ("Nothing was paid", "sending", "on its way") if lie in mail.text + mail.subject
    ] == []


def test_a_hold_is_told_with_its_end(visit_id: int) -> None:
    mail = composed(visit_id, "hold_ends")
    with read() as tx:
        ends = tx.get_one(Appointment, visit_id).hold_expires_at
    assert ends == NOW + timedelta(minutes=15)
    assert mail.subject == "Tue 6 Jan, 10:00 am is held for you until Mon 5 Jan, 10:15 am"
    assert "is held for you until Mon 5 Jan, 10:15 am and not paid yet (₹500)." in mail.text


@pytest.mark.parametrize("language", ["en", "hi"])
@pytest.mark.parametrize("kind", visit_mails.BODIES)
def test_both_bodies_say_the_same_facts_in_the_same_order(
    cast: Cast, visit_id: int, kind: str, language: str
) -> None:
    paid_at_the_desk(cast, visit_id)
    with speaking(language):
        mail = composed(visit_id, kind)
    facts = re.findall(r"<th [^>]*>(.*?)</th><td [^>]*>(.*?)(?:<br>|</td>)", mail.html)
    lines = iter(mail.text.split("\n"))
    for name, value in facts:
        assert f"{unescape(name)}: {unescape(value)}" in lines, f"{name} comes in this order in the text too"
    assert len(facts) >= 6
    links = [unescape(one) for one in re.findall(r'<a href="(https:[^"]*)"', mail.html)]
    assert [one for one in links if one not in mail.text] == []
    assert "https:" not in re.sub(r"<[^>]*>", "", mail.html), "no raw link beside a button"


@pytest.mark.parametrize(
    ("confirmed", "name", "shown"), [(True, "Asha", True), (False, "asha@example.com", False)]
)
def test_the_invitation_names_a_patient_whose_address_is_confirmed(
    cast: Cast, visit_id: int, confirmed: bool, name: str, shown: bool
) -> None:
    paid_at_the_desk(cast, visit_id)
    with write() as tx:
        tx.get_one(Person, cast.asha).email_verified_at = NOW if confirmed else None
    assert sent_entry(visit_id, "confirmed")["ATTENDEE"].params["CN"] == name
    assert ("\nFor: Asha\n" in composed(visit_id, "confirmed").text) is shown


def test_each_move_and_the_cancelling_take_the_place_of_the_mail_before(cast: Cast, visit_id: int) -> None:
    paid_at_the_desk(cast, visit_id)
    found = [sent_entry(visit_id, "confirmed")]
    for slot in cast.slots[1:3]:
        reschedule.reschedule(patient_id=cast.asha, appointment_id=visit_id, slot_id=slot, now=NOW)
        found.append(sent_entry(visit_id, "rescheduled"))
    cancel_by_policy(patient_id=cast.asha, appointment_id=visit_id, now=NOW)
    found.append(sent_entry(visit_id, "cancelled"))
    assert [one["SEQUENCE"] for one in found] == [0, 1, 2, 3]
    assert [one["STATUS"] for one in found] == ["CONFIRMED", "CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert len({one["UID"] for one in found}) == 1
    assert [one["DTSTART"].dt.minute for one in found] == [30, 0, 30, 30]


def sent_entry(visit_id: int, kind: str) -> Any:
    """The event in a mail of this kind."""
    entry = composed(visit_id, kind).calendar
    assert entry is not None
    (event,) = Calendar.from_ical(entry.content).walk("VEVENT")
    return event


def test_a_mail_and_its_entry_say_the_clinics_words_in_the_language_of_the_mail(
    cast: Cast, visit_id: int
) -> None:
    with write() as tx:
        for english, text in (
            ("Cardiologist", "हृदय रोग विशेषज्ञ"), ("12, 100 Feet Road", "12, 100 फ़ीट रोड"), ("Bengaluru", "बेंगलुरु"),
        ):  # fmt: skip
            clinic_words.keep(tx, "hi", english, text)
    with speaking("hi"):
        mail = composed(visit_id, "confirmed")
    assert "12, 100 फ़ीट रोड, बेंगलुरु" in mail.text
    assert mail.calendar is not None
    (event,) = Calendar.from_ical(mail.calendar.content).walk("VEVENT")
    assert event["summary"] == "Dr Chandra Rao, हृदय रोग विशेषज्ञ"
    assert event["location"] == "12, 100 फ़ीट रोड, बेंगलुरु"
    assert "\nकब: मंगलवार 6 जनवरी 2026, सुबह 10:00, भारत समय (GMT+05:30)\n" in mail.text
    assert "/calendar.ics?lang=hi\n" in mail.text
    assert "12, 100 Feet Road, Bengaluru" in composed(visit_id, "confirmed").text
