"""The ledger of mails: newest first, searched and counted; each can be sent again, once a click."""

from __future__ import annotations

from datetime import datetime, timedelta
from email import message_from_bytes
from pathlib import Path

import pytest
from sqlmodel import col, select

from booking_ui.config.settings import settings
from booking_ui.db import queues
from booking_ui.db.models import Appointment, AuditEntry, DeliveryStatus, Notification, Person, pk
from booking_ui.db.session import read, write
from booking_ui.domain.errors import BadInput, NotFound
from booking_ui.domain.mail_refusal import Refusal
from booking_ui.gateways import mail
from booking_ui.services.accounts import erasure
from booking_ui.services.booking import cancel, claim
from booking_ui.services.cases import reconciliation_cases
from booking_ui.services.desk import messages
from booking_ui.services.desk.messages import MessageFilter
from booking_ui.services.journal import audit
from booking_ui.services.mail import outbox
from booking_ui.services.upkeep import delivery
from booking_ui.services.views.desk import MessageRow
from tests.support.cancelling import promises
from tests.support.cast import NOW, Cast
from tests.support.paying import paid_at_the_desk
from tests.support.remarks import quoted
from tests.support.servers import free_port

SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def folder(configured: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The mails of a clinic without a mail server."""
    configured.setenv("DATA_DIR", str(tmp_path))
    settings.cache_clear()
    return tmp_path / "mail"


@pytest.fixture
def visit(cast: Cast) -> Appointment:
    """A confirmed visit of Asha's; its mail waits."""
    held = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW).id
    paid_at_the_desk(cast, held)
    with read() as tx:
        return tx.get_one(Appointment, held)


def found(status: str = "", q: str = "") -> list[tuple[str, str, str, str]]:
    rows = messages.listed(MessageFilter(status, q)).rows
    return [(row.label, row.recipient, row.reference, row.status) for row in rows]


def only() -> MessageRow:
    (row,) = messages.listed(MessageFilter()).rows
    return row


def changed(message_id: int, **values: object) -> None:
    with write() as tx:
        row = tx.get_one(Notification, message_id)
        row.sqlmodel_update(values)
        tx.add(row)


def noted(subject: str) -> list[tuple[str, str, str]]:
    with read() as tx:
        rows = tx.exec(
            select(AuditEntry).where(AuditEntry.subject == subject, AuditEntry.action == "sent_again")
        )
        return [(row.actor, row.before, row.reason) for row in rows]


def by_a_server_that_is_away(configured: pytest.MonkeyPatch) -> None:
    configured.setenv("SMTP_URL", f"smtp://127.0.0.1:{free_port()}")
    settings.cache_clear()


def test_each_mail_stands_there_with_its_reader_booking_and_state(cast: Cast, visit: Appointment) -> None:
    with write() as tx:
        outbox.add_account_mail(
            tx, person_id=cast.bilal, code_id=None, kind="password_changed", key="1", now=NOW
        )
        outbox.add_account_mail(tx, person_id=None, code_id=None, kind="sign_in_code", key="2", now=NOW)
    delivery.deliver_due(now=NOW, limit=1)
    page = messages.listed(MessageFilter())
    assert found() == [
        ("Password changed", "bilal@example.com", "", "waiting"),
        ("Visit confirmed", "asha@example.com", visit.reference, "done"),
    ]
    assert page.status_counts == [("waiting", 1), ("done", 1), ("ignored", 0), ("parked", 0)]
    assert [row.answer for row in page.rows] == ["It leaves within seconds.", "Sent Mon 5 Jan, 10:00 am."]


