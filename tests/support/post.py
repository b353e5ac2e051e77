"""The mails that left the house, and what they carry."""

from __future__ import annotations

import re
from datetime import datetime

import pytest

from booking_ui.gateways import mail
from booking_ui.services.mail import outbox


class Post:
    """Every mail handed over while the fixture lives."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sent: list[mail.Message] = []
        monkeypatch.setattr(mail, "send", self.sent.append)

    def newest(self, now: datetime) -> str:
        """The secret of the newest mail: what follows the #, or the six digits."""
        outbox.deliver_due(now=now)
        body = self.sent[-1].text
        if link := re.search(r"#([\w-]{43})\s", body):
            return link[1]
        code = re.search(r"\b(\d{3}) (\d{3})\b", body)
        assert code
        return "".join(code.groups())
