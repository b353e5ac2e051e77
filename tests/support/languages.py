"""A small Hindi, so that tests of languages depend on no sentence of the real one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from booking_ui.languages import catalogue

SMALL = """
msgid ""
msgstr ""
"Language: hi\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\\n"

msgid "Pay {fee}"
msgstr "{fee} चुकाएँ"

msgid "Save {percent}% of {fee}"
msgstr "{fee} का {percent}% बचाएँ"

msgid "Cancelled"
msgstr "रद्द"

msgid "Not yet translated"
msgstr ""

#, fuzzy
msgid "Only guessed"
msgstr "अनुमान"

msgctxt "verb"
msgid "Book"
msgstr "बुक करें"

msgctxt "paper"
msgid "Book {name}"
msgstr "किताब {name}"

msgid "{count} doctor"
msgid_plural "{count} doctors"
msgstr[0] "{count} डॉक्टर"
msgstr[1] "{count} डॉक्टरों"

msgid "Please sign in to continue."
msgstr "जारी रखने के लिए साइन इन करें।"

msgid "There is nothing at this address."
msgstr "इस पते पर कुछ नहीं है।"

msgid "Please check the marked fields."
msgstr "कृपया चिह्नित जगहें देखें।"

msgid "Write a date such as 2026-11-24."
msgstr "2026-11-24 जैसी तारीख़ लिखें।"

msgid "Choose one of {expected}."
msgstr "{expected} में से चुनें।"

msgid "{choices} or {last}"
msgstr "{choices} या {last}"

msgid "A browser"
msgstr "कोई ब्राउज़र"

msgid "{browser} on {system}"
msgstr "{system} पर {browser}"

msgid "{detail} is in trouble"
msgstr "{detail} में दिक़्क़त है"

msgid "{count} doctor found."
msgid_plural "{count} doctors found."
msgstr[0] "{count} डॉक्टर मिला।"
msgstr[1] "{count} डॉक्टर मिले।"
"""


@contextmanager
def small_hindi(folder: Path) -> Iterator[None]:
    """English and a Hindi of a few sentences, in `folder`, instead of the languages we have."""
    (folder / "hi").mkdir(parents=True)
    (folder / "hi" / "messages.po").write_text(SMALL, encoding="utf-8")
    before, catalogue.HERE = catalogue.HERE, folder
    _forget()
    try:
        yield
    finally:
        catalogue.HERE = before
        _forget()


def _forget() -> None:
    for remembered in (catalogue.known_languages, catalogue.locale_of, catalogue.catalogue):
        remembered.cache_clear()