def test_a_search_finds_booking_name_and_address_and_counts_what_it_finds(
    cast: Cast, visit: Appointment
) -> None:
    with write() as tx:
        outbox.add_account_mail(
            tx, person_id=cast.bilal, code_id=None, kind="password_changed", key="1", now=NOW
        )
    confirmed = ("Visit confirmed", "asha@example.com", visit.reference, "waiting")
    changed_one = ("Password changed", "bilal@example.com", "", "waiting")
    with read() as tx:
        name = tx.get_one(Person, cast.asha).name
    assert found(q=visit.reference.lower()) == [confirmed]
    assert found(q=name[:4]) == [confirmed]
    assert found(q="bilal@") == [changed_one]
    assert found(q="%") == []
    assert found(status="waiting") == [changed_one, confirmed]
    assert found(status="parked") == []
    counted = messages.listed(MessageFilter(q="bilal")).status_counts
    assert dict(counted) == {"waiting": 1, "done": 0, "ignored": 0, "parked": 0}


def test_what_means_nothing_is_refused() -> None:
    for wrong in (MessageFilter("lost"), MessageFilter(page=0), MessageFilter(page_size=101)):
        with pytest.raises(BadInput):
            messages.listed(wrong)


def test_a_mail_that_waits_says_why_and_until_when(
    visit: Appointment, configured: pytest.MonkeyPatch
) -> None:
    by_a_server_that_is_away(configured)
    delivery.deliver_due(now=NOW)
    away = "The mail server can't be reached (ConnectionRefusedError 111). Next try Mon 5 Jan, 10:00 am."
    assert (only().status, only().answer, only().attempts) == ("waiting", away, 1)


def test_a_parked_mail_is_sent_again_and_its_case_ends(
    cast: Cast, visit: Appointment, configured: pytest.MonkeyPatch
) -> None:
    changed(only().id, status=DeliveryStatus.PARKED, next_attempt_at=None, attempts=6,
            refusal=Refusal.SENDER, last_error="SMTPSenderRefused 553")  # fmt: skip
    with write() as tx:
        reconciliation_cases.open_within(
            tx, reconciliation_cases.CaseKind.MAIL_PARKED, outbox.case_subject(only().id), quoted("x"), NOW
        )
    assert only().answer == "The mail server does not send for our address (SMTPSenderRefused 553)."
    row = messages.send_again(admin=cast.devi, message_id=only().id, now=NOW)
    assert (row.status, row.attempts, row.answer) == ("waiting", 0, "It leaves within seconds.")
    assert len(reconciliation_cases.open_cases()) == 1  # until it has left
    assert delivery.deliver_due(now=NOW) == 1
    assert (only().status, reconciliation_cases.open_cases()) == ("done", [])
    assert noted(audit.booking(pk(visit))) == [(f"admin:{cast.devi.person_id}", "parked", "Visit confirmed")]
    assert promises(NOW) == []


def test_a_mail_that_is_refused_again_opens_the_case_that_the_desk_had_closed(
    cast: Cast, visit: Appointment, configured: pytest.MonkeyPatch
) -> None:
    by_a_server_that_is_away(configured)
    changed(only().id, attempts=len(queues.MAILS.steps))
    delivery.deliver_due(now=NOW)
    (case,) = reconciliation_cases.open_cases()
    reconciliation_cases.close(admin=cast.devi, case_id=case.id, note="told by phone", now=NOW)
    messages.send_again(admin=cast.devi, message_id=only().id, now=NOW)
    changed(only().id, attempts=len(queues.MAILS.steps))
    delivery.deliver_due(now=NOW)
    assert [one.id for one in reconciliation_cases.open_cases()] == [case.id]


def test_what_was_sent_is_sent_once_more_as_another_mail(
    cast: Cast, visit: Appointment, folder: Path
) -> None:
    delivery.deliver_due(now=NOW)
    messages.send_again(admin=cast.devi, message_id=only().id, now=NOW)
    delivery.deliver_due(now=NOW)
    copies = [message_from_bytes(file.read_bytes()) for file in folder.glob("*.eml")]
    assert len({str(one["Subject"]) for one in copies}) == 1
    assert len({str(one["Message-ID"]) for one in copies}) == 2  # a mailbox would hide a copy of the first


