"""A mail is a row beside its reason: due once, sent once, tried again by steps, and then parked."""

from __future__ import annotations

from datetime import datetime, timedelta
from email import message_from_bytes
from pathlib import Path

import pytest
from sqlmodel import col, delete, select

from booking_ui.config.settings import settings
from booking_ui.db.models import Notification, pk
from booking_ui.db.session import read, write
from booking_ui.services.booking import claim
from booking_ui.services.desk import mark_payment
from booking_ui.services.mail import outbox
from booking_ui.services.upkeep import delivery
from tests.support.cast import NOW, Cast
from tests.support.paying import bill_of

MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def folder(configured: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The mails of a clinic without a mail server."""
    configured.setenv("DATA_DIR", str(tmp_path))
    settings.cache_clear()
    return tmp_path / "mail"


@pytest.fixture
def visit_id(cast: Cast) -> int:
    """A held visit of Asha's, about which no mail is due."""
    found = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW).id
    forget_mails()
    return found


@pytest.fixture
def failed_id(cast: Cast, visit_id: int) -> int:
    """A visit of Asha's whose payment failed."""
    bill = pk(bill_of(visit_id))
    mark_payment.mark(admin=cast.devi, payment_id=bill, status="failed", reason="never came", now=NOW)
    forget_mails()
    return visit_id


def forget_mails() -> None:
    with write() as tx:
        tx.exec(delete(Notification))


def due(visit_id: int, *kinds: str, key: str = "") -> None:
    with write() as tx:
        for kind in kinds:
            outbox.add_visit_message(tx, appointment_id=visit_id, kind=kind, now=NOW, key=key)


def rows() -> list[Notification]:
    with read() as tx:
        return list(tx.exec(select(Notification).order_by(col(Notification.id))).all())


def state() -> tuple[str, str, int, datetime | None]:
    (row,) = rows()
    return row.status, row.last_error, row.attempts, row.next_attempt_at


def subjects(folder: Path) -> list[str]:
    return sorted(str(message_from_bytes(file.read_bytes())["Subject"]) for file in folder.glob("*.eml"))


def test_a_visits_mail_is_due_once_for_each_kind_and_key(visit_id: int) -> None:
    due(visit_id, "payment_failed", "payment_failed", "slot_lost")
    due(visit_id, "payment_failed")
    due(visit_id, "payment_failed", key="second")
    assert [row.key for row in rows()] == [
        f"{visit_id}:payment_failed:",
        f"{visit_id}:slot_lost:",
        f"{visit_id}:payment_failed:second",
    ]
    assert {(row.status, row.next_attempt_at) for row in rows()} == {("waiting", NOW)}


def test_a_mail_to_nobody_is_a_row_that_is_never_sent(cast: Cast, folder: Path) -> None:
    with write() as tx:
        outbox.add_account_mail(tx, person_id=None, code_id=None, kind="sign_in_code", key="1", now=NOW)
    assert state() == ("ignored", "nobody has this address", 0, None)
    assert delivery.deliver_due(now=NOW + timedelta(days=1)) == 0
    assert subjects(folder) == []
