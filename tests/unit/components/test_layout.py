"""The frame of every page."""

from __future__ import annotations

import pytest

from booking_ui.components.shared import layout
from booking_ui.config.settings import settings


@pytest.mark.parametrize(
    ("hours", "after_the_number"),
    [("Monday to Friday", ", Monday to Friday."), ("", ".")],
)
def test_the_foot_of_a_page_says_when_somebody_answers(
    configured: pytest.MonkeyPatch, hours: str, after_the_number: str
) -> None:
    configured.setenv("SUPPORT_HOURS", hours)
    settings.cache_clear()
    foot = str(layout.page())
    assert foot.count(f'"{after_the_number}"') == 1
    assert "8 am" not in foot
