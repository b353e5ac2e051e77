"""Words as they are compared: without case and small marks, and by the sound that several spellings share.

A word in Devanagari sounds like its usual Latin spelling: दाँत, "dant" and "daant" are one sound.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_NUKTA, _CHANDRABINDU, _ANUSVARA, _VIRAMA = "\u093c", "\u0901", "\u0902", "\u094d"

_SPELT = {
    "कखगघङचछजझञ": "k kh g gh n ch chh j jh n",
    "टठडढणतथदधन": "t th d dh n t th d dh n",
    "पफबभमयरलवशषसहळ": "p ph b bh m y r l v sh sh s h l",
}
_SPELT_VOWELS = "a i i u u ri e ai o au o e"


def _pairs(letters: str, spelt: str) -> dict[str, str]:
    return dict(zip(letters, spelt.split(), strict=True))


_CONSONANTS = {letter: one for row in _SPELT.items() for letter, one in _pairs(*row).items()}
_SIGNS = _pairs("ािीुूृेैोौॉॅ", _SPELT_VOWELS)
_VOWELS = {"अ": "a", **_pairs("आइईउऊऋएऐओऔऑऍ", _SPELT_VOWELS)}
_OTHERS = {_ANUSVARA: "n", "ः": "h", **{chr(0x0966 + digit): str(digit) for digit in range(10)}}

_BREAKS = re.compile(r"[\s/,;:.()\-\u2010-\u2015।]+")
_SILENT = re.compile(r"['’‘ʼ`\"\u200b-\u200d]")
_DEVANAGARI = re.compile(r"[\u0900-\u097f]")


@lru_cache(maxsize=20_000)
def folded(text: str) -> str:
    """The text in lower case, without marks of Devanagari that people leave out: ज़ → ज, ँ → ं."""
    plain = unicodedata.normalize("NFC", text).replace(_NUKTA, "").replace(_CHANDRABINDU, _ANUSVARA)
    return plain.casefold()


def pieces(text: str) -> list[str]:
    """The folded words of a name, a place or a search: "D’Souza, T. Nagar" → dsouza, t, nagar."""
    return [one for one in _BREAKS.split(_SILENT.sub("", folded(text))) if one]


# ── Devanagari in Latin letters ───────────────────────────────────────────────────────────────────────────────────


def latin(word: str) -> str:
    """A folded word as people type it in Latin letters, with the vowels that Hindi does not speak left out: चमडी → chamdi."""
    if not _DEVANAGARI.search(word):
        return word
    sounds = _spelt(word.replace("ज्ञ", "ग्य"))  # said so
    for at in range(len(sounds) - 1, 0, -1):
        if sounds[at] == "" and _unspoken(sounds, at):
            sounds[at] = "-"
    return "".join("a" if one == "" else one for one in sounds if one != "-")


def _spelt(word: str) -> list[str]:
    """Consonants and vowels in turn; the vowel that Devanagari does not write is an empty string."""
    sounds: list[str] = []
    for at, letter in enumerate(word):
        if letter in _CONSONANTS:
            following = word[at + 1 : at + 2]
            sounds.append(_CONSONANTS[letter])
            if following != _VIRAMA and following not in _SIGNS:
                sounds.append("")
        elif letter != _VIRAMA:
            sounds.append(_SIGNS.get(letter) or _VOWELS.get(letter) or _OTHERS.get(letter, letter))
    return sounds


def _unspoken(sounds: list[str], at: int) -> bool:
    """True for the last vowel of a longer word, and for one between a vowel and one consonant with its vowel."""
    if at == len(sounds) - 1:
        return at > 1
    before, after = sounds[at - 2 : at - 1], sounds[at + 1 : at + 3]
    return (
        bool(before) and _vowel(before[0]) and len(after) == 2 and not _vowel(after[0]) and _vowel(after[1])
    )


def _vowel(sound: str) -> bool:
    return sound == "" or (sound != "-" and sound[0] in "aeiou")


# ── Sounds ────────────────────────────────────────────────────────────────────────────────────────────────────────

_ALIKE = [
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"chh|cch", "ch"),
        (r"ck|q", "k"),
        (r"ph", "f"),
        (r"x", "ks"),
        (r"ch", "C"),
        (r"([bdgjkprstz])h", r"\1"),
        (r"c", "k"),
        (r"C", "c"),
        (r"w", "v"),
        (r"z", "j"),
        (r"ae|oe", "e"),
        (r"ee", "i"),
        (r"oo", "u"),
        (r"y", "i"),
        (r"[ae]i+", "e"),
        (r"ao", "av"),
        (r"au", "o"),
        (r"m([bp])", r"n\1"),
        (r"(.)\1+", r"\1"),
        (r"on$", "o"),
        (r"(?<=.)h$", ""),
    )
]


@lru_cache(maxsize=20_000)
def sound(word: str) -> str:
    """One spelling for words that are said alike: "haddi", "haddee" and हड्डी; "orthopedic" and "orthopaedic"."""
    spelt = latin(word)
    for pattern, replacement in _ALIKE:
        spelt = pattern.sub(replacement, spelt)
    return spelt
