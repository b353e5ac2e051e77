"""A doctor's page as it is sent: before any script has run."""

from __future__ import annotations

import html
import json
import re
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from starlette.responses import HTMLResponse

from booking_ui.config.settings import settings
from booking_ui.db import clinic_words, session
from booking_ui.db.models import Doctor, Slot
from booking_ui.db.session import Database, write
from booking_ui.domain.clock import utc_now
from booking_ui.edge.found.app import Found
from booking_ui.edge.perimeter import Perimeter
from tests.support.cast import Cast
from tests.support.site import ask

CLINIC = "https://clinic.example"
PAGE = "/doctor/dr-chandra-rao/"
EVIL = """</script><script>x</script>"'&<!--\u2028<b onclick='x'>"""
SHELL = """<!DOCTYPE html><html lang="{language}"><head><meta charset="utf-8"/><title>Pick a time</title>\
<meta content="Free times." name="description"/><meta content="favicon.ico" property="og:image"/><script>boot()</script></head>\
<body><header>{language}</header><main><div id="sent-essentials"></div><div aria-hidden="true">waiting</div>\
<div id="sent-about"></div></main></body></html>"""


@pytest.fixture(autouse=True)
def clinic(monkeypatch: pytest.MonkeyPatch, cast: Cast, tmp_path: Path) -> Perimeter:
    """The clinic with its built pages; Dr Chandra has a free time tomorrow and words in Hindi."""
    monkeypatch.setenv("PUBLIC_URL", CLINIC)
    monkeypatch.setenv("LANGUAGES", "en,hi")
    settings.cache_clear()
    for language, place in (("en", "doctor/_"), ("hi", "hi/doctor/_")):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / "index.html").write_text(SHELL.replace("{language}", language))
    with write() as tx:
        soon = utc_now() + timedelta(days=1)
        tx.add(Slot(doctor_id=cast.chandra, starts_at=soon, ends_at=soon + timedelta(minutes=30)))
        for english, hindi in {
            "Cardiologist": "हृदय रोग विशेषज्ञ",
            "Bengaluru": "बेंगलुरु",
            "Hindi": "हिन्दी",
        }.items():
            clinic_words.keep(tx, "hi", english, hindi)
    return Perimeter(Found(HTMLResponse("another page"), tmp_path), tmp_path)


def change(**facts: object) -> None:
    with write() as tx:
        doctor = tx.get_one(Doctor, 1)
        for name, value in facts.items():
            setattr(doctor, name, value)


def meta(page: httpx.Response) -> dict[str, str]:
    """Names and contents of the head, and the title."""
    tags = [
        dict(re.findall(r'([\w:-]+)="([^"]*)"', one))
        for one in re.findall(r"<(?:meta|link)\b[^>]*>", page.text)
    ]
    found = {
        one.get("name") or one.get("property") or one.get("hreflang") or one.get("rel", ""): html.unescape(
            one.get("content") or one.get("href", "")
        )
        for one in tags
    }
    titles = re.findall(r"<title>(.*?)</title>", page.text)
    assert len(titles) == 1
    return found | {"title": html.unescape(titles[0])}


def facts(page: httpx.Response) -> dict[str, object]:
    """What programs read."""
    [text] = re.findall(r'<script type="application/ld\+json"[^>]*>(.*?)</script>', page.text, re.DOTALL)
    found: dict[str, object] = json.loads(text)
    return found


def test_the_page_names_the_doctor_in_english(clinic: Perimeter) -> None:
    page = ask(clinic, PAGE)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    head = meta(page)
    assert head["title"] == "Dr Chandra Rao, Cardiologist in Bengaluru · Saanjh Clinics"
    assert head["description"] == (
        "Dr Chandra Rao, Cardiologist in Indiranagar, Bengaluru. ₹500 per visit. See free times and book online."
    )
    assert head["canonical"] == head["og:url"] == head["en"] == head["x-default"] == f"{CLINIC}{PAGE}"
    assert head["hi"] == f"{CLINIC}/hi{PAGE}"
    assert head["og:image"].startswith(f"{CLINIC}{PAGE}picture.png?v=")
    assert (head["og:locale"], head["og:locale:alternate"]) == ("en_IN", "hi_IN")
    for said in (
        "Dr Chandra Rao",
        "MBBS, MD",
        "₹500 per visit",
        "English, Hindi",
        "12, 100 Feet Road",
        "Next free: ",
    ):
        assert said in page.text.partition("<main>")[2]


