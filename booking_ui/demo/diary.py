"""The demo's diary: every booking with its patient, doctor and time; one doctor is nearly booked out."""

from __future__ import annotations

from datetime import date, time, timedelta
from itertools import cycle

from sqlmodel import col, select, update

from booking_ui.config.settings import settings
from booking_ui.db.models import DeliveryStatus, Doctor, Notification, PaymentAttempt, Person, Slot
from booking_ui.db.session import read, write
from booking_ui.demo.clinic import Facts
from booking_ui.demo.reception import Reception
from booking_ui.domain import clock
from booking_ui.domain.clinic import schedule
from booking_ui.services.booking import dependents as family
from booking_ui.services.schedule import slots as schedules

PAST = timedelta(days=13)
MAILS_TO_SEE = 5


def book_everything(desk: Reception, clinic: Facts) -> None:
    with read() as tx:
        doctors = {slug: doctor_id or 0 for slug, doctor_id in tx.exec(select(Doctor.slug, Doctor.id))}
        people = {
            (email or "").split("@")[0]: person or 0
            for email, person in tx.exec(select(Person.email, Person.id))
        }
    dependents = _families(desk, clinic["dependents"], people)
    _fill_nearly(desk, clinic["nearly_full"], doctors, people)
    for visit in clinic["visits"]:
        if found := _slot(desk, doctors[visit["doctor"]], visit["day"], visit["hour"]):
            known = {key: visit[key] for key in ("ending", "paid", "reason")}
            whose = dependents.get(visit.get("for", ""))
            desk.book(patient_id=people[visit["patient"]], slot=found, dependent_id=whose, **known)
    _long_ago()


def _long_ago() -> None:
    with write() as tx:
        # The mails of old bookings count as sent long ago; a few are left to look at.
        told = select(Notification.id).order_by(col(Notification.id).desc()).offset(MAILS_TO_SEE)
        tx.exec(
            update(Notification)
            .where(col(Notification.id).in_(told))
            .values(status=DeliveryStatus.DONE, sent_at=Notification.created_at, next_attempt_at=None)
        )
        # The sandbox has no earlier clock: its attempts would all seem to be of this minute.
        tx.exec(update(PaymentAttempt).values(created_at=PaymentAttempt.updated_at))


def _families(desk: Reception, members: list[Facts], people: dict[str, int]) -> dict[str, int]:
    """Add the dependents of the patients; their ids by name."""
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
