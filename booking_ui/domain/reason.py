"""The words a person writes beside something done by hand; they are kept in the audit trail."""

from __future__ import annotations

from booking_ui.domain.errors import FieldError

SHORTEST, LONGEST = 3, 300
LONGEST_REFERENCE = 80


def reason_problems(text: str, *, field: str = "reason", request: str = "Say why") -> list[FieldError]:
    """What is wrong with a written reason; `request` begins the sentence that asks for a better one."""
    if SHORTEST <= len(text.strip()) <= LONGEST:
        return []
    return [FieldError(field, f"{request}, in {SHORTEST} to {LONGEST} characters.")]


def reference_problems(text: str) -> list[FieldError]:
    """What is wrong with a receipt's or bank's reference; it may be empty."""
    if len(text.strip()) <= LONGEST_REFERENCE:
        return []
    return [FieldError("reference", f"Keep the reference under {LONGEST_REFERENCE} characters.")]