def test_the_page_speaks_the_language_of_its_address(clinic: Perimeter) -> None:
    page = ask(clinic, f"/hi{PAGE}", **{"Accept-Language": "en", "Cookie": "lang=en"})
    head = meta(page)
    assert head["title"] == "Dr Chandra Rao, बेंगलुरु में हृदय रोग विशेषज्ञ · Saanjh Clinics"
    assert head["canonical"] == f"{CLINIC}/hi{PAGE}"
    assert (head["en"], head["x-default"], head["og:locale"]) == (
        f"{CLINIC}{PAGE}",
        f"{CLINIC}{PAGE}",
        "hi_IN",
    )
    assert head["og:image"].startswith(f"{CLINIC}/hi{PAGE}picture.png?v=")
    assert "अगला ख़ाली समय: " in page.text
    assert "<header>hi</header>" in page.text
    assert facts(page)["medicalSpecialty"] == "हृदय रोग विशेषज्ञ"


def test_programs_read_who_where_and_for_how_much(clinic: Perimeter) -> None:
    change(fee_paise=75_050)
    found = facts(ask(clinic, PAGE))
    assert found["@type"] == "Physician"
    assert found["name"] == "Dr Chandra Rao"
    assert found["knowsLanguage"] == ["English", "Hindi"]
    assert found["parentOrganization"] == {
        "@type": "MedicalBusiness", "@id": f"{CLINIC}/#clinic", "name": "Saanjh Clinics", "url": f"{CLINIC}/",
        "telephone": settings().support_phone,
    }  # fmt: skip
    offer = found["makesOffer"]
    assert isinstance(offer, dict)
    assert (offer["price"], offer["priceCurrency"]) == ("750.50", "INR")
    assert offer["availability"] == "https://schema.org/InStock"


def test_a_doctor_without_a_free_time_promises_none(clinic: Perimeter) -> None:
    with write() as tx:
        tx.get_one(Slot, 5).withdrawn = True
    page = ask(clinic, PAGE)
    assert "No free times at the moment." in page.text
    assert "availability" not in str(facts(page)["makesOffer"])


@pytest.mark.parametrize(
    "field", ["about", "name", "speciality", "city", "area", "address", "qualifications"]
)
def test_nothing_that_the_desk_typed_becomes_a_part_of_the_page(clinic: Perimeter, field: str) -> None:
    change(**{field: EVIL})
    page = ask(clinic, PAGE)
    assert page.text.count("<script") == 2  # the boot script, and the facts
    assert "<b " not in page.text
    assert "<!--" not in page.text
    assert "\u2028" not in page.text.partition("</head>")[0].partition("ld+json")[2]
    tags = re.findall(r"<[a-z][^<>]*>", page.text)
    assert not [one for one in tags if re.search(r"onclick", re.sub(r'"[^"]*"', "", one))]
    told = json.dumps(EVIL).strip('"') in json.dumps(facts(page))
    assert told is (field != "qualifications")


@pytest.mark.parametrize(
    "path", ["/doctor/dr-nobody/", "/doctor/_/", "/doctor/DR%00/", "/doctor/dr%20chandra/"]
)
def test_nobody_is_not_found_and_not_to_be_listed(clinic: Perimeter, path: str) -> None:
    page = ask(clinic, path)
    assert page.status_code == 404
    head = meta(page)
    assert (head["title"], head["robots"]) == ("We can't find that doctor · Saanjh Clinics", "noindex")
    assert "canonical" not in head
    assert "<h1" in page.text


