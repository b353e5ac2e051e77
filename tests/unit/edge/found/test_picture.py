"""The pictures that chats and networks show with a link."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import pytest
from starlette.responses import HTMLResponse

from booking_ui.booking_ui import app
from booking_ui.config.settings import settings
from booking_ui.db.models import Doctor
from booking_ui.db.session import write
from booking_ui.edge.found.app import Found
from booking_ui.edge.perimeter import Perimeter
from tests.support.cast import Cast
from tests.support.site import ask

PAGES = app._unevaluated_pages
PAGE = "/doctor/dr-chandra-rao/"
SHELL = '<head></head><div id="sent-essentials"></div><div id="sent-about"></div>'


@pytest.fixture(autouse=True)
def clinic(monkeypatch: pytest.MonkeyPatch, cast: Cast, tmp_path: Path) -> Perimeter:
    del cast
    monkeypatch.setenv("LANGUAGES", "en,hi")
    settings.cache_clear()
    for place in ("doctor/_", "hi/doctor/_"):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / "index.html").write_text(SHELL)
    return Perimeter(Found(HTMLResponse("another page"), tmp_path), tmp_path)


def address(clinic: Perimeter, page: str = PAGE) -> str:
    """The picture that a page names, as a path."""
    found = re.search(r'og:image" content="http://localhost:3000([^"]+)"', ask(clinic, page).text)
    assert found
    return found[1]


def test_a_page_names_a_picture_of_the_size_that_chats_show_whole(clinic: Perimeter) -> None:
    answer = ask(clinic, address(clinic))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    assert struct.unpack(">8sII", answer.content[:8] + answer.content[16:24]) == (
        b"\x89PNG\r\n\x1a\n",
        1200,
        630,
    )
    assert len(answer.content) < 300_000  # WhatsApp shows no larger one
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_each_language_has_its_picture(clinic: Perimeter) -> None:
    english, hindi = address(clinic), address(clinic, f"/hi{PAGE}")
    assert hindi.startswith(f"/hi{PAGE}picture.png?v=")
    assert ask(clinic, english).content != ask(clinic, hindi).content


def test_another_fee_is_another_picture_at_another_address(clinic: Perimeter) -> None:
    before = address(clinic)
    drawn = ask(clinic, before).content
    with write() as tx:
        tx.get_one(Doctor, 1).fee_paise = 90_000
    after = address(clinic)
    assert before != after
    assert ask(clinic, after).content != drawn
    # A link that was shared before shows what is true now, and not for long.
    old = ask(clinic, before)
    assert (old.content, old.headers["cache-control"]) == (
        ask(clinic, after).content,
        "public, max-age=86400",
    )


def test_the_same_words_give_the_same_picture_and_who_has_it_is_told_so(clinic: Perimeter) -> None:
    first = ask(clinic, f"{PAGE}picture.png")
    assert ask(clinic, f"{PAGE}picture.png", **{"If-None-Match": first.headers["etag"]}).status_code == 304


def test_a_long_name_and_signs_of_the_layouts_language_are_drawn_as_they_are(clinic: Perimeter) -> None:
    with write() as tx:
        doctor = tx.get_one(Doctor, 1)
        doctor.name = 'Dr #panic() $x$ *b* \\ "q" ' + "Venkatasubramanian " * 5
        doctor.speciality = "மருத்துவர் 医生"
    assert ask(clinic, address(clinic)).status_code == 200


def test_the_clinic_has_a_picture_for_all_other_pages_in_each_language(clinic: Perimeter) -> None:
    english, hindi = ask(clinic, "/picture.png"), ask(clinic, "/hi/picture.png")
    assert struct.unpack(">II", english.content[16:24]) == (1200, 630)
    assert english.headers["cache-control"] == "public, max-age=86400"
    assert english.content != hindi.content
    assert PAGES["hi/sign-in"].image == "http://localhost:3000/hi/picture.png"
