"""Signing in by telephone with the pages' forms: number, digits, name, with the chosen slot kept through all of it."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from httpx import Response

from booking_ui.config.settings import settings
from tests.support.api import Caller, Door, bookings, opened, sent_to
from tests.support.cast import NOW, Cast
from tests.support.texts import Texts, other_than

NUMBER = "98450 12301"


@pytest.fixture(autouse=True)
def texts(monkeypatch: pytest.MonkeyPatch) -> Texts:
    return Texts(monkeypatch)


def page_of(answer: Response) -> tuple[str, dict[str, str]]:
    parts = urlsplit(sent_to(answer))
    return parts.path, {name: values[0] for name, values in parse_qs(parts.query).items()}


def asked(anybody: Caller, **more: str) -> Response:
    return anybody.form("/api/session/phone/request", {"phone": NUMBER, **more})


def tried(anybody: Caller, **fields: str) -> Response:
    return anybody.form("/api/session/phone", fields)


def test_a_new_patient_gives_number_digits_and_name_and_holds_the_chosen_slot(
    anybody: Caller, cast: Cast, texts: Texts
) -> None:
    kept = {"slot_id": str(cast.slots[0]), "next": "/account/"}
    assert page_of(asked(anybody, **kept)) == ("/sign-in/phone/", {"sent": "1", **kept})
    assert page_of(tried(anybody, code=texts.code(NOW), **kept)) == ("/sign-in/phone/", {"new": "1", **kept})
    path, _query = page_of(tried(anybody, name="Meera", **kept))
    (held,) = bookings()
    assert (path, held.slot_id) == (f"/checkout/{held.reference}/", cast.slots[0])
    assert anybody.get("/api/appointments").status_code == 200


def test_a_known_patient_needs_no_name(anybody: Caller, texts: Texts) -> None:
    asked(anybody)
    tried(anybody, code=texts.code(NOW), name="Meera")
    asked(anybody)
    assert page_of(tried(anybody, code=texts.code(NOW), next="/appointments/")) == ("/appointments/", {})


def test_the_cookie_is_for_these_forms_alone_and_ends_with_the_sign_in(anybody: Caller, texts: Texts) -> None:
    cookie = asked(anybody).headers["set-cookie"]
    assert cookie.startswith("asked=")
    assert cookie.endswith("; HttpOnly; Max-Age=600; Path=/api/session; SameSite=lax")
    answer = tried(anybody, code=texts.code(NOW), name="Meera")
    assert any(
        one.startswith("asked=") and "Max-Age=0" in one for one in answer.headers.get_list("set-cookie")
    )


def test_a_code_works_in_the_browser_that_asked_for_it(anybody: Caller, door: Door, texts: Texts) -> None:
    asked(anybody)
    code = texts.code(NOW)
    with opened(door.portal) as other:
        elsewhere = page_of(tried(Caller(other), phone=NUMBER, code=code, name="Meera"))
    assert elsewhere == ("/sign-in/phone/", {"sent": "1", "problem": "wrong_texted_code"})
    assert page_of(tried(anybody, code=code, name="Meera")) == ("/", {})


def test_a_refused_number_goes_back_to_its_form_and_leaves_the_other_one_closed(anybody: Caller) -> None:
    for phone, fields in (("080 4718 2200", "phone.no_mobile"), ("12", "phone")):
        assert page_of(asked(anybody, phone=phone, next="/account/")) == (
            "/sign-in/",
            {"problem": "validation", "fields": fields, "by": "phone", "next": "/account/"},
        )


def test_a_wrong_code_and_a_refused_name_go_back_to_their_form(anybody: Caller, texts: Texts) -> None:
    asked(anybody)
    code = texts.code(NOW)
    wrong = page_of(tried(anybody, code=other_than(code)))
    assert wrong == ("/sign-in/phone/", {"sent": "1", "problem": "wrong_texted_code"})
    tried(anybody, code=code)
    refused = page_of(tried(anybody, name="www.evil.example"))
    assert refused == (
        "/sign-in/phone/",
        {"new": "1", "problem": "validation", "fields": "name.address"},
    )
    assert page_of(tried(anybody, name="Meera")) == ("/", {})


def test_another_code_goes_to_the_same_number_and_ends_the_first(anybody: Caller, texts: Texts) -> None:
    asked(anybody)
    first = texts.code(NOW)
    again = anybody.form("/api/session/phone/request", {"again": "1"})
    assert page_of(again) == ("/sign-in/phone/", {"sent": "1"})
    second = texts.code(NOW)
    assert texts.sent[0].to == texts.sent[1].to
    if first != second:
        assert page_of(tried(anybody, code=first, name="Meera"))[1]["problem"] == "wrong_texted_code"
    assert page_of(tried(anybody, code=second, name="Meera")) == ("/", {})


def test_too_many_codes_say_so_on_the_form_that_asked(
    anybody: Caller, configured: pytest.MonkeyPatch
) -> None:
    configured.setenv("RATE_LIMIT_CODES", "1/hour")
    settings.cache_clear()
    asked(anybody)
    assert page_of(asked(anybody)) == ("/sign-in/", {"problem": "too_many_codes", "by": "phone"})
    again = page_of(anybody.form("/api/session/phone/request", {"again": "1"}))
    assert again == ("/sign-in/phone/", {"problem": "too_many_codes", "sent": "1"})


def test_a_form_of_another_site_is_refused(anybody: Caller, texts: Texts) -> None:
    answer = anybody.form("/api/session/phone/request", {"phone": NUMBER}, Origin="https://evil.example")
    assert answer.status_code == 403
    assert texts.sent == []


def test_the_answers_stay_in_the_language_of_the_form(anybody: Caller) -> None:
    answer = anybody.form("/api/session/phone/request?lang=hi", {"phone": NUMBER})
    assert answer.status_code == 303
