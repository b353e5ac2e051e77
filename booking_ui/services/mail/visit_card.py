"""The card in a mail about a visit: when, who, where, the money, and what can be done about it."""

from __future__ import annotations

from datetime import datetime

from booking_ui.config.settings import settings
from booking_ui.domain.clock import whole_label
from booking_ui.domain.money import rupees
from booking_ui.languages import _, to
from booking_ui.services.mail.letter import Action, Fact
from booking_ui.services.views import AppointmentView
from booking_ui.services.visits import calendar_entry, patient_view, place, visit_link

AHEAD = frozenset({"confirmed", "rescheduled", "reminder"})
"""The kinds of mails about a visit that will take place."""
HELD = frozenset({"hold_made", "hold_ends"})
"""The kinds of mails about a time that waits for its payment."""


def facts(kind: str, booking: patient_view.Booking, visit: AppointmentView) -> tuple[Fact, ...]:
    """One order for every kind of mail. The patient's name is left out where nobody has confirmed the address."""
    when = whole_label(datetime.fromisoformat(visit.starts_at), settings().zone)
    named = booking.dependent is not None or booking.patient.email_verified_at is not None
    return (
        Fact(_("When"), when),
        Fact(_("Doctor"), f"{visit.doctor_name}, {visit.speciality}"),
        *([Fact(_("For"), visit.patient_name)] if named else []),
        *([_where(visit)] if kind in AHEAD | HELD else []),
        *_money(visit),
        Fact(_("Booking"), visit.reference),
    )


def _where(visit: AppointmentView) -> Fact:
    where = place.line(visit.address, visit.city)
    return Fact(_("Where"), where, place.on_map(visit.map_place), _("Directions"))


def _money(visit: AppointmentView) -> list[Fact]:
    paid = [Fact(_("Paid"), rupees(visit.paid_paise))] if visit.paid_paise else []
    back = [Fact(_("Refunded"), rupees(visit.refunded_paise))] if visit.refunded_paise else []
    return [Fact(_("Fee"), visit.fee_label), *paid, *back]


def actions(kind: str, booking: patient_view.Booking, visit: AppointmentView) -> tuple[Action, ...]:
    """The visit's page first, then what the clinic's policy allows now."""
    link = calendar_entry.page(visit)
    see = Action(_("See your booking"), link, _("Your booking: {link}", link=link))
    if kind in HELD:
        return (Action(_("Pay {fee}", fee=visit.fee_label), link),)
    if kind not in AHEAD:
        return (see,)
    add = Action(_("Add to calendar"), visit_link.calendar_address(booking.appointment))
    move = settings().base_url + to(f"/appointment/{visit.reference}/reschedule/")
    return (
        see,
        add,
        *([Action(_("Move the visit"), move)] if visit.can_reschedule else []),
        *([Action(_("Cancel the visit"), link)] if visit.can_cancel else []),
    )


def footer() -> tuple[str, ...]:
    """The clinic's telephone, and the word that an answer reaches nobody where it would go to no-reply."""
    phone, hours = settings().support_phone, settings().support_hours
    hand = (
        _("Need a hand? Call {phone}, {hours}.", phone=phone, hours=_(hours))
        if hours
        else _("Need a hand? Call {phone}.", phone=phone)
    )
    read = settings().mail_from or settings().mail_reply_to
    return (hand,) if read else (hand, _("Nobody reads answers to this mail."))
