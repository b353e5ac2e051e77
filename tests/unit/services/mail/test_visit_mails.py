"""The mails about a visit: one text, of which the HTML is made, and a calendar entry where the visit's time is told."""

from __future__ import annotations

from datetime import timedelta

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
from booking_ui.services.booking import claim
from booking_ui.services.desk import cancel as desk_cancel
from booking_ui.services.desk import mark_payment
from booking_ui.services.mail import visit_mails
from booking_ui.services.visits import patient_view
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


def link(visit_id: int) -> str:
    with read() as tx:
        return f"https://clinic.example/appointment/{tx.get_one(Appointment, visit_id).reference}/"


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
        f"Paid: ₹500.\n\nYour booking: {link(visit_id)}\n\nSaanjh Clinics\n"
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


def test_a_text_becomes_html_that_runs_and_loads_nothing() -> None:
    html = visit_mails.page(
        "<b>Asha</b> & Bilal\nsecond line\n\nAnother", "https://x.example/?a=1&b=2", "Go <on>"
    )
    assert "&lt;b&gt;Asha&lt;/b&gt; &amp; Bilal<br>second line</p>" in html
    assert html.count("<p ") == 4  # two paragraphs, the button, the clinic
    assert '<a href="https://x.example/?a=1&amp;b=2"' in html
    assert ">Go &lt;on&gt;</a>" in html
    assert [word for word in ("<img", "<script", "<link", "@import", "url(") if word in html] == []
    assert "<a " not in visit_mails.page("Without a link")


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
    assert event["location"] == "12, 100 फ़ीट रोड"
    assert "12, 100 Feet Road, Bengaluru" in composed(visit_id, "confirmed").text
