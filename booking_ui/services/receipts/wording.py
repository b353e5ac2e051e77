"""The texts of a receipt's sheet in the language in which it was issued, by the names of gateways/paper/receipt.typ."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from booking_ui.db.models import Receipt
from booking_ui.domain.clock import clock_label, long_day_label
from booking_ui.domain.money import method_label, rupees
from booking_ui.domain.payment import DESK
from booking_ui.domain.receipt import INDIA, ReceiptKind, number_text
from booking_ui.languages import N_, _, speaking
from booking_ui.services.receipts.facts import EXEMPT, Facts

EXEMPTION = N_(
    "Health care by a clinical establishment or a doctor is exempt from GST: Notification No. 12/2017-Central Tax (Rate) of "
    "28 June 2017, entry 74, and the matching notification of the state. No tax is charged."
)
TAX = {EXEMPT: (N_("exempt"), EXEMPTION)}
"""The word beside "GST" and the sentence, by how the supply was taxed when the receipt was issued."""

REMOVED = N_("removed at the patient's request")


def said(row: Receipt) -> dict[str, object]:
    """All texts of the sheet; the date is that of the issue, in India."""
    facts = Facts(**row.facts)
    with speaking(facts.language):
        note = row.kind is ReceiptKind.CREDIT_NOTE
        number = number_text(row.kind, row.financial_year, row.number)
        heading = _("Credit note") if note else _("Receipt")
        day = row.issued_at.astimezone(INDIA).date()
        return {
            "language": facts.language,
            "title": f"{heading} {number}",
            "heading": heading,
            "number": number,
            "number_lines": [long_day_label(day), *(_for_receipt(facts) if note else [])],
            "clinic": facts.clinic,
            "clinic_lines": _clinic(facts),
            "facts": [*_visit(facts), *(_refund(facts) if note else _payment(facts))],
            "columns": [_("Description"), _("Amount")],
            "lines": _lines(row, facts),
            "total": [_("Total given back") if note else _("Total received"), rupees(row.amount_paise)],
            "notes": _notes(facts, note=note),
            "footer": _("{number}, made by a computer: it needs no signature.", number=number),
            "year": day.year,
            "month": day.month,
            "day": day.day,
        }


def _for_receipt(facts: Facts) -> list[str]:
    return [
        _("for receipt {number}", number=facts.receipt),
        _("of {day}", day=long_day_label(datetime.fromisoformat(facts.receipt_at).astimezone(INDIA).date())),
    ]


def _clinic(facts: Facts) -> list[str]:
    lines = [facts.clinic_address]
    if facts.clinic_registration:
        lines.append(_("Registration: {number}", number=facts.clinic_registration))
    if facts.gstin:
        lines.append(f"GSTIN: {facts.gstin}")
    return lines


def _visit(facts: Facts) -> list[tuple[str, str]]:
    doctor = ", ".join(filter(None, (facts.doctor, facts.qualifications)))
    return [
        (_("Patient"), facts.patient or _(REMOVED)),
        *([(_("Paid for by"), facts.payer)] if facts.payer else []),
        (_("Doctor"), doctor),
        *([(_("Doctor's registration"), facts.registration)] if facts.registration else []),
        (_("Visit"), _instant(facts, facts.visit_at)),
        (_("Booking"), facts.reference),
    ]


def _payment(facts: Facts) -> list[tuple[str, str]]:
    return [
        (_("Paid by"), method_label(facts.method, "")),
        *([(_("Payment"), facts.payment_id)] if facts.payment_id else []),
        *([(_("Desk's reference"), facts.desk_reference)] if _has_own_reference(facts) else []),
        (_("Received on"), _instant(facts, facts.paid_at)),
    ]


def _has_own_reference(facts: Facts) -> bool:
    return facts.desk_reference not in ("", facts.payment_id)


def _refund(facts: Facts) -> list[tuple[str, str]]:
    return [
        *([(_("Payment"), facts.payment_id)] if facts.payment_id else []),
        *([(_("Refund"), facts.refund_id)] if facts.refund_id else []),
        (_("Given back on"), _instant(facts, facts.refunded_at)),
    ]


def _lines(row: Receipt, facts: Facts) -> list[tuple[str, str]]:
    word, _sentence = TAX[facts.tax]
    return [
        (_("Consultation, {speciality}", speciality=facts.speciality), rupees(row.amount_paise)),
        (_("GST"), _(word)),
    ]


def _notes(facts: Facts, *, note: bool) -> list[str]:
    _word, sentence = TAX[facts.tax]
    notes = [_(sentence)]
    if note and facts.by_hand:
        notes.append(_("The clinic gave this money back itself, not through Razorpay."))
    if not note and facts.method == DESK:
        notes.append(_("The clinic's front desk recorded this payment."))
    return [*notes, _("Times are those of {zone}.", zone=facts.zone)]


def _instant(facts: Facts, instant: str) -> str:
    zone = ZoneInfo(facts.zone)
    at = datetime.fromisoformat(instant)
    return f"{long_day_label(at.astimezone(zone).date())}, {clock_label(at, zone)}"
