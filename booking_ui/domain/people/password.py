"""Which passwords are too easy to guess. Offline: the common and breached ones come with zxcvbn.

Only what falls at once is refused. Signing in is limited in how often it may be tried, so the bar is the list that an
attacker gets through with those tries, not a machine that cracks stolen hashes: those are argon2id.
"""

from __future__ import annotations

import re

from zxcvbn import zxcvbn

FEWEST_GUESSES = (
    12_000  # zxcvbn counts ten thousand for any two parts: a name and a digit are refused, little more is
)
JUDGED = 64  # letters: zxcvbn needs a tenth of a second for longer ones, and these decide already

GUESSABLE = "guessable"
SENTENCE = (
    "This password is among the first anyone would try. Three or four unrelated words make a good one, "
    "such as a colour, an animal and a place."
)


def guessable(password: str, *personal: str) -> bool:
    """Whether it is common, breached, a pattern, or made of what is `personal`: name, mail, phone."""
    words = [word for text in personal for word in _words(text) if len(word) > 2]
    found = zxcvbn(password[:JUDGED], user_inputs=words, max_length=JUDGED)
    return int(found["guesses"]) < FEWEST_GUESSES or _listed(found["sequence"])


def _words(text: str) -> list[str]:
    """Asha Rao: also asha, rao and asharao."""
    parts = [part for part in re.split(r"[^\w]+", text) if part]
    return [text, "".join(parts), *parts]


def _listed(sequence: list[dict[str, object]]) -> bool:
    """The whole of it stands in the list of breached passwords, as it is written."""
    if len(sequence) != 1:
        return False
    whole = sequence[0]
    return whole.get("dictionary_name") == "passwords" and not whole.get("l33t") and not whole.get("reversed")
