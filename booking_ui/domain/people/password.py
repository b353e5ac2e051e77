"""Passwords that are too easy to guess. Offline: zxcvbn brings the lists of common and breached ones.

Tries to sign in are limited, so a password is refused if it falls within as many guesses as an attacker gets. It need not
resist a machine that cracks stolen hashes: those are argon2id.

zxcvbn's work grows with the length, and with the number of words that signs may stand for (`4` and `@` for a, `1`, `!` and
`|` for i or l …): 64 odd signs took it four seconds, and it never lets other threads of the process go on meanwhile. Both
are bounded here, to some hundredths of a second, so that a process of its own for it would save nothing.
"""

from __future__ import annotations

import re
from math import prod
from threading import Lock

from zxcvbn import zxcvbn
from zxcvbn.matching import L33T_TABLE

from booking_ui.languages import N_

FEWEST_GUESSES = (
    12_000  # zxcvbn counts ten thousand for any two parts: this refuses a name and a digit, and little more
)
# Letters that are judged. A beginning that is hard to guess is not made easier by what follows, and one of this length
# that is easy (a list's word, a row of keys, one letter again and again) is what people think of first.
JUDGED = 24
READINGS = 16  # ways to read the signs of one password as letters; a usual disguise has one to four
_NO_SIGN = "~"  # stands for no letter
_SIGNS = [frozenset(signs) for signs in L33T_TABLE.values()]  # of each letter
_turn = Lock()

GUESSABLE = "guessable"
SENTENCE = N_(
    "This password is among the first anyone would try. Three or four unrelated words make a good one, "
    "such as a colour, an animal and a place."
)


def guessable(password: str, *personal: str) -> bool:
    """True when it is common, breached, a pattern, or made of `personal` words: name, mail, phone."""
    words = [word for text in personal for word in _words(text) if len(word) > 2]
    if password.casefold() in {word.casefold() for word in words}:
        return True
    with _turn:  # it holds the process up anyway: side by side, several would only hold it up for longer
        judged = zxcvbn(readable(password), user_inputs=[word[:JUDGED] for word in words], max_length=JUDGED)
    return int(judged["guesses"]) < FEWEST_GUESSES or _is_listed(judged["sequence"])


def readable(password: str) -> str:
    """The part that is judged; signs beyond READINGS stand for nothing. A word hidden behind so many is no first guess."""
    kept: set[str] = set()
    read = ""
    for letter in password[:JUDGED]:
        if _readings(kept | {letter}) <= READINGS:
            kept.add(letter)
        read += letter if letter in kept else _NO_SIGN
    return read


def _readings(letters: set[str]) -> int:
    return prod(len(signs & letters) or 1 for signs in _SIGNS)


def _words(text: str) -> list[str]:
    """The text itself, its words, and the words joined: of "Asha Rao" also Asha, Rao and AshaRao."""
    parts = [part for part in re.split(r"[^\w]+", text) if part]
    return [text, "".join(parts), *parts]


def _is_listed(sequence: list[dict[str, object]]) -> bool:
    if len(sequence) != 1:
        return False
    whole = sequence[0]
    return whole.get("dictionary_name") == "passwords" and not whole.get("l33t") and not whole.get("reversed")