def test_a_doctor_who_left_is_nobody_in_either_language(clinic: Perimeter) -> None:
    change(active=False)
    assert ask(clinic, PAGE).status_code == 404
    hindi = ask(clinic, f"/hi{PAGE}")
    assert (hindi.status_code, meta(hindi)["title"]) == (404, "यह डॉक्टर नहीं मिले · Saanjh Clinics")
    assert ask(clinic, f"{PAGE}picture.png").status_code == 404


@pytest.mark.parametrize(
    ("asked", "leads_to"),
    [
        ("/doctor/dr-chandra-rao", PAGE),
        ("/hi/doctor/dr-chandra-rao?day=2026-12-01&q=a%20b", f"/hi{PAGE}?day=2026-12-01&q=a%20b"),
        ("/doctor/dr-nobody", "/doctor/dr-nobody/"),
        ("/doctor/a%0d%0aSet-Cookie:x=1", "/doctor/a%0D%0ASet-Cookie%3Ax%3D1/"),
    ],
)
def test_one_address_has_the_slash_and_the_other_leads_to_it(
    clinic: Perimeter, asked: str, leads_to: str
) -> None:
    answer = ask(clinic, asked)
    assert (answer.status_code, answer.headers["location"]) == (301, leads_to)


def test_the_address_is_the_clinics_whatever_the_caller_calls_it(clinic: Perimeter) -> None:
    page = ask(clinic, f"{PAGE}?utm=x", Host="evil.example")
    assert meta(page)["canonical"] == f"{CLINIC}{PAGE}"
    assert "evil.example" not in page.text


def test_who_has_the_page_is_told_so_until_a_fact_or_a_word_changes(clinic: Perimeter) -> None:
    first = ask(clinic, f"/hi{PAGE}")
    known = {"If-None-Match": first.headers["etag"]}
    assert first.headers["cache-control"] == "no-cache"
    assert ask(clinic, f"/hi{PAGE}", **known).status_code == 304
    with write() as tx:
        clinic_words.keep(tx, "hi", "Bengaluru", "बंगलौर")
    second = ask(clinic, f"/hi{PAGE}", **known)
    assert (second.status_code, "बंगलौर" in second.text) == (200, True)
    change(fee_paise=90_000)
    assert "₹900" in ask(clinic, f"/hi{PAGE}", **known).text


def test_the_scripts_of_the_page_are_those_that_it_was_built_with(clinic: Perimeter) -> None:
    page = ask(clinic, PAGE)
    [policy] = [
        one for one in page.headers["content-security-policy"].split("; ") if one.startswith("script-src")
    ]
    assert "unsafe" not in policy
    # React takes the scripts of the head for its own in their order: ours is the last one.
    assert page.text.index("boot()") < page.text.index("ld+json") < page.text.index("</head>")


def test_while_the_records_are_away_the_page_is_sent_without_its_doctor(
    clinic: Perimeter, db: Database
) -> None:
    session.use(Database("postgresql+psycopg://nobody@127.0.0.1:1/none"))
    try:
        answer = ask(clinic, PAGE)
    finally:
        session.use(db)
    assert answer.text == "another page"


def test_what_is_no_doctors_page_is_left_alone(clinic: Perimeter, tmp_path: Path) -> None:
    for path in (
        "/doctor/",
        f"{PAGE}reviews/",
        "/mr/doctor/dr-chandra-rao/",
        "/admin/doctors/dr-chandra-rao/",
    ):
        assert ask(clinic, path).text == "another page"
    assert ask(clinic, PAGE, "POST").text == "another page"
    while_developing = Perimeter(Found(HTMLResponse("another page"), None), None)
    assert ask(while_developing, PAGE).text == "another page"
    (tmp_path / "doctor/_/index.html").write_text("<html><head></head>an older build</html>")
    assert (
        ask(Perimeter(Found(HTMLResponse("another page"), tmp_path), tmp_path), PAGE).text == "another page"
    )
