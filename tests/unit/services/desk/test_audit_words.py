from __future__ import annotations

import pytest

from booking_ui.db.models import AuditEntry
from booking_ui.languages import speaking
from booking_ui.services.desk import audit_words
from tests.support.cast import NOW


def words(action: str, before: str = "", after: str = "", *, language: str = "en") -> str:
    row = AuditEntry(
        subject="clinic", seq=1, at=NOW, actor="admin:3", action=action, before=before, after=after,
        previous_hash="", hash="",
    )  # fmt: skip
    with speaking(language):
        return audit_words.words(row)


@pytest.mark.parametrize(
    ("row", "english", "hindi"),
    [
        (("signed_in",), "signed in", "साइन इन किया"),
        (("role", "patient", "admin"), "role: patient → admin", "भूमिका: मरीज़ → डेस्क"),
        (("role", "", "doctor"), "role: nothing → doctor", "भूमिका: कुछ नहीं → डॉक्टर"),
        (("closed", "", "2026-01-06 to 2026-01-08"), "closed: nothing → 2026-01-06 to 2026-01-08",
         "बंद: कुछ नहीं → 2026-01-06 से 2026-01-08"),
        (("doctor_changed_fee", "500", "800"), "doctor changed fee: 500 → 800", "डॉक्टर में बदलाव, फ़ीस: 500 → 800"),
        (("doctor_changed_practising_since", "2008", ""), "doctor changed practising since: 2008 → nothing",
         "डॉक्टर में बदलाव, किस साल से प्रैक्टिस में: 2008 → कुछ नहीं"),
    ],
)  # fmt: skip
def test_an_action_is_named_with_what_stood_before_and_after(
    row: tuple[str, ...], english: str, hindi: str
) -> None:
    assert (words(*row), words(*row, language="hi")) == (english, hindi)


def test_what_people_wrote_stays_as_they_wrote_it() -> None:
    assert words("doctor_changed_about_hi", "", "doctor") == "doctor changed about hi: nothing → doctor"
    assert words("closed_hi", "", "closed", language="hi") == "बंद, हिन्दी में: कुछ नहीं → closed"


def test_an_action_that_nobody_knows_is_told_as_it_was_recorded() -> None:
    assert (
        words("slot_moved", "a", "b", language="hi") == words("slot_moved", "a", "b") == "slot moved: a → b"
    )
