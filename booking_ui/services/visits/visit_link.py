"""The short signed link of a message that shows one visit without signing in.

It shows the state, the time, the place and the money, and names no patient. Everything else takes a sign-in: whoever finds
a telephone reads no more than the message on it. The link is the number of the booking and a signature over it and over the
booking's count of ended links; nothing of it is stored.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import b32decode, b32encode
from binascii import Error as NotBase32
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from booking_ui.config.settings import settings
from booking_ui.db import locks
from booking_ui.db.models import Appointment, Dependent, pk
from booking_ui.db.session import read, write
from booking_ui.domain import actors
from booking_ui.domain.errors import NotFound
from booking_ui.domain.people.family import Relation
from booking_ui.languages import N_, _, action, to
from booking_ui.services.journal import audit
from booking_ui.services.journal.audit import Action
from booking_ui.services.views import AppointmentView
from booking_ui.services.visits import patient_view

LIFE = timedelta(days=7)
"""The time after the end of the visit in which its links still open."""
SOMEBODY = N_("your family member")

_ID_BYTES, _SIGNED_BYTES = 4, 11  # 15 bytes are 24 letters of base32, which no program cuts off or changes


def address(appointment: Appointment) -> str:
    """The whole address of the link, in the language that is spoken."""
    return f"{settings().base_url}{to(f'/v/{token(appointment)}/')}"


def calendar_address(appointment: Appointment) -> str:
    """The address of the visit as a calendar file, in the language that is spoken. It opens as long as the link does."""
    return f"{settings().base_url}{calendar_path(token(appointment))}"


def calendar_path(link: str) -> str:
    return action(f"/api/visits/{link}/calendar.ics")


def token(appointment: Appointment) -> str:
    return _made(pk(appointment), appointment.link_number, settings().signing_key())


def open_visit(*, link: str, now: datetime) -> AppointmentView:
    """The visit, without names, reason, ways of paying and choices.

    Raises NotFound: forged, ended, or its visit was over LIFE ago.
    """
    with read() as tx:
        found = patient_view.load(tx, Appointment.id == _id_of(link))
    if not found or not _opens(link, found[0], now):
        raise NotFound(_("This link is over, or it is not complete. Sign in to see your visits."))
    return _without_names(found[0], now)


def end_links(*, patient_id: int, appointment_id: int, now: datetime) -> None:
    """Let no link to the visit that was made so far open it any more. Raises NotFound."""
    with write() as tx:
        _slot, appointment, _payment = locks.own_booking(tx, patient_id, appointment_id)
        appointment.link_number += 1
        tx.add(appointment)
        actor = actors.patient(patient_id)
        audit.note(tx, appointment_id, Action.LINKS_ENDED, actor=actor, now=now)


def _opens(link: str, b: patient_view.Booking, now: datetime) -> bool:
    a = b.appointment
    if b.patient.erased_at is not None or a.ends_at + LIFE <= now:
        return False
    signed = (_made(pk(a), a.link_number, key) for key in _keys())
    return any(hmac.compare_digest(one.encode(), link.lower().encode()) for one in signed)


def _keys() -> Iterator[str]:
    """Links of a key that was replaced stay good until their end."""
    yield settings().signing_key()
    yield from settings().previous_keys


def _made(appointment_id: int, link_number: int, key: str) -> str:
    own = hmac.digest(key.encode(), b"links to visits, version 1", hashlib.sha256)
    named = appointment_id.to_bytes(_ID_BYTES)
    signed = hmac.digest(own, named + link_number.to_bytes(4), hashlib.sha256)[:_SIGNED_BYTES]
    return b32encode(named + signed).decode().lower()


def _id_of(link: str) -> int:
    """The booking that the link names; 0 when it names none."""
    try:
        read_back = b32decode(link.upper().encode("ascii"))
    except (NotBase32, UnicodeEncodeError):
        return 0
    found = int.from_bytes(read_back[:_ID_BYTES])
    return found if len(read_back) == _ID_BYTES + _SIGNED_BYTES and found < 2**31 else 0


def _without_names(b: patient_view.Booking, now: datetime) -> AppointmentView:
    if b.dependent is not None:
        nobody = Dependent(
            id=b.dependent.id,
            patient_id=b.dependent.patient_id,
            name=_(SOMEBODY),
            relation=Relation.OTHER,
            created_at=b.dependent.created_at,
        )
        b = replace(b, dependent=nobody)
    return replace(
        patient_view.view(b, now),
        id=0,
        slot_id=0,
        dependent_id=0,
        patient_name="",
        relation_label="",
        reason="",
        method_label="",
        gateway_order_id="",
        gateway_payment_id="",
        timeline=[],
        receipts=[],
        can_pay=False,
        can_try_again=False,
        can_cancel=False,
        can_reschedule=False,
        cancel_quote="",
        worth_asking=False,
    )
