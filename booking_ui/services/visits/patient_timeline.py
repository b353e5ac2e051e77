"""A booking's timeline for its patient: a few lines, oldest first."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from booking_ui.config.settings import settings
from booking_ui.db.models import AuditEntry
from booking_ui.domain.causes import Cause
from booking_ui.domain.clock import instant_label
from booking_ui.languages import N_, _
from booking_ui.services.journal import audit
from booking_ui.services.journal.audit import Action
from booking_ui.services.views import TimelineEntry

_LINES: dict[tuple[str, str], tuple[str, str]] = {
    (Action.APPOINTMENT, "pending_payment"): (N_("Time held"), "waiting"),
    (Action.APPOINTMENT, "confirmed"): (N_("Booking confirmed"), "good"),
    (Action.APPOINTMENT, "failed"): (N_("Time freed"), "plain"),
    (Action.LET_GO, ""): (N_("You let the time go"), "plain"),
    (Action.APPOINTMENT, "cancelled"): (N_("Visit cancelled"), "plain"),
    (Action.APPOINTMENT, "completed"): (N_("Visit completed"), "good"),
    (Action.APPOINTMENT, "no_show"): (N_("Marked as missed"), "plain"),
    (Action.PAYMENT, "authorized"): (N_("Your bank said yes"), "waiting"),
    (Action.PAYMENT, "captured"): (N_("Payment received"), "good"),
    (Action.PAYMENT, "failed"): (N_("Payment didn't go through"), "bad"),
    (Action.REFUND, "pending"): (N_("Refund started"), "waiting"),
    (Action.REFUND_WAIT, "held"): (N_("The refund waits for your bank"), "waiting"),
    (Action.REFUND_WAIT, "released"): (N_("Refund started"), "waiting"),
    (Action.REFUND, "processed"): (N_("Refund sent"), "good"),
    (Action.REFUND, "failed"): (N_("Refund needs our help: we are on it"), "bad"),
}


def lines(trail: Iterable[AuditEntry]) -> list[TimelineEntry]:
    """The rows of the trail that mean something to a patient, in words."""
    zone = settings().zone
    rows = list(trail)
    held_at_once = {
        id(e) for e, after in pairwise(rows) if (after.action, after.after) == (Action.REFUND_WAIT, "held")
    }
    trail = [
        e for e in rows if (e.action, e.after) != (Action.REFUND, "pending") or id(e) not in held_at_once
    ]
    return [
        TimelineEntry(instant_label(e.at, zone), *_line(e))
        if (e.action, e.after) in _LINES
        else TimelineEntry(instant_label(e.at, zone), moved_words(e), "good")
        for e in _causes_first(trail)
        if ((e.action, e.after) in _LINES or e.action == Action.MOVED) and not _never_tried(e)
    ]


def _line(entry: AuditEntry) -> tuple[str, str]:
    words, tone = _LINES[entry.action, entry.after]
    return _(words), tone


def _causes_first(trail: Iterable[AuditEntry]) -> list[AuditEntry]:
    """The rows in order, but within one second those of the payment before the change of the time that they caused."""
    turn, last, places = 0, None, []
    for e in trail:
        begins = (e.action, e.after) == (Action.APPOINTMENT, "pending_payment")
        turn, last = turn + (begins or e.at != last), e.at
        places.append((turn, not begins and e.action != Action.PAYMENT, e))
    return [e for *_, e in sorted(places, key=lambda place: place[:2])]


def _never_tried(entry: AuditEntry) -> bool:
    """True for a bill that ended with its hold and no attempt to pay: the line of the freed time says enough."""
    unpaid = (Cause.HOLD_EXPIRED, Cause.LET_GO, Cause.DAY_CLOSED)
    return (entry.action, entry.after) == (Action.PAYMENT, "failed") and entry.cause in unpaid


def moved_words(entry: AuditEntry) -> str:
    """Moved from Tue 24 Nov, 10:30 am to Wed 25 Nov, 11:00 am."""
    zone = settings().zone
    before, after = (instant_label(audit.slot_instant(fact), zone) for fact in (entry.before, entry.after))
    return _("Moved from {before} to {after}", before=before, after=after)
