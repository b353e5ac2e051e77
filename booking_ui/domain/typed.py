"""Text as people type or paste it, made plain before a rule reads it: telephone numbers, codes, amounts."""

from __future__ import annotations

import unicodedata


def plain(text: str) -> str:
    """One spelling of `text`: compatibility forms folded (NFKC), invisible format characters left out, digits ASCII.

    A number copied from a chat stands between U+202A and U+202C, has non-breaking spaces, or Devanagari digits.
    """
    folded = unicodedata.normalize("NFKC", text)
    return "".join(_ascii_digit(c) for c in folded if unicodedata.category(c) != "Cf").strip()


def digits(text: str) -> str:
    """A code as it was typed or pasted, without the blanks and dashes between its digits."""
    return "".join(c for c in plain(text) if not c.isspace() and c not in "-‐–")


def _ascii_digit(character: str) -> str:
    value = unicodedata.decimal(character, None)
    return character if value is None else str(value)
