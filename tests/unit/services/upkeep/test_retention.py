"""What is removed when its time is over, what stays, and that the trail still verifies. On both databases."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func
from sqlmodel import SQLModel, col, delete, select, update

from booking_ui.config.settings import settings
from booking_ui.db.models import (
    Appointment,
    AuditEntry,
    DeliveryStatus,
    Dependent,
    Downtime,
    Notification,
    OneTimeCode,
    Payment,
    PaymentAttempt,
    Person,
    ReconciliationCase,
    SignIn,
    WebhookEvent,
)
from booking_ui.db.session import Database, read, write
from booking_ui.domain.errors import WrongState
from booking_ui.domain.payment import PaymentStatus
from booking_ui.services.accounts import authentication, erasure, recovery
from booking_ui.services.booking import claim, dependents
from booking_ui.services.cases import reconciliation_cases
from booking_ui.services.cases.reconciliation_cases import CaseKind
from booking_ui.services.payments import downtimes, webhook_inbox
from booking_ui.services.receipts import issue
from booking_ui.services.upkeep import delivery, invariants, retention
from tests.support.cast import NOW, Cast
from tests.support.facts import downtime
from tests.support.races import until_it_waits_for_a_lock
from tests.support.receipts import given_back, many_paid_by_hand, receipts
from tests.support.remarks import quoted
from tests.support.webhooks import body, deliver

ORDER = "order_TVCpvdEADkAoMJ"
DAY = timedelta(days=1)
LATE = NOW + (7 * 366 + 2) * DAY


@pytest.fixture
def lived(cast: Cast) -> Cast:
    """A paid visit with its message, a session, a used-up code and their mails."""
    hers = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    with write() as tx:
        tx.exec(update(Payment).where(col(Payment.appointment_id) == hers.id).values(gateway_order_id=ORDER))
    deliver(body("payment.captured"))
    webhook_inbox.process_due(now=NOW)
    authentication.open_session(person_id=cast.asha, now=NOW)
    recovery.request_code(email="asha@example.com", now=NOW)
    recovery.request_code(email="nobody@example.com", now=NOW)
    delivery.deliver_due(now=NOW)
    for path in (settings().data_dir / "mail").glob("*.eml"):
        os.utime(path, (NOW.timestamp(), NOW.timestamp()))
    return cast


def count(table: type[SQLModel]) -> int:
    with read() as tx:
        return tx.exec(select(func.count()).select_from(table)).one()


def kept() -> dict[str, int]:
    tables = (Appointment, Payment, PaymentAttempt, WebhookEvent, Notification, OneTimeCode, SignIn)
    return {str(table.__tablename__): count(table) for table in tables}


def ids(table: type[Dependent] | type[ReconciliationCase]) -> list[int]:
    with read() as tx:
        return sorted(one for one in tx.exec(select(table.id)).all() if one)


def chains(kind: str) -> set[str]:
    with read() as tx:
        return set(tx.exec(select(AuditEntry.subject).where(col(AuditEntry.subject).startswith(kind))).all())


def mails() -> int:
    return len(list((settings().data_dir / "mail").glob("*.eml")))


def promises_hold() -> bool:
    return [c.violations for c in invariants.count(now=NOW)] == [[]] * 9


def test_nothing_is_removed_before_its_time(lived: Cast) -> None:
    before = kept()
    assert retention.sweep(now=NOW + 29 * DAY) == 0
    assert kept() == before


def test_mails_and_codes_go_after_a_month(lived: Cast) -> None:
    assert retention.sweep(now=NOW + 31 * DAY) > 0
    found = kept()
    assert (found["notification"], found["one_time_code"], mails()) == (1, 0, 0)  # the visit's own row stays
    assert promises_hold()


def test_a_session_goes_a_month_after_its_end(lived: Cast) -> None:
    retention.sweep(now=NOW + 59 * DAY)
    assert kept()["sign_in"] == 1
    retention.sweep(now=NOW + 61 * DAY)
    assert kept()["sign_in"] == 0


def test_a_message_loses_its_text_and_stays_known(lived: Cast) -> None:
    retention.sweep(now=NOW + 181 * DAY)
    with read() as tx:
        event = tx.exec(select(WebhookEvent)).one()
    assert (event.body, event.order_id, event.status) == (b"", ORDER, "done")
    assert not deliver(body("payment.captured"))  # the same again is still a repetition
    with pytest.raises(WrongState, match="was removed"):
        webhook_inbox.replay(admin=lived.devi, event_row_id=event.id or 0, now=NOW)
    with pytest.raises(WrongState, match="was removed"):
        webhook_inbox.dry_run(event_row_id=event.id or 0, now=NOW)
    assert promises_hold()


def test_a_message_that_is_replayed_at_this_moment_keeps_its_text(lived: Cast, db: Database) -> None:
    with ThreadPoolExecutor(1) as pool:
        with db.write() as replay:
            event = replay.exec(select(WebhookEvent).with_for_update()).one()
            event.status = DeliveryStatus.WAITING
            replay.flush()
            sweep = pool.submit(retention.sweep, now=NOW + 181 * DAY)
            until_it_waits_for_a_lock(db, who="the sweep")
        sweep.result(30)
    with read() as tx:
        assert tx.exec(select(WebhookEvent)).one().body


def test_a_replay_that_waited_for_the_sweep_says_that_the_text_is_gone(lived: Cast, db: Database) -> None:
    with ThreadPoolExecutor(1) as pool:
        with db.write() as sweep:
            retention._webhook_texts(sweep, NOW + 181 * DAY)
            replay = pool.submit(webhook_inbox.replay, admin=lived.devi, event_row_id=1, now=NOW)
            until_it_waits_for_a_lock(db, who="the replay")
        with pytest.raises(WrongState, match="was removed"):
            replay.result(30)
    with read() as tx:
        assert tx.exec(select(WebhookEvent)).one().status == "done"


def test_a_message_that_waits_for_a_person_keeps_its_text(lived: Cast) -> None:
    with write() as tx:
        tx.exec(update(WebhookEvent).values(status="parked"))
    retention.sweep(now=NOW + 1000 * DAY)
    with read() as tx:
        assert tx.exec(select(WebhookEvent)).one().body


def test_a_booking_is_kept_for_seven_years_and_then_goes_whole(lived: Cast) -> None:
    retention.sweep(now=NOW + 7 * 365 * DAY)
    assert (kept()["appointment"], kept()["payment"], kept()["payment_attempt"]) == (1, 1, 1)
    retention.sweep(now=LATE)
    assert kept() == dict.fromkeys(kept(), 0)
    assert promises_hold()
    with read() as tx:
        subjects = set(tx.exec(select(AuditEntry.subject)).all())
    assert not [one for one in subjects if one.startswith("appointment:")]


def test_a_payment_that_is_not_settled_outlives_its_time(lived: Cast) -> None:
    with write() as tx:
        tx.exec(update(Payment).values(status="refund_pending"))
    retention.sweep(now=NOW + 20 * 366 * DAY)
    assert kept()["payment"] == 1


def test_a_booking_without_a_bill_goes_with_the_others(lived: Cast) -> None:
    with write() as tx:
        for table in (PaymentAttempt, Payment):
            tx.exec(delete(table))
    retention.sweep(now=LATE)
    assert kept()["appointment"] == 0


def test_a_removed_dependent_goes_once_no_booking_names_her(lived: Cast) -> None:
    names = ("Visited", "Removed", "Present", "Erased")
    owners = (lived.asha, lived.asha, lived.asha, lived.bilal)
    visited, removed, present, erased = (
        dependents.add(patient_id=whose, name=name, relation="child", now=NOW).id
        for whose, name in zip(owners, names, strict=True)
    )
    claim.claim(patient_id=lived.asha, slot_id=lived.slots[1], dependent_id=visited, now=NOW)
    with write() as tx:
        tx.exec(update(Appointment).where(col(Appointment.dependent_id) == visited).values(status="failed"))
    for gone in (visited, removed):
        dependents.remove(patient_id=lived.asha, dependent_id=gone, now=NOW)
    with write() as tx:
        erasure.erase_person(tx, tx.get_one(Person, lived.bilal), NOW)

    retention.sweep(now=NOW + DAY)
    assert (ids(Dependent), chains("dependent:")) == (
        [visited, present],
        {f"dependent:{visited}", f"dependent:{present}"},
    )
    assert removed not in ids(Dependent)
    assert erased not in ids(Dependent)
    retention.sweep(now=LATE)
    assert (ids(Dependent), chains("dependent:")) == ([present], {f"dependent:{present}"})
    assert promises_hold()


def test_a_message_of_no_order_of_ours_goes_with_its_text(cast: Cast) -> None:
    for number in range(4):
        deliver(body("payment.captured", order_id=f"order_Nobodys00000{number}"), f"TVCtA000000000{number}")
    webhook_inbox.process_due(now=NOW)
    deliver(b"{}", "TVCtA000000000p")  # can't be read: parked
    webhook_inbox.process_due(now=NOW)
    deliver(b'{"entity": "event", "event": "settlement.processed", "payload": {}}', "TVCtA000000000n")
    webhook_inbox.process_due(now=NOW)
    with write() as tx:  # one that somebody is applying again this moment
        waiting = tx.exec(select(WebhookEvent).order_by(col(WebhookEvent.id))).first()
        assert waiting is not None
        waiting.status, waiting.next_attempt_at = DeliveryStatus.WAITING, NOW

    retention.sweep(now=NOW + 179 * DAY)
    assert count(WebhookEvent) == 6
    retention.sweep(now=NOW + 181 * DAY)
    with read() as tx:
        left = tx.exec(select(WebhookEvent.status, WebhookEvent.body).order_by(col(WebhookEvent.id))).all()
    assert [status for status, _ in left] == ["waiting", "parked", "ignored"]  # the last is the newest
    assert [bool(text) for _, text in left] == [True, True, False]
    assert promises_hold()


def test_a_downtime_goes_with_the_messages(cast: Cast) -> None:
    downtimes.record(fact=downtime(), now=NOW)
    retention.sweep(now=NOW + 179 * DAY)
    assert count(Downtime) == 1
    retention.sweep(now=NOW + 181 * DAY)
    assert count(Downtime) == 0


def test_a_closed_case_is_kept_as_long_as_payments_and_an_open_one_for_good(cast: Cast) -> None:
    for subject in ("pay_closed", "pay_seen_since", "pay_open"):
        reconciliation_cases.open_case(
            kind=CaseKind.UNKNOWN_ORDER, subject=subject, detail=quoted("₹500"), now=NOW
        )
    closed, seen, still = ids(ReconciliationCase)
    for case_id in (closed, seen):
        reconciliation_cases.close(admin=cast.devi, case_id=case_id, note="refunded there", now=NOW)
    retention.sweep(now=NOW + 7 * 365 * DAY)
    assert ids(ReconciliationCase) == [closed, seen, still]
    reconciliation_cases.open_case(
        kind=CaseKind.UNKNOWN_ORDER, subject="pay_seen_since", detail=quoted("₹500"), now=NOW + 10 * DAY
    )
    retention.sweep(now=LATE)
    assert (ids(ReconciliationCase), chains("case:")) == ([seen, still], {f"case:{seen}"})
    assert promises_hold()


def test_what_was_removed_is_in_the_trail_and_a_second_sweep_finds_nothing(lived: Cast) -> None:
    now = NOW + 31 * DAY
    retention.sweep(now=now)
    assert retention.sweep(now=now) == 0
    with read() as tx:
        rows = tx.exec(select(AuditEntry).where(col(AuditEntry.subject).like("retention:%"))).all()
    assert [(row.actor, row.action) for row in rows] == [("worker", "retention")]
    assert "2 account mails" in rows[0].reason
    assert "@" not in rows[0].reason


def test_more_than_one_batch_is_swept_at_once(lived: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 1)
    retention.sweep(now=NOW + 61 * DAY)
    assert (kept()["one_time_code"], kept()["sign_in"]) == (0, 0)


def test_the_numbers_of_a_year_go_together_once_none_of_its_bookings_is_left(lived: Cast) -> None:
    bills = many_paid_by_hand(lived, 2)
    for bill in bills:
        issue.of(payment_id=bill, now=NOW)
    issue.of(payment_id=bills[0], refund_id=given_back(bills[0], 100), now=NOW)
    with write() as tx:  # the second of them is not settled
        tx.exec(
            update(Payment).where(col(Payment.id) == bills[1]).values(status=PaymentStatus.REFUND_PENDING)
        )
    retention.sweep(now=LATE + 3 * DAY)
    found = {(one.kind, one.number): (one.payment_id, one.facts == {}) for one in receipts()}
    assert found == {
        ("receipt", 1): (None, True),
        ("receipt", 2): (bills[1], False),
        ("credit_note", 1): (None, True),
    }
    with write() as tx:
        tx.exec(update(Payment).values(status=PaymentStatus.CAPTURED))
    retention.sweep(now=LATE + 3 * DAY)
    assert receipts() == []
