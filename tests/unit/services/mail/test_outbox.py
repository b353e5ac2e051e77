"""A mail is a row beside its reason: due once, sent once, tried again by steps, and then parked."""

from __future__ import annotations

from datetime import datetime, timedelta
from email import message_from_bytes
from pathlib import Path

import pytest
from sqlmodel import col, delete, select

from booking_ui.config.settings import settings
from booking_ui.db import queues
from booking_ui.db.models import Notification, pk
from booking_ui.db.session import read, write
from booking_ui.services.booking import claim
from booking_ui.services.desk import mark_payment
from booking_ui.services.mail import outbox
from tests.support.cast import NOW, Cast
from tests.support.paying import bill_of
from tests.support.servers import free_port

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
            outbox.add_visit_mail(tx, appointment_id=visit_id, kind=kind, now=NOW, key=key)


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
    assert outbox.deliver_due(now=NOW + timedelta(days=1)) == 0
    assert subjects(folder) == []


def test_a_due_mail_is_sent_once(failed_id: int, folder: Path) -> None:
    due(failed_id, "payment_failed")
    assert outbox.deliver_due(now=NOW - MINUTE) == 0
    assert [outbox.deliver_due(now=NOW) for _ in range(2)] == [1, 0]
    assert state() == ("done", "", 1, None)
    assert rows()[0].sent_at == NOW
    assert subjects(folder) == ["Your payment didn't go through"]


def test_a_leased_mail_is_nobody_elses_until_the_lease_ends(visit_id: int) -> None:
    due(visit_id, "payment_failed", "slot_lost")
    first, second = (row.id for row in rows())
    assert list(outbox.lease_due(now=NOW, limit=1)) == [first]
    assert list(outbox.lease_due(now=NOW, limit=5)) == [second]
    end = NOW + queues.MAILS.lease
    assert list(outbox.lease_due(now=end - timedelta(seconds=1), limit=5)) == []
    assert list(outbox.lease_due(col(Notification.kind) == "slot_lost", now=end, limit=5)) == [second]


def test_what_needs_razorpays_word_first_is_not_sent_from_here(visit_id: int) -> None:
    due(visit_id, *outbox.ASK_FIRST)
    assert outbox.deliver_due(now=NOW) == 0
    assert {row.status for row in rows()} == {"waiting"}


def test_a_server_that_refuses_is_tried_again_by_steps_and_then_the_mail_is_parked(
    failed_id: int, configured: pytest.MonkeyPatch
) -> None:
    configured.setenv("SMTP_URL", f"smtp://127.0.0.1:{free_port()}")
    settings.cache_clear()
    due(failed_id, "payment_failed")
    now = NOW
    for tries, step in enumerate(queues.MAILS.steps, 1):
        assert outbox.deliver_due(now=now) == 1
        assert state() == ("waiting", "ConnectionRefusedError 111", tries, now + step)
        now += step
    assert outbox.deliver_due(now=now) == 1
    assert state() == ("parked", "ConnectionRefusedError 111", len(queues.MAILS.steps) + 1, None)


def test_a_postponed_mail_has_lost_no_try(visit_id: int) -> None:
    due(visit_id, "payment_failed")
    (mail_id,) = outbox.lease_due(now=NOW, limit=1)
    outbox.postpone(mail_id, NOW + 7 * MINUTE)
    assert state() == ("waiting", "", 0, NOW + 7 * MINUTE)
