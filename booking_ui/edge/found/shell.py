"""A doctor's page as it was built, without its doctor, cut open where the server writes what it knows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from booking_ui.domain.listing import SHELL, doctor_path
from booking_ui.languages import in_every_language

# Parts of the head that are said of one doctor instead.
_GENERAL = re.compile(
    r'<title>.*?</title>|<meta(?=[^>]* (?:name="description"|property="og:image"))[^>]*>', re.DOTALL
)
_PLACES = re.compile(r'(?P<head></head>)|<div(?=[^>]* id="sent-(?P<name>essentials|about)")[^>]*></div>')


@dataclass(frozen=True)
class Shell:
    """The text around the places, in their order: the head's end, the essential facts, and what is said about the doctor."""

    before: str
    body: str
    between: str
    after: str

    def filled(self, *, head: str, essentials: str, about: str) -> str:
        """The whole page. The head's part comes last in it: React takes the scripts before it for its own, in their order."""
        return f"{self.before}{head}{self.body}{essentials}{self.between}{about}{self.after}"


def shells(client: Path, languages: tuple[str, ...]) -> dict[str, Shell]:
    """The shell of each language in the built pages; none of a language that was built without one."""
    found = {}
    for language, path in in_every_language(doctor_path(SHELL), languages).items():
        place = client / path.strip("/") / "index.html"
        if place.exists() and (shell := cut(place.read_text())):
            found[language] = shell
    return found


def cut(text: str) -> Shell | None:
    """None for a page without all of the places."""
    text = _GENERAL.sub("", text)
    places = {one["name"] or "head": one for one in _PLACES.finditer(text)}
    if list(places) != ["head", "essentials", "about"]:
        return None
    head, essentials, about = places.values()
    return Shell(
        text[: head.start()],
        text[head.start() : essentials.start()],
        text[essentials.end() : about.start()],
        text[about.end() :],
    )
