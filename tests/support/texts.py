"""Text messages that left the house, and the codes in them."""

from __future__ import annotations

from datetime import datetime

import pytest

from booking_ui.gateways import texts
from booking_ui.services.upkeep import delivery


class Texts:
    """Every text handed over while the fixture lives."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sent: list[texts.Text] = []
        monkeypatch.setattr(texts, "send", self.sent.append)

    def code(self, now: datetime) -> str:
        """The newest six digits that were sent."""
        delivery.deliver_due(now=now)
        return next(one.values["code"] for one in reversed(self.sent) if one.values["code"])


def other_than(code: str) -> str:
    """Six digits that do not fit."""
    return f"{(int(code) + 1) % 1_000_000:06d}"
