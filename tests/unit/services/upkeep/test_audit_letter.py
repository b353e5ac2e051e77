"""The newest root leaves the machine once a day."""

from __future__ import annotations

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from booking_ui.config.settings import settings
from booking_ui.services.journal import audit_roots
from booking_ui.services.upkeep import audit_letter
from tests.support.cast import NOW, Cast


def sent() -> list[str]:
    return [
        path.read_text()
        for path in (settings().data_dir / "mail").glob("*.eml")
        if "Root of" in path.read_text()
    ]


def test_once_a_day_to_the_log_and_by_mail(cast: Cast, configured: pytest.MonkeyPatch) -> None:
    configured.setenv("ALERT_EMAIL", "audit@clinic.example")
    settings.cache_clear()
    for path in (settings().data_dir / "mail").glob("*.eml"):
        path.unlink()
    with capture_logs() as log:
        turns = [audit_letter.send_daily(now=NOW + timedelta(hours=hours)) for hours in (0, 1, 23, 25)]
    root = audit_roots.newest_name()
    assert turns == [1, 0, 0, 1]
    assert [one["root"] for one in log if one["event"] == "audit.root"] == [root, root]
    assert audit_roots.is_name(root)
    assert len(sent()) == 1  # the second letter tells of the same root: it is the same mail
    assert any("audit@clinic.example" in one for one in sent())


def test_without_an_address_the_log_has_it(cast: Cast) -> None:
    with capture_logs() as log:
        assert audit_letter.send_daily(now=NOW) == 1
    assert [one["event"] for one in log] == ["audit.root"]
