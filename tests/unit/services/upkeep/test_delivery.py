"""A mail is sent once, tried again by steps, and parked at the end, which is a case for the desk."""

from __future__ import annotations

import socketserver
import threading
from contextlib import suppress
from datetime import datetime, timedelta
from email import message_from_bytes
from pathlib import Path

import pytest
from sqlmodel import col, delete, select

from booking_ui.config.settings import settings
from booking_ui.db import queues
from booking_ui.db.models import Appointment, DeliveryStatus, Notification, pk
from booking_ui.db.session import read, write
from booking_ui.domain.mail_refusal import Refusal
from booking_ui.services.booking import claim
from booking_ui.services.cases import reconciliation_cases
from booking_ui.services.desk import mark_payment
from booking_ui.services.mail import outbox
from booking_ui.services.upkeep import delivery
from tests.support.cancelling import promises
from tests.support.cast import NOW, Cast
from tests.support.paying import bill_of, paid_at_the_desk
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
            outbox.add_visit_message(tx, appointment_id=visit_id, kind=kind, now=NOW, key=key)


def rows() -> list[Notification]:
    with read() as tx:
        return list(tx.exec(select(Notification).order_by(col(Notification.id))).all())


def state() -> tuple[str, str, int, datetime | None]:
    (row,) = rows()
    return row.status, row.last_error, row.attempts, row.next_attempt_at


def subjects(folder: Path) -> list[str]:
    return sorted(str(message_from_bytes(file.read_bytes())["Subject"]) for file in folder.glob("*.eml"))


def test_a_due_mail_is_sent_once(failed_id: int, folder: Path) -> None:
    due(failed_id, "payment_failed")
    assert delivery.deliver_due(now=NOW - MINUTE) == 0
    assert [delivery.deliver_due(now=NOW) for _ in range(2)] == [1, 0]
    assert state() == ("done", "", 1, None)
    assert rows()[0].sent_at == NOW
    assert subjects(folder) == ["Your payment didn't go through"]


def test_a_leased_mail_is_nobody_elses_until_the_lease_ends(visit_id: int) -> None:
    due(visit_id, "payment_failed", "slot_lost")
    first, second = (row.id for row in rows())
    assert list(delivery.lease_due(now=NOW, limit=1)) == [first]
    assert list(delivery.lease_due(now=NOW, limit=5)) == [second]
    end = NOW + queues.MAILS.lease
    assert list(delivery.lease_due(now=end - timedelta(seconds=1), limit=5)) == []
    assert list(delivery.lease_due(col(Notification.kind) == "slot_lost", now=end, limit=5)) == [second]


def test_what_needs_razorpays_word_first_is_not_sent_from_here(visit_id: int) -> None:
    due(visit_id, *delivery.ASK_FIRST)
    assert delivery.deliver_due(now=NOW) == 0
    assert {row.status for row in rows()} == {"waiting"}


def test_a_server_that_refuses_is_tried_again_by_steps_and_then_the_mail_is_parked(
    failed_id: int, configured: pytest.MonkeyPatch
) -> None:
    configured.setenv("SMTP_URL", f"smtp://127.0.0.1:{free_port()}")
    settings.cache_clear()
    due(failed_id, "payment_failed")
    now = NOW
    for tries, step in enumerate(queues.MAILS.steps, 1):
        assert delivery.deliver_due(now=now) == 1
        assert state() == ("waiting", "ConnectionRefusedError 111", tries, now + step)
        now += step
    assert delivery.deliver_due(now=now) == 1
    assert state() == ("parked", "ConnectionRefusedError 111", len(queues.MAILS.steps) + 1, None)


def test_a_postponed_mail_has_lost_no_try(visit_id: int) -> None:
    due(visit_id, "payment_failed")
    (mail_id,) = delivery.lease_due(now=NOW, limit=1)
    delivery.postpone(mail_id, NOW + 7 * MINUTE)
    assert state() == ("waiting", "", 0, NOW + 7 * MINUTE)


class Refusing:
    """A mail server that takes no mail: it answers every sender with this code."""

    def __init__(self, code: int) -> None:
        refusal = f"{code} 5.7.1 Not from here\r\n".encode()

        class Talk(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                with suppress(ConnectionError):
                    self.wfile.write(b"220 here\r\n")
                    for line in self.rfile:
                        verb = line[:4].upper()
                        self.wfile.write(refusal if verb == b"MAIL" else b"250 ok\r\n")

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Talk)

    def __enter__(self) -> str:
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return f"smtp://127.0.0.1:{self.server.server_address[1]}"

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()


def cases() -> list[tuple[str, str, str]]:
    return [(case.subject, case.title, case.detail) for case in reconciliation_cases.open_cases()]


@pytest.mark.parametrize(("code", "end"), [(451, "waiting"), (553, "parked")])
def test_a_refusal_for_good_parks_the_mail_at_once_and_a_passing_one_does_not(
    failed_id: int, configured: pytest.MonkeyPatch, code: int, end: str
) -> None:
    due(failed_id, "payment_failed")
    with Refusing(code) as url:
        configured.setenv("SMTP_URL", url)
        settings.cache_clear()
        assert delivery.deliver_due(now=NOW) == 1
    assert (state()[:3], rows()[0].refusal) == ((end, f"SMTPSenderRefused {code}", 1), Refusal.SENDER)
    assert len(cases()) == (end == "parked")
    assert promises(NOW) == []


def test_a_parked_mail_is_a_case_until_it_is_sent(failed_id: int, configured: pytest.MonkeyPatch) -> None:
    due(failed_id, "payment_failed")
    (row,) = rows()
    with Refusing(553) as url:
        configured.setenv("SMTP_URL", url)
        settings.cache_clear()
        delivery.deliver_due(now=NOW)
    with read() as tx:
        reference = tx.get_one(Appointment, failed_id).reference
    detail = f"Payment failed, booking {reference}: SMTPSenderRefused 553."
    assert cases() == [(f"mail:{row.id}", "A message could not be sent", detail)]
    configured.setenv("SMTP_URL", "")
    settings.cache_clear()
    with write() as tx:
        again = tx.get_one(Notification, pk(row))
        again.status, again.next_attempt_at = DeliveryStatus.WAITING, NOW
    assert delivery.deliver_due(now=NOW) == 1
    assert (cases(), state()[:2], rows()[0].refusal) == ([], ("done", ""), None)


def test_a_parked_mail_whose_reason_went_is_no_case_any_more(
    cast: Cast, failed_id: int, configured: pytest.MonkeyPatch
) -> None:
    due(failed_id, "payment_failed")
    (row,) = rows()
    with Refusing(553) as url:
        configured.setenv("SMTP_URL", url)
        settings.cache_clear()
        delivery.deliver_due(now=NOW)
    paid_at_the_desk(cast, failed_id)
    delivery.deliver(pk(row), NOW)
    assert (cases(), rows()[0].status) == ([], "ignored")


def test_a_parked_mail_that_the_desk_was_not_told_of_breaks_the_promise(failed_id: int) -> None:
    due(failed_id, "payment_failed")
    with write() as tx:
        row = tx.get_one(Notification, pk(rows()[0]))
        row.status, row.next_attempt_at = DeliveryStatus.PARKED, None
    assert promises(NOW) == ["8: given up, and the desk was not told"]
