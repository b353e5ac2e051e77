"""The demo clinic: doctors, hours, patients and about fifty bookings, loaded once into an empty database.

Every booking is made by the services with an earlier clock, so whatever they promise holds for it too. It is paid in
the sandbox where that runs, else at the desk. A load that is cut short leaves a clinic that works, with fewer bookings.
"""

from __future__ import annotations

import json
import logging
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import cycle
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import requests
import structlog
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select, update

from booking_ui.config import settings
from booking_ui.db.models import (
    DayOff,
    DeliveryStatus,
    Doctor,
    HoursKind,
    Notification,
    Payment,
    PaymentAttempt,
    Person,
    Role,
    Slot,
    WorkingHours,
    pk,
)
from booking_ui.db.session import read, write
from booking_ui.domain import clock, schedule
from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.errors import GatewayError
from booking_ui.services import booking, family, passwords, payments, schedules
from booking_ui.services.views import AppointmentView, Principal

CLINIC = Path(__file__).with_name("demo_clinic.json")
PASSWORD = "demo-clinic"  # noqa: S105 - public on purpose; live mode refuses to start with it
NO_PASSWORD = passwords.NO_PASSWORD
PAST = timedelta(days=13)
SANDBOX_SECONDS = 5
MAILS_TO_SEE = 5
METHODS = ("upi", "card", "upi", "netbanking")

log = structlog.get_logger()
Facts = dict[str, Any]


def load(now: datetime) -> bool:
    """Load the demo clinic; False, and nothing changed, when DEMO is off or anybody is there already.

    Of two that start at once one loads: the doctors and people come in one transaction, and the other's collides.
    """
    if not settings().demo_mode or _inhabited():
        return False
    clinic = facts()
    password_hash = passwords.hashed(PASSWORD)
    try:
        with write() as tx:
            if _occupied(tx):
                return False
            doctors(tx, clinic, clock.today(now, settings().zone))
            devi = _people(tx, clinic, password_hash, now)
    except IntegrityError:
        return False
    schedules.extend_horizon(now=now - PAST)
    schedules.extend_horizon(now=now)
    _book_everything(Reception(now, devi), clinic)
    return True


def _inhabited() -> bool:
    with read() as tx:
        return _occupied(tx)


def _occupied(tx: Session) -> bool:
    return bool(tx.exec(select(Doctor.id).limit(1)).first() or tx.exec(select(Person.id).limit(1)).first())


def _slug(name: str) -> str:
    return name.lower().replace(" ", "-")[:80]


def facts() -> Facts:
    """The demo clinic as it is written down."""
    found: Facts = json.loads(CLINIC.read_text(encoding="utf-8"))
    return found


def doctors(tx: Session, clinic: Facts, today: date) -> None:
    """Write the doctors, their weekly hours, leave and the holiday, without any slot yet."""
    for one in clinic["doctors"]:
        kept = {key: value for key, value in one.items() if key not in ("fee", "hours")}
        doctor = Doctor(slug=_slug(one["name"]), fee_paise=one["fee"] * 100, **kept)
        tx.add(doctor)
        tx.flush()
        tx.add_all(_hours(pk(doctor), one["hours"]))
    for leave in clinic["leave"]:
        doctor_id = tx.exec(select(Doctor.id).where(Doctor.slug == leave["doctor"])).one()
        first = today + timedelta(days=leave["day"])
        last = first + timedelta(days=leave["days"] - 1)
        tx.add(DayOff(doctor_id=doctor_id, first_day=first, last_day=last, name=leave["name"]))
    holiday = today + timedelta(days=clinic["holiday"]["day"])
    holiday += timedelta(days=holiday.weekday() == 6)  # on a Sunday nobody would notice it
    tx.add(DayOff(first_day=holiday, last_day=holiday, name=clinic["holiday"]["name"]))


def _hours(doctor_id: int, weekly: list[Facts]) -> list[WorkingHours]:
    """Rows for [{"days": "0-4", "work": ["09:00-13:00"], "breaks": ["11:00-11:15"]}]; Monday is 0."""
    return [
        WorkingHours(doctor_id=doctor_id, weekday=weekday, kind=kind, **_span(span))
        for one in weekly
        for weekday in _weekdays(one["days"])
        for kind, key in ((HoursKind.WORK, "work"), (HoursKind.BREAK, "breaks"))
        for span in one.get(key, ())
    ]


def _weekdays(text: str) -> list[int]:
    if "-" in text:
        first, last = text.split("-")
        return list(range(int(first), int(last) + 1))
    return [int(one) for one in text.split(",")]


