"""Names that carry an address or a number are told from names with dots, initials and joiners."""

from __future__ import annotations

import pytest

from booking_ui.domain.errors import BadInput, FieldError
from booking_ui.domain.people import address_like, family, person
from booking_ui.domain.people.address_like import looks_like_address
from tests.support.cast import NOW

MESSAGES = [
    "Visit http://evil.example now",
    "evil.example",
    "see bit.ly/abc",
    "www evil",
    "asha@example.com",
    "evil․example",  # a one dot leader
    "ｅｖｉｌ．ｅｘａｍｐｌｅ",
    "пример.рф",
    "go to 10.0.0.1",
    "Call 98450 12345",
    "Call +91-98450-12345 today",
    "Call 98450/12345 or 98450_12345",
    "Call ९८४५०·१२३४५",
    "Join t.me/evil",
]
NAMES = ["S.Ramesh", "A.P.J. Abdul Kalam", "K. Srinivasan", "Asha Rao, Ph.D", "Ravi S/O Kumar", "Élodie O’Brien-Díaz",
         "Kiran 2nd", "डॉ.राव", "ക്\u200dരിസ്റ്റീന", "Mohd. Irfan"]  # fmt: skip


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_in_a_name_is_refused_with_its_own_kind_of_error(name: str) -> None:
    assert looks_like_address(name)
    assert person.clean_name(name) == ""
    refusals: list[FieldError] = []
    for attempt in (
        lambda: person.applicant(name, "asha@example.com", "9845012345", "correct horse 9"),
        lambda: person.contact(name=name, phone=None),
        lambda: family.member(name=name, relation="child", born_on=None, today=NOW.date()),
    ):
        with pytest.raises(BadInput) as refused:
            attempt()
        refusals += refused.value.errors
    assert {(one.field, one.kind, one.message) for one in refusals} == {
        ("name", address_like.KIND, address_like.SENTENCE)
    }


@pytest.mark.parametrize("name", NAMES)
def test_initials_titles_and_other_scripts_stay_names(name: str) -> None:
    assert not looks_like_address(name)
    assert person.clean_name(name) == name
