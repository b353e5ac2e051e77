"""A language of look-alikes: whatever is still in plain letters did not come from the catalogue."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from gettext import NullTranslations

from booking_ui.languages import catalogue

_PLACE = re.compile(r"(\{[^}]*\})")
_ALIKE = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "αвςδεfgнιјκłмиøρqřѕτυνωхүzΑΒϹΔΕFGΗΙЈΚŁΜΝØΡQŘЅΤΥΝΩΧҮZ".translate(str.maketrans("fgqzFGQZ", "ƒǥɋʐƑǤɊƵ")),
)


def alike(sentence: str) -> str:
    """The sentence in look-alikes; its {places} stay."""
    return "".join(
        part if number % 2 else part.translate(_ALIKE) for number, part in enumerate(_PLACE.split(sentence))
    )


class Pseudo(NullTranslations):
    def gettext(self, message: str) -> str:
        return alike(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return alike(msgid1 if n == 1 else msgid2)

    def pgettext(self, context: str, message: str) -> str:
        return alike(message)


@contextmanager
def pseudo_hindi() -> Iterator[None]:
    """Hindi is spoken in look-alikes; dates and amounts are Hindi's own."""
    real = catalogue.catalogue
    catalogue.catalogue = lambda language: Pseudo() if language == "hi" else real(language)  # type: ignore[assignment]
    try:
        yield
    finally:
        catalogue.catalogue = real
