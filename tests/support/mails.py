"""Mails: those that left the house, and the text of one that is due."""

from __future__ import annotations

import re
from datetime import datetime

import pytest

from booking_ui.db.models import Appointment, Notification
from booking_ui.db.session import read
from booking_ui.gateways import mail
from booking_ui.services.mail import visit_mails
from booking_ui.services.upkeep import delivery
from booking_ui.services.visits import patient_view


class Post:
    """Every mail handed over while the fixture lives."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sent: list[mail.Message] = []
        monkeypatch.setattr(mail, "send", self.sent.append)

    def newest(self, now: datetime) -> str:
        """The newest secret that was mailed: what follows the #, or the six digits."""
        delivery.deliver_due(now=now)
        for one in reversed(self.sent):
            if link := re.search(r"#([\w-]{43})\s", one.text):
                return link[1]
            if code := re.search(r"\b(\d{3}) (\d{3})\b", one.text):
                return "".join(code.groups())
        raise AssertionError(f"no secret in {len(self.sent)} mails")


def written(notification_id: int, now: datetime) -> mail.Message:
    """The text of a due mail, without sending it."""
    with read() as tx:
        row = tx.get_one(Notification, notification_id)
        booking = patient_view.load(tx, Appointment.id == row.appointment_id)[0]
    return visit_mails.compose(row, booking, now)
