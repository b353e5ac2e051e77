"""The demo clinic: loaded once, by the real services, with every status in it."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel, col, func, select

from booking_ui import demo
from booking_ui.config.settings import settings
from booking_ui.db.models import (
    Appointment,
    AuditEntry,
    DeliveryStatus,
    Doctor,
    Notification,
    Payment,
    PaymentAttempt,
    Person,
    Refund,
)
from booking_ui.db.session import Database, read, use
from booking_ui.demo import clinic, diary
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.clock import utc_now
from booking_ui.domain.errors import WrongCredentials
from booking_ui.domain.payment import PaymentStatus, RefundStatus
from booking_ui.languages import known_languages, speaking
from booking_ui.services.accounts import authentication
from booking_ui.services.accounts.passwords import NO_PASSWORD
from booking_ui.services.booking import appointments
from booking_ui.services.schedule import doctor_search, slots
from booking_ui.services.upkeep import invariants
from tests.support.schedule import a_doctor, a_patient

CLINIC = clinic.facts()


@pytest.fixture
def small_db(sqlite_url: str) -> Iterator[None]:
    """SQLite alone, where the database makes no difference."""
    mine = Database(sqlite_url)
    use(mine)
    yield
    use(None)
    mine.dispose()


def count(table: type[SQLModel]) -> int:
    with read() as tx:
        return tx.exec(select(func.count()).select_from(table)).one()


def rows(table: type[Any]) -> list[Any]:
    with read() as tx:
        return list(tx.exec(select(table)).all())


def everything() -> dict[str, int]:
    with read() as tx:
        return {
            name: tx.connection().execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            for name, table in SQLModel.metadata.tables.items()
        }


def statuses(email: str) -> list[tuple[str, str]]:
    with read() as tx:
        query = select(Appointment.status, Payment.status).join(
            Payment, col(Payment.appointment_id) == Appointment.id
        )
        who = select(Person.id).where(Person.email == email).scalar_subquery()
        return sorted((visit, bill) for visit, bill in tx.exec(query.where(Appointment.patient_id == who)))


def assert_every_promise_holds(now: datetime) -> None:
    found = invariants.count(now=now)
    assert [violation for one in found for violation in one.violations] == []
    checked = {one.number: one.checked for one in found}
    assert checked[1] == checked[3] == count(Appointment)
    assert checked[5] == count(AuditEntry) > 2 * count(Appointment)


def test_the_demo_clinic_has_every_status_and_keeps_every_promise(db: Database, sandbox: str) -> None:
    now = utc_now()
    assert demo.load(now) is True
    found = Counter(one.status for one in rows(Appointment))
    assert set(found) == set(AppointmentStatus)
    assert 40 <= found.total() <= 60
    assert_every_promise_holds(now)
    assert {one.status for one in rows(Refund)} == {RefundStatus.PROCESSED}
    assert {one.created_at <= now for one in rows(PaymentAttempt)} == {True}
    mails = Counter(one.status for one in rows(Notification))
    assert (mails[DeliveryStatus.WAITING], mails[DeliveryStatus.DONE] > 40) == (diary.MAILS_TO_SEE, True)
    methods = Counter(one.method for one in rows(Payment))
    assert {"upi", "card", "netbanking", "desk"} <= set(methods)

    assert statuses("asha@example.com") == sorted(
        [
            (AppointmentStatus.COMPLETED, PaymentStatus.CAPTURED),
            (AppointmentStatus.COMPLETED, PaymentStatus.CAPTURED),
            (AppointmentStatus.CONFIRMED, PaymentStatus.CAPTURED),
            (AppointmentStatus.CONFIRMED, PaymentStatus.CAPTURED),
            (AppointmentStatus.CANCELLED, PaymentStatus.REFUNDED),
            (AppointmentStatus.FAILED, PaymentStatus.FAILED),
        ]
    )
    assert statuses("bilal@example.com") == []  # his pages show what an empty page looks like
    asha = authentication.authenticate(email="asha@example.com", password="demo-clinic", now=now)
    ahead = appointments.listed(patient_id=asha.person_id, now=now, when="upcoming")
    days = [(datetime.fromisoformat(one.starts_at) - now) // timedelta(days=1) for one in ahead]
    assert [1 <= days[0] <= 4, 5 <= days[1] <= 8] == [True, True]

    before = everything()
    assert demo.load(now) is False
    assert everything() == before


def test_doctors_of_eight_specialities_in_four_cities_have_times_leave_and_a_holiday(
    small_db: None, dead_gateway: str
) -> None:
    now = utc_now()
    assert demo.load(now) is True
    doctors = doctor_search.search(now=now)
    choices = doctor_search.facets()
    assert (len(doctors), len(choices.specialities), len(choices.cities)) == (24, 8, 4)
    assert all(one.next_slots for one in doctors)
    assert len({one.fee_paise for one in doctors}) > 10
    assert max(len(one.name) for one in doctors) > 60
    strips = {one.slug: slots.days(doctor_id=one.id, now=now) for one in doctors}
    notes = Counter(day.note for strip in strips.values() for day in strip)
    assert notes["Holiday: Founders' Day"] >= 20
    assert len([note for note in notes if note.startswith("On leave: ")]) == 4
    nearly_full = strips[CLINIC["nearly_full"]["doctor"]]
    assert [day.state for day in nearly_full].count("full") >= 2
    assert sum(day.free_count for day in nearly_full) <= 2
    assert any(day.morning and day.evening and not day.afternoon for day in strips["dr-sunita-pawar"])


def test_the_demo_says_all_its_words_in_every_language_that_we_have() -> None:
    words = json.loads(clinic.WORDS.read_text(encoding="utf-8"))
    doctors = CLINIC["doctors"]
    facts = ("speciality", "city", "area", "address", "about")
    english = {one[fact] for one in doctors for fact in facts} | {CLINIC["holiday"]["name"]}
    english |= {language for one in doctors for language in one["languages"]}
    english |= {leave["name"] for leave in CLINIC["leave"]}
    assert {language: set(said) for language, said in words.items()} == dict.fromkeys(
        known_languages()[1:], english
    )


def test_the_demo_reads_in_hindi(small_db: None, dead_gateway: str) -> None:
    now = utc_now()
    demo.load(now)
    with speaking("hi"):
        doctors = doctor_search.search(now=now, q="हृदय")
        choices = doctor_search.facets()
        notes = {day.note for one in doctors for day in slots.days(doctor_id=one.id, now=now)}
    assert {one.speciality for one in doctors} == {"हृदय रोग विशेषज्ञ"}
    labels = [one.label for one in (*choices.specialities, *choices.cities, *choices.languages)]
    shown = [*labels, *notes, *(one.about for one in doctors), *(one.address for one in doctors)]
    assert [text for text in shown if re.search(r"[A-Za-z]{2}", text)] == []


def test_who_is_in_the_demo_may_sign_in_only_with_a_demo_login(small_db: None, dead_gateway: str) -> None:
    now = utc_now()
    demo.load(now)
    roles = {}
    for person in rows(Person):
        assert person.demo
        try:
            roles[person.email] = authentication.authenticate(
                email=person.email, password="demo-clinic", now=now
            )
        except WrongCredentials:
            assert person.password_hash == NO_PASSWORD
    assert {email.split("@")[0]: one.role for email, one in roles.items()} == {
        "asha": "patient", "bilal": "patient", "devi": "admin", "chandra": "doctor",
    }  # fmt: skip
    with read() as tx:
        chandra = tx.exec(select(Doctor).where(Doctor.slug == "dr-chandra-rao")).one()
    assert roles["chandra@example.com"].doctor_id == chandra.id
    with pytest.raises(WrongCredentials):
        authentication.authenticate(email="tara@example.com", password=NO_PASSWORD, now=now)


@pytest.mark.parametrize(
    "now",
    [
        datetime(2026, 11, 22, 18, 20, tzinfo=UTC),  # Sunday, ten to midnight
        datetime(2026, 12, 31, 18, 40, tzinfo=UTC),  # a new year, ten past midnight
    ],
)
def test_without_a_sandbox_the_desk_takes_the_money_whatever_the_day(
    small_db: None, now: datetime, dead_gateway: str
) -> None:
    assert demo.load(now) is True
    assert_every_promise_holds(now)
    assert {one.method for one in rows(Payment)} == {"", "desk"}
    assert {one.gateway_order_id for one in rows(Payment)} == {None}
    assert len(statuses("asha@example.com")) == 6


@pytest.mark.parametrize(
    ("setting", "value"),
    [("PAYMENT_TIMEOUT_MINUTES", "1"), ("BOOKING_HORIZON_DAYS", "1"), ("CANCELLATION_POLICY", "8760:50")],
)
def test_the_demo_loads_whatever_the_clinic_has_decided(
    small_db: None, sandbox: str, configured: pytest.MonkeyPatch, setting: str, value: str
) -> None:
    configured.setenv(setting, value)
    settings.cache_clear()
    now = utc_now()
    assert demo.load(now) is True
    assert_every_promise_holds(now)
    assert "upi" in {one.method for one in rows(Payment)}, "paid in the sandbox, within the hold"


def test_with_keys_of_their_own_no_demo_order_is_made_at_razorpay(
    small_db: None, sandbox: str, configured: pytest.MonkeyPatch
) -> None:
    configured.setenv("RAZORPAY_KEY_ID", "rzp_test_somebodyelse01")
    configured.setenv("RAZORPAY_KEY_SECRET", "somebody else's secret")
    configured.setenv("RAZORPAY_WEBHOOK_SECRET", "somebody else's other secret")
    settings.cache_clear()
    assert demo.load(utc_now()) is True
    assert {one.gateway_order_id for one in rows(Payment)} == {None}


def test_two_that_start_at_once_load_one_clinic(db: Database, dead_gateway: str) -> None:
    start = Barrier(2)

    def run(_: int) -> bool:
        start.wait()
        return demo.load(utc_now())

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(run, range(2))) == [False, True]
    assert (count(Doctor), count(Person)) == (24, 14)
    assert_every_promise_holds(utc_now())


@pytest.mark.parametrize("somebody", [a_doctor, a_patient])
def test_a_clinic_with_anybody_in_it_is_left_alone(db: Database, somebody: Any) -> None:
    somebody()
    before = everything()
    assert demo.load(utc_now()) is False
    assert everything() == before


def test_nothing_is_loaded_where_the_demo_is_off(db: Database, configured: pytest.MonkeyPatch) -> None:
    configured.setenv("DEMO", "false")
    configured.setenv("SECRET_KEY", "a secret of thirty-two characters or more")
    settings.cache_clear()
    assert demo.load(utc_now()) is False
    assert set(everything().values()) == {0}
