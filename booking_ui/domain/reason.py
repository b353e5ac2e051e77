"""The words a person writes beside something done by hand; audit rows keep them."""

from __future__ import annotations

from booking_ui.domain.errors import FieldError

SHORTEST, LONGEST = 3, 300
LONGEST_REFERENCE = 80


def reason_problems(text: str, *, field: str = "reason", request: str = "Say why") -> list[FieldError]:
    """A sentence about a reason of the wrong length; `request` begins it. Nothing for a good one."""
    if SHORTEST <= len(text.strip()) <= LONGEST:
        return []
    return [FieldError(field, f"{request}, in {SHORTEST} to {LONGEST} characters.")]


def reference_problems(text: str) -> list[FieldError]:
    """A sentence about a receipt's or bank's reference that is too long; it may be empty."""
    if len(text.strip()) <= LONGEST_REFERENCE:
        return []
    return [FieldError("reference", f"Keep the reference under {LONGEST_REFERENCE} characters.")]
