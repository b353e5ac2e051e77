"""The clinic: doctors, their hours and days off, and the slots made of them."""

from __future__ import annotations

from datetime import date, datetime, time
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from booking_ui.db.columns import choice, instant


class HoursKind(StrEnum):
    WORK = "work"
    BREAK = "break"


class Gender(StrEnum):
    FEMALE = "female"
    MALE = "male"


class Doctor(SQLModel, table=True):
    """`edition` rises with every change of the row, so that readers notice a change without reading every doctor."""

    __tablename__ = "doctor"
    __table_args__ = (sa.CheckConstraint("fee_paise >= 100", name="fee_at_least_one_rupee"),)

    id: int | None = Field(default=None, primary_key=True)
    slug: str = Field(max_length=80, unique=True)
    name: str = Field(max_length=120)
    speciality: str = Field(max_length=60, index=True)
    qualifications: str = Field(max_length=160)
    # Of a medical council; receipts name it. Empty: the desk has not written it.
    registration: str = Field(default="", max_length=60, sa_column_kwargs={"server_default": ""})
    practising_since: int
    languages: list[str] = Field(sa_type=sa.JSON)
    city: str = Field(max_length=60, index=True)
    area: str = Field(max_length=80)
    address: str = Field(max_length=240)
    fee_paise: int
    about: str = Field(default="", max_length=1200)
    slot_minutes: int = 30
    active: bool = True
    gender: Gender | None = Field(default=None, sa_type=choice(Gender, "gender"))
    edition: int = Field(
        default=0, sa_column_kwargs={"server_default": "0", "onupdate": sa.text("edition + 1")}
    )


class WorkingHours(SQLModel, table=True):
    """A weekly stretch in the clinic's zone: work, or a break inside it. Several rows a day make split shifts."""

    __tablename__ = "working_hours"
    __table_args__ = (
        sa.CheckConstraint("starts < ends", name="ends_after_start"),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
    )

    id: int | None = Field(default=None, primary_key=True)
    doctor_id: int = Field(foreign_key="doctor.id", index=True)
    weekday: int
    starts: time
    ends: time
    kind: HoursKind = Field(default=HoursKind.WORK, sa_type=choice(HoursKind, "kind"))


class DayOff(SQLModel, table=True):
    """Leave of one doctor, or a holiday of the whole clinic (no doctor). Both days count, in the clinic's zone."""

    __tablename__ = "day_off"
    __table_args__ = (sa.CheckConstraint("first_day <= last_day", name="last_not_before_first"),)

    id: int | None = Field(default=None, primary_key=True)
    doctor_id: int | None = Field(default=None, foreign_key="doctor.id", index=True)
    first_day: date
    last_day: date
    name: str = Field(max_length=80)


class ClinicWord(SQLModel, table=True):
    """The clinic's own English (a speciality, a city, the reason of leave) in another language.

    As in a catalogue, the English is the key: a city is translated once for all doctors. `key` is its sha256, since an
    index holds no text as long as a doctor's about.
    """

    __tablename__ = "clinic_word"

    key: str = Field(max_length=64, primary_key=True)
    language: str = Field(max_length=8, primary_key=True)
    english: str = Field(max_length=1200)
    text: str = Field(max_length=1200)


class Slot(SQLModel, table=True):
    """A bookable time of a doctor. Whether it is free is computed from its live appointment, never stored."""

    __tablename__ = "slot"
    __table_args__ = (
        sa.UniqueConstraint("doctor_id", "starts_at"),
        sa.CheckConstraint("starts_at < ends_at", name="ends_after_start"),
    )

    id: int | None = Field(default=None, primary_key=True)
    doctor_id: int = Field(foreign_key="doctor.id")
    starts_at: datetime = instant(index=True)
    ends_at: datetime = instant()
    withdrawn: bool = (
        False  # taken out of sale by new hours, leave or a departure; kept for the bookings that point at it
    )
