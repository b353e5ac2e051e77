"""What a patient reads about her booking when things went wrong: what is true, and what to do."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import col, select

from booking_ui.config.settings import settings
from booking_ui.db import clinic_words
from booking_ui.db.models import Appointment, Refund, pk
from booking_ui.db.session import read, write
from booking_ui.domain.payment import AttemptStatus, RefundFact, RefundStatus
from booking_ui.languages import speaking
from booking_ui.services.booking import appointments, cancel, claim
from booking_ui.services.desk import settle_refund
from booking_ui.services.refunds import send
from booking_ui.services.visits import patient_view
from tests.support.cast import FEE, NOW, Cast
from tests.support.patient_view import LATE, PAID, heard, held, seen
from tests.support.razorpay_account import Account, account
from tests.support.receipts import given_back, paid_by_hand

razorpay = account  # a fixture, by the name that its tests use


def newest_refund() -> Refund:
    with read() as tx:
        return tx.exec(select(Refund).order_by(col(Refund.id).desc()).limit(1)).one()


def the_refund_fails() -> int:
    made = newest_refund()
    send.settle(
        fact=RefundFact("rfnd_00000000000001", PAID, RefundStatus.FAILED, FEE, made.idempotency_key), now=LATE
    )
    return pk(made)


def test_a_refund_that_failed_is_not_told_as_on_its_way(cast: Cast, razorpay: Account) -> None:
    del razorpay  # it can't be asked to send anything
    visit_id = held(cast)
    claim.claim(patient_id=cast.bilal, slot_id=cast.slots[0], now=LATE)
    heard(AttemptStatus.CAPTURED)
    assert seen(cast, visit_id).phase == "refund_due"
    failed = the_refund_fails()
    stuck = seen(cast, visit_id)
    assert (stuck.phase, stuck.status, stuck.payment_status) == ("refund_failed", "failed", "captured")
    assert stuck.headline == "Your refund needs our help"
    assert stuck.sentence == (
        "₹500 has not gone back yet. The clinic knows and will send it again; nothing for you to do. "
        f"Questions? Call {settings().support_phone}."
    )
    settle_refund.settle(
        admin=cast.devi, refund_id=failed, way="again", reason="the account is open", now=LATE
    )
    again = seen(cast, visit_id)
    assert (again.phase, again.headline) == ("refund_due", "Your money is on its way back")


def test_a_cancelled_visit_whose_refund_failed_says_so(cast: Cast, dead_gateway: str) -> None:
    visit_id = held(cast)
    heard(AttemptStatus.CAPTURED)
    assert seen(cast, visit_id).in_label.startswith("in ")
    cancel.cancel_by_policy(patient_id=cast.asha, appointment_id=visit_id, now=LATE)
    the_refund_fails()
    told = seen(cast, visit_id)
    assert (told.phase, told.payment_status, told.in_label) == ("cancelled", "captured", "")
    assert told.refund_label.startswith(
        "₹500 has not gone back yet. The clinic knows and will send it again;"
    )


def test_a_failed_payment_claims_nothing_about_money_that_may_still_come(cast: Cast) -> None:
    visit_id = held(cast)
    heard(AttemptStatus.FAILED)
    told = seen(cast, visit_id)
    assert told.phase == "failed"
    assert told.sentence.endswith(
        "Tue 6 Jan, 10:00 am was freed and no payment has reached us. Try again, or pick another time."
    )


def test_a_hold_is_over_for_its_patient_before_the_worker_ends_it(cast: Cast) -> None:
    visit_id = held(cast)
    with read() as tx:
        (booking,) = patient_view.load(tx, col(Appointment.id) == visit_id)
        told = [patient_view.phase(booking, instant) for instant in (NOW, LATE)]
    assert (told, booking.appointment.status) == (["holding", "expired"], "pending_payment")
    assert booking.for_whom == "Asha"


def test_bookings_are_loaded_by_the_time_of_their_visit_a_page_at_a_time(cast: Cast) -> None:
    later = claim.claim(patient_id=cast.asha, slot_id=cast.slots[1], now=NOW).id
    sooner = claim.claim(patient_id=cast.bilal, slot_id=cast.slots[0], now=NOW).id
    with read() as tx:
        pages = [
            [
                one.appointment.id
                for one in patient_view.load(tx, newest_first=newest, limit=limit, offset=offset)
            ]
            for newest, limit, offset in ((False, 2, 0), (True, 2, 0), (False, 1, 1), (False, 2, 2))
        ]
    assert pages == [[sooner, later], [later, sooner], [later], []]


def test_razorpay_is_worth_asking_from_the_order_until_no_bank_answers_any_more(cast: Cast) -> None:
    visit_id = held(cast)
    assert seen(cast, visit_id).worth_asking
    heard(AttemptStatus.FAILED)
    failed = seen(cast, visit_id)
    assert (failed.phase, failed.worth_asking) == ("failed", True)
    days_later = appointments.find(
        patient_id=cast.asha, appointment_id=visit_id, now=LATE + timedelta(days=5)
    )
    assert not days_later.worth_asking


def test_razorpay_is_worth_asking_about_a_promise_of_the_bank_and_no_more_about_its_money(cast: Cast) -> None:
    visit_id = held(cast)
    heard(AttemptStatus.AUTHORIZED)
    late = appointments.find(patient_id=cast.asha, appointment_id=visit_id, now=LATE + timedelta(days=9))
    assert late.worth_asking
    heard(AttemptStatus.CAPTURED)
    assert not seen(cast, visit_id).worth_asking


def test_nobody_is_asked_about_a_hold_without_an_order(cast: Cast) -> None:
    view = claim.claim(patient_id=cast.asha, slot_id=cast.slots[1], now=NOW)
    assert not view.worth_asking


def test_a_visit_says_the_clinics_words_in_the_language_and_keeps_a_place_for_maps(cast: Cast) -> None:
    with write() as tx:
        clinic_words.keep(tx, "hi", "Cardiologist", "हृदय रोग विशेषज्ञ")
        clinic_words.keep(tx, "hi", "12, 100 Feet Road", "12, 100 फ़ीट रोड")
    with speaking("hi"):
        claimed = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
        found = appointments.find(patient_id=cast.asha, appointment_id=claimed.id, now=NOW)
        (listed,) = appointments.listed(patient_id=cast.asha, now=NOW)
    for one in (claimed, found, listed):
        assert (one.doctor_name, one.speciality) == ("Dr Chandra Rao", "हृदय रोग विशेषज्ञ")
        assert (one.address, one.map_place) == ("12, 100 फ़ीट रोड", "12, 100 Feet Road, Bengaluru")
    assert seen(cast, claimed.id).speciality == "Cardiologist"


def test_a_paid_visit_leads_to_its_receipt_and_to_each_credit_note(cast: Cast) -> None:
    bill = paid_by_hand(cast, cast.asha)
    waiting, back, extra = given_back(bill, 100), given_back(bill, 12_300), given_back(bill, 300)
    with write() as tx:
        tx.get_one(Refund, waiting).status = RefundStatus.PENDING
        tx.get_one(Refund, extra).gateway_payment_id = "pay_000000000second"  # on top of the bill
    (visit,) = appointments.listed(patient_id=cast.asha, now=NOW)
    assert [(one.label, one.path) for one in visit.receipts] == [
        ("Receipt (PDF)", f"/api/appointments/{visit.id}/receipt.pdf"),
        ("Credit note, ₹123 (PDF)", f"/api/appointments/{visit.id}/credit-notes/{back}.pdf"),
    ]
    held_one = claim.claim(patient_id=cast.bilal, slot_id=cast.slots[1], now=NOW)
    assert held_one.receipts == []