def _span(text: str) -> dict[str, Any]:
    starts, ends = text.split("-")
    return {"starts": time.fromisoformat(starts), "ends": time.fromisoformat(ends)}


def _people(tx: Session, clinic: Facts, password_hash: str, now: datetime) -> Principal:
    """The demo logins, and patients who can't sign in; returns who runs the desk."""
    doctors = dict(tx.exec(select(Doctor.slug, Doctor.id)).all())
    people = [
        Person(
            name=facts["name"],
            email=facts["email"],
            phone=facts["phone"],
            role=Role(facts["role"]),
            doctor_id=doctors.get(facts.get("doctor", "")),
            password_hash=password_hash if facts["login"] else NO_PASSWORD,
            demo=True,
            email_verified_at=now - timedelta(days=30),
            created_at=now - timedelta(days=30),
        )
        for facts in clinic["people"]
    ]
    tx.add_all(people)
    tx.flush()
    devi = next(one for one in people if one.role is Role.ADMIN)
    return Principal(pk(devi), devi.name, devi.email, devi.phone, devi.role.value)


@dataclass
class Reception:
    """Where the bookings of the demo are made. `made` counts them, to vary their times and ways to pay."""

    now: datetime
    devi: Principal
    made: int = 0
    sandbox: bool = field(default_factory=lambda: settings().sandbox)

    def book(
        self,
        *,
        patient_id: int,
        slot: Slot,
        ending: str,
        paid: str,
        reason: str,
        dependent_id: int | None = None,
    ) -> None:
        """One booking from the claim to its `ending`; `paid` is sandbox or desk."""
        self.made += 1
        at = self._booked_at(slot, ending)
        held = booking.claim(
            patient_id=patient_id, slot_id=pk(slot), now=at, reason=reason, dependent_id=dependent_id
        )
        if ending == "held":
            return
        self._pay(held, patient_id, ending, paid, at + timedelta(minutes=2))
        if ending in ("completed", "no_show"):
            status, done = AppointmentStatus(ending), slot.ends_at + timedelta(minutes=5)
            booking.conclude(admin=self.devi, appointment_id=held.id, status=status, now=done)
        elif ending == "cancelled":
            self._cancel(held, patient_id)

    def _booked_at(self, slot: Slot, ending: str) -> datetime:
        """Two days before a past visit; within the last two days for one to come, never before the slot was made."""
        minutes = timedelta(minutes=self.made * 37 % 600)
        if ending == "held":
            return self.now
        if slot.starts_at < self.now:
            return slot.starts_at - timedelta(days=2) - minutes
        return self.now - timedelta(hours=26 if ending == "cancelled" else 3) - minutes

    def _pay(self, held: AppointmentView, patient_id: int, ending: str, paid: str, at: datetime) -> None:
        good = ending != "failed"
        if paid == "sandbox" and self.sandbox and self._pay_in_sandbox(held, patient_id, good, at):
            return
        status, reason = (
            ("captured", "Paid at the desk") if good else ("failed", "The card was declined at the desk")
        )
        self._mark(held, status, reason, at)

    def _pay_in_sandbox(self, held: AppointmentView, patient_id: int, good: bool, at: datetime) -> bool:
        """Whether the payment came to its end there; once it can't be reached, nobody asks again."""
        try:
            order = payments.open_order(patient_id=patient_id, appointment_id=held.id, now=at)
            url = f"{settings().api_url}/_sandbox/orders/{order.gateway_order_id}/pay"
            how = {
                "method": METHODS[self.made % len(METHODS)],
                "outcome": "success" if good else "payment_failed",
            }
            requests.post(url, json=how, timeout=SANDBOX_SECONDS).raise_for_status()
        except (GatewayError, requests.RequestException) as exc:
            log.warning("demo.sandbox_unreachable", reason=type(exc).__name__)
            self.sandbox = False
            return False
        seen = payments.check(patient_id=patient_id, appointment_id=held.id, now=at)
        return seen.status == (AppointmentStatus.CONFIRMED if good else AppointmentStatus.FAILED)

    def _cancel(self, held: AppointmentView, patient_id: int) -> None:
        at = self.now - timedelta(hours=2)
        booking.cancel(patient_id=patient_id, appointment_id=held.id, now=at)
        with read() as tx:
            by_hand = tx.exec(select(Payment.method).where(Payment.appointment_id == held.id)).one() == "desk"
        if by_hand:
            self._mark(held, "refunded", "Given back at the desk", at + timedelta(minutes=10))

    def _mark(self, held: AppointmentView, status: str, reason: str, at: datetime) -> None:
        with read() as tx:
            payment_id = tx.exec(select(Payment.id).where(Payment.appointment_id == held.id)).one()
        assert payment_id is not None  # every booking has its bill
        reference = f"DEMO-{held.reference}"
        payments.mark(
            admin=self.devi, payment_id=payment_id, status=status, reason=reason, reference=reference, now=at
        )


