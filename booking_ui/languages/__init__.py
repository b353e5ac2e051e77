"""Sentences for people, in the language that is spoken: GNU gettext's names, by Babel's catalogues.

    _("Pay {fee}", fee=visit.fee_label)                                # a whole sentence with placeholders
    ngettext("{count} doctor", "{count} doctors", count)               # one, many
    pgettext("verb", "Book")                                           # one English word with two meanings
    NAMES = {"card": N_("Card")}                                       # marked where it stands, `_(NAMES[x])` when shown

English stands in the code and is the key; every other language is a file, `<language>/messages.po`. The language is that
of the page, the request or the receiver of a message: `speaking("hi")` sets it for a piece of work, as PRINCIPAL sets the
person. A sentence is never stored, compared or put together from parts.
"""

from booking_ui.languages.catalogue import (
    FIRST,
    N_,
    _,
    known_languages,
    locale,
    locale_of,
    name_of,
    named,
    ngettext,
    pgettext,
    speak,
    speaking,
    spoken,
)
from booking_ui.languages.paths import action, in_every_language, language_of, offered, to, without_language

__all__ = [
    "FIRST",
    "N_",
    "_",
    "action",
    "in_every_language",
    "known_languages",
    "language_of",
    "locale",
    "locale_of",
    "name_of",
    "named",
    "ngettext",
    "offered",
    "pgettext",
    "speak",
    "speaking",
    "spoken",
    "to",
    "without_language",
]
