"""The words a person writes beside something done by hand; audit rows keep them."""

from __future__ import annotations

from booking_ui.domain.errors import FieldError
from booking_ui.languages import N_, _

SHORTEST, LONGEST = 3, 300
LONGEST_REFERENCE = 80


def reason_problems(text: str, *, field: str = "reason", sentence: str = "") -> list[FieldError]:
    """A sentence about a reason of the wrong length, which `sentence` may say in other words. Nothing for a good one.

    In `sentence`, which is in English, {shortest} and {longest} are the bounds.
    """
    if SHORTEST <= len(text.strip()) <= LONGEST:
        return []
    asked = sentence or N_("Say why, in {shortest} to {longest} characters.")
    return [FieldError(field, _(asked, shortest=SHORTEST, longest=LONGEST))]


def reference_problems(text: str) -> list[FieldError]:
    """A sentence about a receipt's or bank's reference that is too long; it may be empty."""
    if len(text.strip()) <= LONGEST_REFERENCE:
        return []
    return [
        FieldError("reference", _("Keep the reference under {count} characters.", count=LONGEST_REFERENCE))
    ]
