"""The list of pages for search engines, and what they may open."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from urllib.robotparser import RobotFileParser

import httpx
import pytest
from starlette.responses import PlainTextResponse

from booking_ui.booking_ui import app
from booking_ui.config.settings import settings
from booking_ui.db import session
from booking_ui.db.models import Doctor
from booking_ui.db.session import Database, write
from booking_ui.domain.listing import is_private
from booking_ui.edge.found.app import Found
from booking_ui.edge.perimeter import Perimeter
from booking_ui.languages import without_language
from tests.support.cast import Cast
from tests.support.site import ask

NAMES = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}
CLINIC = "https://clinic.example"
ROUTES = sorted(app._unevaluated_pages)


@pytest.fixture(autouse=True)
def _at_its_address(monkeypatch: pytest.MonkeyPatch, cast: Cast) -> None:
    del cast
    monkeypatch.setenv("PUBLIC_URL", CLINIC)
    monkeypatch.setenv("LANGUAGES", "en,hi")
    settings.cache_clear()


def get(path: str, method: str = "GET", **headers: str) -> httpx.Response:
    return ask(
        Perimeter(Found(PlainTextResponse("a page", status_code=404), None), None), path, method, **headers
    )


def listed() -> dict[str, dict[str, str]]:
    """Each address with its alternates by language."""
    tree = ET.fromstring(get("/sitemap.xml").content)  # noqa: S314 - our own
    found = {}
    for url in tree.findall("s:url", NAMES):
        links = url.findall("x:link[@rel='alternate']", NAMES)
        found[url.findtext("s:loc", "", NAMES)] = {
            one.attrib["hreflang"]: one.attrib["href"] for one in links
        }
    return found


def test_every_page_for_everybody_is_listed_in_every_language() -> None:
    pages = ("/", "/sign-in/", "/register/", "/doctor/dr-chandra-rao/")
    assert set(listed()) == {f"{CLINIC}{language}{page}" for page in pages for language in ("", "/hi")}


def test_each_address_names_all_others_and_the_one_for_everybody_else() -> None:
    found = listed()
    for address in ("/sign-in/", "/hi/sign-in/"):
        assert found[f"{CLINIC}{address}"] == {
            "x-default": f"{CLINIC}/sign-in/", "en": f"{CLINIC}/sign-in/", "hi": f"{CLINIC}/hi/sign-in/",
        }  # fmt: skip


def test_a_clinic_of_one_language_lists_each_page_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGES", "en")
    settings.cache_clear()
    assert len(listed()) == 4


def test_a_doctor_who_left_is_listed_no_more_and_a_new_one_at_once() -> None:
    assert f"{CLINIC}/doctor/dr-chandra-rao/" in listed()
    with write() as tx:
        first = tx.get_one(Doctor, 1)
        tx.add(Doctor(**{**first.model_dump(exclude={"id"}), "slug": "dr-ezhil", "name": "Dr Ezhil"}))
        first.active = False
    assert {one for one in listed() if "/doctor/" in one} == {
        f"{CLINIC}/doctor/dr-ezhil/", f"{CLINIC}/hi/doctor/dr-ezhil/",
    }  # fmt: skip


def test_who_has_the_list_is_not_sent_it_again() -> None:
    first = get("/sitemap.xml", **{"Accept-Encoding": "br, gzip"})
    assert first.headers["content-type"] == "application/xml; charset=utf-8"
    assert (first.headers["content-encoding"], first.headers["vary"]) == ("gzip", "Accept-Encoding")
    assert first.headers["cache-control"] == "public, max-age=3600"
    again = get("/sitemap.xml", **{"If-None-Match": f'"other", {first.headers["etag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    plain = get("/sitemap.xml", **{"Accept-Encoding": "gzip;q=0"})
    assert "content-encoding" not in plain.headers
    assert plain.content == first.content


def test_while_the_records_are_away_no_doctor_is_taken_off_the_list(db: Database) -> None:
    session.use(Database("postgresql+psycopg://nobody@127.0.0.1:1/none"))
    try:
        answer = get("/sitemap.xml")
    finally:
        session.use(db)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


@pytest.mark.parametrize("route", ROUTES)
def test_crawlers_may_open_a_page_exactly_when_it_is_for_everybody(route: str) -> None:
    rules = RobotFileParser()
    rules.parse(get("/robots.txt").text.splitlines())
    address = f"/{'' if route == 'index' else route}".rstrip("/") + "/"
    assert rules.can_fetch("Googlebot", f"{CLINIC}{address}") is not is_private(without_language(address))


def test_robots_name_the_list_and_the_api_is_none_of_theirs() -> None:
    answer = get("/robots.txt")
    assert answer.headers["content-type"].startswith("text/plain")
    rules = RobotFileParser()
    rules.parse(answer.text.splitlines())
    assert rules.site_maps() == [f"{CLINIC}/sitemap.xml"]
    assert not rules.can_fetch("Googlebot", f"{CLINIC}/api/doctors")


def test_everything_else_is_passed_on() -> None:
    assert get("/sitemap.xml/").text == "a page"
    assert get("/robots.txt", "POST").text == "a page"
