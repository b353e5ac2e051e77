"""What became of a mail, in words for the desk: each refusal has its own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from booking_ui.db.models import DeliveryStatus, Notification
from booking_ui.domain.mail_refusal import Refusal
from booking_ui.services.mail import answers

NOW = datetime(2026, 1, 5, 4, 30, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Kolkata")


def words(status: DeliveryStatus, **facts: Any) -> str:
    row = Notification(key="1", kind="confirmed", status=status, created_at=NOW, **facts)
    return answers.in_words(row, ZONE)


CASES = [
    (DeliveryStatus.WAITING, {"next_attempt_at": NOW}, "It leaves within seconds."),
    (
        DeliveryStatus.WAITING,
        {"next_attempt_at": NOW + timedelta(hours=1), "refusal": Refusal.AWAY, "last_error": "TimeoutError"},
        "The mail server can't be reached (TimeoutError). Next try Mon 5 Jan, 11:00 am.",
    ),
    (DeliveryStatus.DONE, {"sent_at": NOW}, "Sent Mon 5 Jan, 10:00 am."),
    (DeliveryStatus.IGNORED, {"last_error": "moved again"}, "Not sent: moved again."),
    (
        DeliveryStatus.PARKED,
        {"refusal": Refusal.SENDER, "last_error": "SMTPSenderRefused 553"},
        "The mail server does not send for our address (SMTPSenderRefused 553).",
    ),
    (DeliveryStatus.PARKED, {"last_error": "SMTPDataError 554"}, "SMTPDataError 554."),  # older than refusals
]


@pytest.mark.parametrize(("status", "facts", "sentence"), CASES)
def test_each_state_is_a_sentence(status: DeliveryStatus, facts: dict[str, Any], sentence: str) -> None:
    assert words(status, **facts) == sentence


def test_every_refusal_has_words_of_its_own() -> None:
    assert set(answers.REFUSALS) == set(Refusal)
    assert len(set(answers.REFUSALS.values())) == len(answers.REFUSALS)