def _book_everything(desk: Reception, clinic: Facts) -> None:
    with read() as tx:
        doctors = {slug: doctor_id or 0 for slug, doctor_id in tx.exec(select(Doctor.slug, Doctor.id))}
        people = {
            email.split("@")[0]: person or 0 for email, person in tx.exec(select(Person.email, Person.id))
        }
    dependents = _families(desk, clinic["dependents"], people)
    _fill_nearly(desk, clinic["nearly_full"], doctors, people)
    for visit in clinic["visits"]:
        if found := _slot(desk, doctors[visit["doctor"]], visit["day"], visit["hour"]):
            known = {key: visit[key] for key in ("ending", "paid", "reason")}
            whose = dependents.get(visit.get("for", ""))
            desk.book(patient_id=people[visit["patient"]], slot=found, dependent_id=whose, **known)
    with write() as tx:
        # People of a demo were told of their old bookings long ago; a few mails are left to look at.
        told = select(Notification.id).order_by(col(Notification.id).desc()).offset(MAILS_TO_SEE)
        tx.exec(
            update(Notification)
            .where(col(Notification.id).in_(told))
            .values(status=DeliveryStatus.DONE, sent_at=Notification.created_at, next_attempt_at=None)
        )
        # The sandbox has no earlier clock: its attempts would all seem to be of this minute.
        tx.exec(update(PaymentAttempt).values(created_at=PaymentAttempt.updated_at))


def _families(desk: Reception, members: list[Facts], people: dict[str, int]) -> dict[str, int]:
    """Write down whom the patients book for besides themselves; their ids by name."""
    return {
        one["name"]: family.add(
            patient_id=people[one["patient"]],
            name=one["name"],
            relation=one["relation"],
            born_on=date.fromisoformat(one["born_on"]),
            now=desk.now - PAST,
        ).id
        for one in members
    }


def _fill_nearly(desk: Reception, full: Facts, doctors: dict[str, int], people: dict[str, int]) -> None:
    """Book one doctor out but for a few times."""
    slots = _free_ahead(desk, doctors[full["doctor"]])[: -full["left_free"]]
    for slot, who, paid, reason in zip(
        slots, cycle(full["patients"]), cycle(("sandbox", "desk")), cycle(full["reasons"]), strict=False
    ):
        desk.book(patient_id=people[who], slot=slot, ending="confirmed", paid=paid, reason=reason)


def _free_ahead(desk: Reception, doctor_id: int) -> list[Slot]:
    with read() as tx:
        mine = select(Slot).where(Slot.doctor_id == doctor_id, schedules.free(desk.now))
        return list(tx.exec(mine.order_by(col(Slot.starts_at))).all())


def _slot(desk: Reception, doctor_id: int, day: int, hour: int) -> Slot | None:
    """The doctor's free slot nearest to a day (0 is today) and hour: at or before it when past, else from it on."""
    zone = settings().zone
    at = schedule.instant(clock.today(desk.now, zone) + timedelta(days=day), time(hour), zone)
    mine = select(Slot).where(Slot.doctor_id == doctor_id, schedules.free(desk.now - PAST)).limit(1)
    start = col(Slot.starts_at)
    query = (
        mine.where(start <= at).order_by(start.desc()) if day < 0 else mine.where(start >= at).order_by(start)
    )
    with read() as tx:
        return tx.exec(query).first()


def _await_sandbox() -> None:
    """The sandbox may have been started a moment ago; without it everything is paid at the desk."""
    deadline = monotonic() + SANDBOX_SECONDS
    while monotonic() < deadline:
        with suppress(requests.RequestException):
            requests.get(settings().api_url, timeout=1)
            return
        sleep(0.1)


def main() -> None:
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING)
    )  # not every booking
    if settings().demo_mode and settings().sandbox and not _inhabited():
        _await_sandbox()
    if load(clock.utc_now()):
        print("The demo clinic is loaded.")


if __name__ == "__main__":
    main()
