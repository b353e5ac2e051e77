"""The language of an answer: by a page's address, by what a program asks for, and by what a visitor chose once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Route

from booking_ui.api.app import api
from booking_ui.config.settings import settings
from booking_ui.edge.perimeter import Perimeter
from booking_ui.languages import spoken
from tests.support.cast import Cast
from tests.support.languages import small_hindi


@pytest.fixture(autouse=True)
def _hindi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("LANGUAGES", "en,hi")
    settings.cache_clear()
    with small_hindi(tmp_path / "languages"):
        yield
    settings.cache_clear()


async def _page(_: Request) -> HTMLResponse:
    return HTMLResponse(spoken())


async def _file(_: Request) -> PlainTextResponse:
    return PlainTextResponse("User-agent: *")


@pytest.fixture
def site() -> Perimeter:
    page = Route("/{rest:path}", _page, methods=["GET", "POST"])
    return Perimeter(Starlette(routes=[Route("/robots.txt", _file), page]), None)


@pytest.fixture
def clinic(cast: Cast) -> Perimeter:
    del cast
    return Perimeter(api, None)


def ask(app: Any, address: str, method: str = "GET", **headers: str) -> httpx.Response:
    async def answer() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost:3000") as client:
            return await client.request(method, address, headers=headers)

    return asyncio.run(answer())


def led(found: httpx.Response) -> str:
    assert found.status_code == 303
    return found.headers["location"]


# ── Pages ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_page_speaks_the_language_of_its_address_whatever_the_browser_prefers(site: Perimeter) -> None:
    assert ask(site, "/hi/appointments/").text == "hi"
    assert ask(site, "/appointments/", **{"Accept-Language": "hi"}).text == "en"
    assert "content-language" not in ask(site, "/hi/appointments/").headers


@pytest.mark.parametrize(
    ("address", "led_to"),
    [
        ("/?lang=hi", "/hi/"),
        ("/hi/?lang=hi", "/hi/"),
        ("/hi/?lang=en", "/"),
        ("/hi?lang=en", "/"),
        ("/doctor/dr-rao/?day=2026-11-24&lang=hi", "/hi/doctor/dr-rao/?day=2026-11-24"),
        ("/hi/search/?q=a%26b&lang=en&city=Pune", "/search/?q=a%26b&city=Pune"),
        ("/search/?lang=hi&lang=en", "/hi/search/"),
        ("/search/?l%61ng=hi&x=lang", "/hi/search/?x=lang"),
    ],
)
def test_a_choice_leads_to_the_same_page_in_that_language_and_is_remembered(
    site: Perimeter, address: str, led_to: str
) -> None:
    found = ask(site, address)
    assert led(found) == led_to
    language = "hi" if led_to.startswith("/hi/") else "en"
    assert found.headers["set-cookie"] == f"lang={language}; Max-Age=31536000; Path=/; SameSite=lax"
    assert found.headers["cache-control"] == "no-store"


def test_the_choice_travels_encrypted_where_the_clinic_does(
    site: Perimeter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PUBLIC_URL", "https://clinic.example")
    settings.cache_clear()
    assert ask(site, "/?lang=hi").headers["set-cookie"].endswith("; Secure")


@pytest.mark.parametrize(
    "address",
    [
        "//evil.example/?lang=en",
        "/hi//evil.example/?lang=en",
        "///evil/?lang=hi",
        "/%5Cevil.example/?lang=en",
    ],
)
def test_a_choice_never_leads_to_another_site(site: Perimeter, address: str) -> None:
    found = led(ask(site, f"http://localhost:3000{address}"))
    assert found.startswith("/")
    assert not found.startswith(("//", "/\\"))


@pytest.mark.parametrize(
    "address", ["/appointments/?lang=ta", "/?lang=", "/?lang", "/?lang=HI", "/?language=hi", "/?lang=../x"]
)
def test_a_language_that_we_do_not_offer_is_not_chosen(site: Perimeter, address: str) -> None:
    found = ask(site, address)
    assert (found.status_code, found.text) == (200, "en")
    assert "set-cookie" not in found.headers


@pytest.mark.parametrize("method", ["POST", "HEAD"])
def test_only_a_page_that_is_looked_at_is_a_choice(site: Perimeter, method: str) -> None:
    assert ask(site, "/page/?lang=hi", method).status_code == 200


def test_files_have_no_language(site: Perimeter) -> None:
    assert ask(site, "/robots.txt?lang=hi").status_code == 200


def test_the_first_page_follows_the_choice(site: Perimeter) -> None:
    found = ask(site, "/", Cookie="a=b; lang=hi")
    assert led(found) == "/hi/"
    assert found.headers["cache-control"] == "no-store"
    assert ask(site, led(found), Cookie="lang=hi").text == "hi"


@pytest.mark.parametrize("cookie", ["lang=en", "lang=ta", "lang=", "lang=//evil.example", "lang=hi/..", ""])
def test_another_choice_leads_nowhere(site: Perimeter, cookie: str) -> None:
    assert ask(site, "/", Cookie=cookie).status_code == 200


@pytest.mark.parametrize("address", ["/?q=heart", "/appointments/", "/hi/"])
def test_no_other_page_follows_the_choice(site: Perimeter, address: str) -> None:
    assert ask(site, address, Cookie="lang=hi").status_code == 200


def test_a_clinic_of_one_language_ignores_all_of_it(site: Perimeter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGES", "en")
    settings.cache_clear()
    assert ask(site, "/?lang=hi").status_code == ask(site, "/", Cookie="lang=hi").status_code == 200


@pytest.mark.parametrize("path", ["/account/", "/hi/account/", "/hi/appointment/7KQ2MXRV/", "/hi/admin"])
def test_private_pages_are_kept_nowhere_in_any_language(site: Perimeter, path: str) -> None:
    assert ask(site, path).headers["cache-control"] == "no-store"


# ── The API ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_api_answers_in_the_language_that_the_caller_prefers(clinic: Perimeter) -> None:
    found = ask(clinic, "/api/appointments", **{"Accept-Language": "hi-IN,hi;q=0.9,en;q=0.8"})
    assert (found.status_code, found.json()["message"]) == (401, "जारी रखने के लिए साइन इन करें।")
    assert found.json()["code"] == "not_signed_in"
    assert (found.headers["content-language"], found.headers["vary"]) == ("hi", "Accept-Language")


def test_the_address_of_the_api_asks_louder_than_the_browser(clinic: Perimeter) -> None:
    assert ask(clinic, "/api/nothing?lang=hi").json()["message"] == "इस पते पर कुछ नहीं है।"
    english = ask(clinic, "/api/nothing?lang=en", **{"Accept-Language": "hi"})
    assert (english.json()["message"], english.headers["content-language"]) == (
        "There is nothing at this address.",
        "en",
    )
    unknown = ask(clinic, "/api/nothing?lang=ta", **{"Accept-Language": "hi"})
    assert unknown.headers["content-language"] == "hi"


def test_wrong_fields_are_named_in_the_callers_language(clinic: Perimeter) -> None:
    found = ask(clinic, "/api/doctors?sort=size&lang=hi").json()
    assert found["errors"] == [
        {"field": "sort", "message": "'soonest', 'fee', 'experience' या 'name' में से चुनें।"}
    ]
    day = ask(clinic, "/api/availability?doctorId=1&date=tomorrow&lang=hi").json()
    assert day["errors"] == [{"field": "date", "message": "2026-11-24 जैसी तारीख़ लिखें।"}]


def test_a_list_is_counted_in_the_callers_language(clinic: Perimeter) -> None:
    assert ask(clinic, "/api/doctors?lang=hi&q=zzzz").json()["message"] == "0 डॉक्टर मिला।"
    assert ask(clinic, "/api/doctors?q=zzzz").json()["message"] == "0 doctors found."


def test_each_language_has_its_own_tag(clinic: Perimeter) -> None:
    tag = ask(clinic, "/api/doctors?lang=hi&q=zzzz").headers["etag"]
    known = {"If-None-Match": tag}
    same = ask(clinic, "/api/doctors?lang=hi&q=zzzz", **known)
    assert (same.status_code, same.headers["vary"]) == (304, "Accept-Language")
    assert ask(clinic, "/api/doctors?lang=en&q=zzzz", **known).status_code == 200


def test_the_description_of_the_api_is_english(clinic: Perimeter) -> None:
    found = ask(clinic, "/api/openapi.json", **{"Accept-Language": "hi"})
    assert not {"content-language", "vary"} & set(found.headers)
    assert "Please sign in" not in found.text or "जारी" not in found.text


@pytest.mark.parametrize("form", ["sign-in", "reset/request", "sign-out"])
def test_a_form_of_a_hindi_page_leads_back_to_hindi_pages(clinic: Perimeter, form: str) -> None:
    origin = {"Origin": "http://localhost:3000"}
    assert led(ask(clinic, f"/api/session/{form}?lang=hi", "POST", **origin)).startswith("/hi/")
    assert not led(ask(clinic, f"/api/session/{form}", "POST", **origin)).startswith("/hi/")


def test_a_clinic_of_one_language_says_nothing_about_languages(
    clinic: Perimeter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGUAGES", "en")
    settings.cache_clear()
    found = ask(clinic, "/api/nothing?lang=hi", **{"Accept-Language": "hi"})
    assert found.json()["message"] == "There is nothing at this address."
    assert not {"content-language", "vary"} & set(found.headers)
