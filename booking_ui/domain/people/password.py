"""Passwords that are too easy to guess. Offline: zxcvbn brings the lists of common and breached ones.

Tries to sign in are limited, so a password is refused if it falls within as many guesses as an attacker gets. It need not
resist a machine that cracks stolen hashes: those are argon2id.
"""

from __future__ import annotations

import re

from zxcvbn import zxcvbn

FEWEST_GUESSES = (
    12_000  # zxcvbn counts ten thousand for any two parts: this refuses a name and a digit, and little more
)
JUDGED = 64  # letters; longer ones take zxcvbn over a tenth of a second, and these are enough to decide

GUESSABLE = "guessable"
SENTENCE = (
    "This password is among the first anyone would try. Three or four unrelated words make a good one, "
    "such as a colour, an animal and a place."
)


def guessable(password: str, *personal: str) -> bool:
    """True when it is common, breached, a pattern, or made of `personal` words: name, mail, phone."""
    words = [word for text in personal for word in _words(text) if len(word) > 2]
    judged = zxcvbn(password[:JUDGED], user_inputs=words, max_length=JUDGED)
    return int(judged["guesses"]) < FEWEST_GUESSES or _is_listed(judged["sequence"])


def _words(text: str) -> list[str]:
    """The text itself, its words, and the words joined: of "Asha Rao" also Asha, Rao and AshaRao."""
    parts = [part for part in re.split(r"[^\w]+", text) if part]
    return [text, "".join(parts), *parts]


def _is_listed(sequence: list[dict[str, object]]) -> bool:
    if len(sequence) != 1:
        return False
    whole = sequence[0]
    return whole.get("dictionary_name") == "passwords" and not whole.get("l33t") and not whole.get("reversed")
