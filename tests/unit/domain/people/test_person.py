"""Names and telephone numbers, each in the one way it is stored."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking_ui import demo
from booking_ui.domain.errors import BadInput
from booking_ui.domain.people import password as passwords
from booking_ui.domain.people.person import (
    NO_MOBILE,
    applicant,
    clean_email,
    clean_name,
    clean_phone,
    mobile_number,
    same_phone,
    spaced_phone,
)

ASHAS = "+919876543210"


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("9876543210", ASHAS),
        ("09876543210", ASHAS),
        ("919876543210", ASHAS),
        ("0091 98765 43210", ASHAS),
        ("+919876543210", ASHAS),
        ("+91 98765-43210", ASHAS),
        ("(98765) 43210", ASHAS),
        ("98765‑43210", ASHAS),
        ("080 4718 2200", "+918047182200"),
        ("+44 20 7946 0958", "+442079460958"),
        ("+44 (0)20 7946 0958", "+442079460958"),
        ("+1 415-555-0123", "+14155550123"),
    ],
)
def test_a_phone_number_is_kept_with_its_country(written: str, stored: str) -> None:
    assert clean_phone(written) == stored


@pytest.mark.parametrize(
    "written",
    [
        "\u202a+91 98765 43210\u202c",
        "\u2066+91\u00a098765\u00a043210\u2069",
        "+91\u202f98765\u200743210",
        "९८७६५४३२१०",
        "+९१ ९८७६५ ४३२१०",
        "９８７６５４３２１０",
        "\u200b98765\u200c43210\ufeff",
    ],
)
def test_a_number_means_the_same_however_it_was_copied(written: str) -> None:
    assert clean_phone(written) == ASHAS


@pytest.mark.parametrize(
    "written",
    [
        "",
        "12",
        "1234567890",
        "+91 12345 67890",
        "+91 12345",
        "0123456789",
        "०१२३४५६७८९",
        "1111111111",
        "5555555555",
        "+91987654321012",
        "+1 555 0123",
        "+999 98765 43210",
        "98765abcde",
        "98765 43210 ext. 5",
        "1-800-FLOWERS",
        "98765 43210, 98765 43211",
        "9" * 300,
    ],
)
def test_a_number_that_cannot_exist_is_none(written: str) -> None:
    assert clean_phone(written) == ""


@given(st.text() | st.text("0123456789+ -()०९\u202a", max_size=20))
def test_a_stored_number_fits_its_column_and_is_read_as_itself(written: str) -> None:
    stored = clean_phone(written)
    assert len(stored) <= 16
    assert clean_phone(stored) == clean_phone(spaced_phone(stored)) == stored


def test_everybody_in_the_demo_can_be_called() -> None:
    people = json.loads((Path(demo.__file__).parent / "clinic.json").read_text())["people"]
    assert [clean_phone(one["phone"]) for one in people] == [one["phone"] for one in people]


def test_numbers_are_spaced_for_people_even_those_from_before_todays_rules() -> None:
    assert spaced_phone(ASHAS) == "+91 98765 43210"
    assert spaced_phone("+911234567890") == "+91 12345 67890"
    assert spaced_phone("+442079460958") == "+442079460958"
    assert spaced_phone("") == ""


def test_a_stored_number_is_known_again_in_every_spelling() -> None:
    assert same_phone("+91 12345-67890", "+911234567890")
    assert same_phone("\u202a+91 १२३४५ 67890\u202c", "+911234567890")
    assert not same_phone("+91 98765 43210", "+911234567890")
    assert not same_phone("", "")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" Asha@Example.COM ", "asha@example.com"),
        ("asha@दिल.com", "asha@xn--j2by1b.com"),
        ("दिल@example.com", ""),
        ("asha@localhost", ""),
    ],
)
def test_an_address_is_kept_as_every_mail_server_reads_it(typed: str, kept: str) -> None:
    assert clean_email(typed) == kept


@pytest.mark.parametrize("name", ["आशा राव", "Élodie O’Brien-Díaz", "ക്\u200dരിസ്റ്റീന", "李"])
def test_names_of_every_script_are_names(name: str) -> None:
    assert clean_name(name) == name


@pytest.mark.parametrize(
    ("name", "mail", "phone", "password", "fields"),
    [
        ("", "asha@example.com", ASHAS, "password", ["name"]),
        ("Asha", "asha", ASHAS, "password", ["email"]),
        ("Asha", "asha@example.com", "1", "password", ["phone"]),
        ("Asha", "asha@example.com", "1", "short", ["phone", "password"]),
        ("Asha", "asha@example.com", ASHAS, "password", ["password"]),
    ],
)
def test_a_password_is_judged_once_all_that_is_cheap_to_judge_is_right(
    name: str, mail: str, phone: str, password: str, fields: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    judged: list[str] = []
    judge = passwords.guessable

    def counted(*given: str) -> bool:
        judged.append(given[0])
        return judge(*given)

    monkeypatch.setattr(passwords, "guessable", counted)
    with pytest.raises(BadInput) as refused:
        applicant(name, mail, phone, password)
    assert [error.field for error in refused.value.errors] == fields
    assert judged == (["password"] if fields == ["password"] else [])


@pytest.mark.parametrize("written", ["98765 43210", "+1 415-555-0123", "९८७६५४३२१०"])
def test_a_mobile_number_gets_texts(written: str) -> None:
    assert mobile_number(written) == clean_phone(written)


@pytest.mark.parametrize(
    ("written", "kind"), [("080 4718 2200", NO_MOBILE), ("+44 20 7946 0958", NO_MOBILE), ("12", "")]
)
def test_a_landline_and_what_is_no_number_get_none_and_each_says_so(written: str, kind: str) -> None:
    with pytest.raises(BadInput) as refused:
        mobile_number(written)
    assert [(one.field, one.kind) for one in refused.value.errors] == [("phone", kind)]
