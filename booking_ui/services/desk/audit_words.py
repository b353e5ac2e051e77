"""Audit rows that have no sentence of their own: the name of the action, and what stood there before and after it."""

from __future__ import annotations

from booking_ui.db.models import AuditEntry
from booking_ui.languages import FIRST, N_, _, named, spoken
from booking_ui.services.schedule.doctor_changes import CHANGED

_ACTIONS = {
    "registered": N_("registered"),
    "signed_in": N_("signed in"),
    "signed_out": N_("signed out"),
    "signed_out_everywhere": N_("signed out everywhere"),
    "tokens_issued": N_("tokens issued"),
    "tokens_refreshed": N_("tokens refreshed"),
    "tokens_revoked": N_("tokens revoked"),
    "code_used": N_("code used"),
    "mail_verified": N_("mail verified"),
    "mail_changed": N_("mail changed"),
    "number_proven": N_("number proven"),
    "password_reset": N_("password reset"),
    "password_changed": N_("password changed"),
    "details_changed": N_("details changed"),
    "messages_chosen": N_("messages chosen"),
    "erased": N_("erased"),
    "role": N_("role"),
    "dependent": N_("dependent"),
    "reason_changed": N_("reason changed"),
    "case": N_("case"),
    "retention": N_("retention"),
    "doctor": N_("doctor"),
    "closed": N_("closed"),
    "opened": N_("opened"),
}

_VALUES = {
    "patient": N_("patient"),
    "admin": N_("admin"),
    "doctor": N_("doctor"),
    "added": N_("added"),
    "edited": N_("edited"),
    "removed": N_("removed"),
    "open": N_("open"),
    "closed": N_("closed"),
    "away": N_("away"),
    "working": N_("working"),
}

_FIELDS = {
    "name": N_("name"),
    "qualifications": N_("qualifications"),
    "speciality": N_("speciality"),
    "languages": N_("languages"),
    "city": N_("city"),
    "area": N_("area"),
    "address": N_("address"),
    "practising_since": N_("practising since"),
    "about": N_("about"),
    "registration": N_("registration"),
    "gender": N_("gender"),
    "fee": N_("fee"),
    "slot_minutes": N_("slot minutes"),
    "mon": N_("mon"),
    "tue": N_("tue"),
    "wed": N_("wed"),
    "thu": N_("thu"),
    "fri": N_("fri"),
    "sat": N_("sat"),
    "sun": N_("sun"),
}
"""Of a doctor, as an action ends with them."""


def words(row: AuditEntry) -> str:
    """The row in a clause, such as "role: patient → admin". Words that people wrote stay as they are."""
    if row.action.startswith(f"{CHANGED}_"):
        return _change(_field(row.action.removeprefix(f"{CHANGED}_")), row.before, row.after)
    if row.action.startswith("closed_"):  # the reason of closed days, said in another language
        language = _language(row.action.removeprefix("closed_"))
        name = _("closed {language}", language=language)
        return _change(name, row.before, row.after) if row.after else name
    name = _(_ACTIONS[row.action]) if row.action in _ACTIONS else row.action.replace("_", " ")
    return _change(name, _value(row.before), _value(row.after)) if row.after else name


def _change(name: str, before: str, after: str) -> str:
    """A change of values; an empty one is nothing."""
    nothing = _("nothing")
    return f"{name}: {before or nothing} → {after or nothing}"


def _field(field: str) -> str:
    if field in _FIELDS:
        return _("doctor changed {field}", field=_(_FIELDS[field]))
    of, _sep, language = field.rpartition("_")
    name = _(_FIELDS[of]) if of in _FIELDS else of.replace("_", " ")
    return _("doctor changed {field} {language}", field=name, language=_language(language))


def _language(code: str) -> str:
    """A language by its name; in English, as ever, by its code."""
    return code if spoken() == FIRST else named(code)


def _value(value: str) -> str:
    first, to, last = value.partition(" to ")  # days, in the notation of ISO 8601
    if to:
        return _("{first} to {last}", first=first, last=last)
    return _(_VALUES[value]) if value in _VALUES else value