def test_it_looks_at_the_visit_as_it_leaves(cast: Cast, visit: Appointment, folder: Path) -> None:
    delivery.deliver_due(now=NOW)
    cancel.cancel_by_policy(patient_id=cast.asha, appointment_id=pk(visit), now=NOW)
    sent = next(row for row in messages.listed(MessageFilter()).rows if row.kind == "confirmed")
    messages.send_again(admin=cast.devi, message_id=sent.id, now=NOW)
    delivery.deliver_due(now=NOW)
    assert ("Visit confirmed", "asha@example.com", visit.reference, "ignored") in found()


def test_a_click_that_comes_twice_sends_one_mail(cast: Cast, visit: Appointment) -> None:
    delivery.deliver_due(now=NOW)
    messages.send_again(admin=cast.devi, message_id=only().id, now=NOW, seen=0)
    messages.send_again(admin=cast.devi, message_id=only().id, now=NOW, seen=0)  # it waits already
    delivery.deliver_due(now=NOW)
    messages.send_again(admin=cast.devi, message_id=only().id, now=NOW, seen=0)  # replayed after it was sent
    assert (only().status, only().sent_again, delivery.deliver_due(now=NOW)) == ("done", 1, 0)
    assert len(noted(audit.booking(pk(visit)))) == 1
    messages.send_again(admin=cast.devi, message_id=only().id, now=NOW, seen=1)
    assert (only().status, only().sent_again) == ("waiting", 2)


def test_a_mail_in_a_workers_hands_stays_there_and_one_that_waits_for_hours_leaves_now(
    cast: Cast, visit: Appointment
) -> None:
    lease = queues.MAILS.lease
    changed(only().id, next_attempt_at=NOW + lease, attempts=1)
    assert messages.send_again(admin=cast.devi, message_id=only().id, now=NOW).sent_again == 0
    changed(only().id, next_attempt_at=NOW + lease + SECOND, attempts=4)
    row = messages.send_again(admin=cast.devi, message_id=only().id, now=NOW)
    assert (row.sent_again, datetime.fromisoformat(row.next_attempt_at)) == (1, NOW)


def test_a_mail_about_an_account_is_noted_in_the_accounts_chain(cast: Cast) -> None:
    with write() as tx:
        outbox.add_account_mail(
            tx, person_id=cast.bilal, code_id=None, kind="password_changed", key="1", now=NOW
        )
    delivery.deliver_due(now=NOW)
    messages.send_again(admin=cast.devi, message_id=only().id, now=NOW)
    assert noted(f"person:{cast.bilal}") == [(f"admin:{cast.devi.person_id}", "done", "Password changed")]


def test_what_goes_to_nobody_and_what_does_not_exist_are_not_found(cast: Cast) -> None:
    with write() as tx:
        outbox.add_account_mail(tx, person_id=None, code_id=None, kind="sign_in_code", key="2", now=NOW)
        nobodys = pk(tx.exec(select(Notification).order_by(col(Notification.id))).one())
    for message_id in (nobodys, 2**31 - 1):
        with pytest.raises(NotFound):
            messages.send_again(admin=cast.devi, message_id=message_id, now=NOW)


def test_an_erased_account_leaves_no_copy_of_a_mail(cast: Cast, folder: Path) -> None:
    with write() as tx:
        outbox.add_account_mail(
            tx, person_id=cast.bilal, code_id=None, kind="password_changed", key="1", now=NOW
        )
    delivery.deliver_due(now=NOW)
    messages.send_again(admin=cast.devi, message_id=only().id, now=NOW)
    delivery.deliver_due(now=NOW)
    assert len(list(folder.glob("*.eml"))) == 2
    with write() as tx:
        keys = erasure.erase_person(tx, tx.get_one(Person, cast.bilal), NOW)
    mail.delete_files(keys)
    assert (found(), list(folder.glob("*.eml"))) == ([], [])


def test_a_mail_about_a_visit_is_not_sent_to_an_account_that_was_erased(
    cast: Cast, visit: Appointment
) -> None:
    with write() as tx:
        tx.get_one(Person, cast.asha).erased_at = NOW
    delivery.deliver_due(now=NOW)
    assert (only().status, only().answer) == ("ignored", "Not sent: nobody has this account any more.")
