"""Amounts of money and ways to pay, in the words that page, mail, PDF, CSV and API share."""

from __future__ import annotations

import re
from decimal import Decimal

from babel.numbers import format_decimal

from booking_ui.domain.typed import plain
from booking_ui.languages import N_, _

_RUPEES = re.compile(r"(?:₹|rs\.?)?\s*([0-9][0-9,]{0,10})(?:\.([0-9]{1,2}))?", re.IGNORECASE)

_METHODS = {
    "card": N_("Card"),
    "upi": "UPI",
    "netbanking": N_("Netbanking"),
    "wallet": N_("Wallet"),
    "emi": "EMI",
    "desk": N_("At the desk"),
}


def rupees(paise: int) -> str:
    """Show paise as rupees with Indian grouping: 50000 → "₹500", 12345678 → "₹1,23,456.78"."""
    amount = Decimal(paise).scaleb(-2)
    pattern = "#,##,##0" if paise % 100 == 0 else "#,##,##0.00"
    sign = "−" if paise < 0 else ""
    return f"{sign}₹{format_decimal(abs(amount), format=pattern, locale='en_IN')}"


def rupee_number(paise: int) -> float:
    """Paise as a JSON number of rupees, for `amount` and `fee` beside the exact `amountPaise`. Display only."""
    return float(Decimal(paise).scaleb(-2))


def read_rupees(text: str) -> int | None:
    """Rupees as people write them, ₹1,500 or १५००.50, in paise; None for anything else."""
    found = _RUPEES.fullmatch(plain(text))
    if found is None:
        return None
    return int(Decimal(f"{found[1].replace(',', '')}.{found[2] or '0'}") * 100)


def method_label(method: str, detail: str) -> str:
    """UPI · asha@okbank; empty when nothing is known."""
    return " · ".join(filter(None, [_(_METHODS.get(method, method.title())), detail]))
