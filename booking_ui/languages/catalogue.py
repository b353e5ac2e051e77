"""The catalogues, and the language that is spoken in this task or thread."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel import Locale

FIRST = "en"
"""The language of the code, and of everybody who asked for none."""

HERE = Path(__file__).resolve().parent

_SPOKEN: ContextVar[str] = ContextVar("language", default=FIRST)


def spoken() -> str:
    """The language of this page, request or message: an ISO 639 code such as "hi"."""
    return _SPOKEN.get()


def speak(language: str) -> None:
    """Speak `language` until the end of this task; one that has no catalogue is spoken as English."""
    _SPOKEN.set(language)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak `language` within the block."""
    before = _SPOKEN.set(language)
    try:
        yield
    finally:
        _SPOKEN.reset(before)


@cache
def known_languages() -> tuple[str, ...]:
    """English and every language that has a catalogue."""
    return (FIRST, *sorted(place.parent.name for place in HERE.glob("*/messages.po")))


@cache
def locale_of(language: str) -> Locale:
    """Babel's rules for dates, numbers and plurals in `language`."""
    return Locale.parse(language if language in known_languages() else FIRST)


def locale() -> Locale:
    """Babel's rules for the language that is spoken."""
    return locale_of(spoken())


def name_of(language: str) -> str:
    """The language's name in itself: English, हिन्दी."""
    return str(locale_of(language).get_display_name(language) or language)


def named(language: str) -> str:
    """The language's name in the spoken one and in itself: Hindi (हिन्दी); once where they are alike."""
    here, own = locale_of(language).get_display_name(spoken()) or language, name_of(language)
    return own if here == own else f"{here} ({own})"


@cache
def catalogue(language: str) -> NullTranslations:
    """The sentences of `language`; English for a language without a catalogue. Read once, about 0.1 s for a thousand."""
    return _read(HERE / language / "messages.po") if language in known_languages()[1:] else NullTranslations()


def _read(place: Path) -> NullTranslations:
    # Imported here: a process that speaks English alone, such as a command, starts without them.
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = BytesIO()
    with place.open("rb") as file:
        write_mo(compiled, read_po(file))
    compiled.seek(0)
    return GNUTranslations(compiled)


def _(sentence: str, /, **values: object) -> str:
    """The sentence in the spoken language, with `values` in its {placeholders}."""
    said = catalogue(spoken()).gettext(sentence) if sentence else ""  # "" is the catalogue's own header
    return said.format(**values) if values else said


def ngettext(one: str, many: str, count: int, /, **values: object) -> str:
    """The form for `count`, which is also the value of {count}."""
    return catalogue(spoken()).ngettext(one, many, count).format(count=count, **values)


def pgettext(context: str, sentence: str, /, **values: object) -> str:
    """The sentence as it is meant in `context`: "Book" of a verb, "Held" of a slot."""
    said = catalogue(spoken()).pgettext(context, sentence)
    return said.format(**values) if values else said


def N_(sentence: str) -> str:  # noqa: N802 - gettext's name for it
    """Marks a sentence for the catalogue where it may not be translated yet, such as in a module's dictionary."""
    return sentence
