"""Receipts have numbers without a gap, whoever asks for them at once and whatever breaks in between."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, delete, select, update

from booking_ui.db import locks
from booking_ui.db.models import Payment, Receipt, Refund
from booking_ui.db.session import Database, write
from booking_ui.domain.errors import WrongState
from booking_ui.domain.payment import RefundStatus
from booking_ui.domain.receipt import ReceiptKind
from booking_ui.services.accounts import erasure
from booking_ui.services.booking import claim
from booking_ui.services.receipts import issue
from tests.support.cast import FEE, NOW, Cast
from tests.support.paying import bill_of
from tests.support.races import at_once, until_it_waits_for_a_lock
from tests.support.receipts import given_back, many_paid_by_hand, numbers, paid_by_hand, receipts, soon

LAST_OF_THE_YEAR = datetime(2026, 3, 31, 18, 29, tzinfo=UTC)  # 23:59 in India
CROWD = 12


def test_a_paid_bill_gets_one_receipt_however_often_it_is_asked_for(cast: Cast) -> None:
    bill = paid_by_hand(cast, cast.asha)
    first = issue.of(payment_id=bill, now=soon())
    again = issue.of(payment_id=bill, now=soon(60))
    assert (first.id, first.issued_at, first.amount_paise) == (again.id, soon(), FEE)
    assert numbers() == ["R/2025-26/000001"]


def test_a_credit_note_has_numbers_of_its_own_and_brings_its_receipt_with_it(cast: Cast) -> None:
    bill = paid_by_hand(cast, cast.asha)
    half, rest = given_back(bill, 20_000), given_back(bill, 30_000)
    issue.of(payment_id=bill, refund_id=half, now=soon())
    issue.of(payment_id=bill, refund_id=rest, now=soon())
    issue.of(payment_id=bill, refund_id=half, now=soon())
    assert numbers() == ["R/2025-26/000001", "C/2025-26/000001", "C/2025-26/000002"]
    assert [one.amount_paise for one in receipts()] == [FEE, 20_000, 30_000]
    assert {one.facts["receipt"] for one in receipts()[1:]} == {"R/2025-26/000001"}


def test_nothing_is_issued_for_what_was_not_paid_or_did_not_go_back(cast: Cast) -> None:
    held = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW).id
    with pytest.raises(WrongState, match="no payment has been received"):
        issue.of(payment_id=bill_of(held).id or 0, now=soon())
    bill, other = paid_by_hand(cast, cast.bilal, 1), paid_by_hand(cast, cast.asha, 2)
    refund = given_back(bill, FEE)
    with write() as tx:
        tx.exec(update(Refund).values(status=RefundStatus.PENDING))
    with pytest.raises(WrongState, match="has not gone back"):
        issue.of(payment_id=bill, refund_id=refund, now=soon())
    with write() as tx:
        tx.exec(update(Refund).values(status=RefundStatus.PROCESSED))
    with pytest.raises(WrongState, match="has not gone back"):
        issue.of(payment_id=other, refund_id=refund, now=soon())
    assert receipts() == []


def test_money_that_came_on_top_of_the_bill_has_no_receipt_and_no_credit_note(cast: Cast) -> None:
    bill = paid_by_hand(cast, cast.asha)
    extra = given_back(bill, FEE)
    with write() as tx:
        tx.exec(update(Refund).values(gateway_payment_id="pay_000000000second"))
    with pytest.raises(WrongState):
        issue.of(payment_id=bill, refund_id=extra, now=soon())
    assert issue.issue_due(now=soon()) == 1
    assert numbers() == ["R/2025-26/000001"]


def test_the_numbers_begin_anew_with_the_financial_year_of_india(cast: Cast) -> None:
    bills = many_paid_by_hand(cast, 3)
    for bill, minutes in zip(bills, (0, 1, 2), strict=True):
        issue.of(payment_id=bill, now=LAST_OF_THE_YEAR + timedelta(minutes=minutes))
    assert numbers() == ["R/2025-26/000001", "R/2026-27/000001", "R/2026-27/000002"]


def test_many_at_once_get_the_numbers_from_one_on_without_a_gap(cast: Cast) -> None:
    bills = many_paid_by_hand(cast, CROWD)
    found = at_once([partial(issue.of, payment_id=bill, now=soon()) for bill in bills])
    assert all(isinstance(one, Receipt) for one in found), found
    assert sorted(one.number for one in receipts()) == list(range(1, CROWD + 1))


def test_many_who_ask_for_one_receipt_get_one(cast: Cast) -> None:
    bill = paid_by_hand(cast, cast.asha)
    refund = given_back(bill, FEE)
    asked = partial(issue.of, payment_id=bill, refund_id=refund, now=soon())
    found = at_once([asked] * CROWD)
    assert {one.id for one in found if isinstance(one, Receipt)} == {receipts()[1].id}
    assert numbers() == ["R/2025-26/000001", "C/2025-26/000001"]


def test_without_the_lock_the_database_refuses_a_number_given_twice(
    cast: Cast, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    bills = many_paid_by_hand(cast, CROWD)
    monkeypatch.setattr(locks, "receipt_numbers", lambda _tx: None)
    found = at_once([partial(issue.of, payment_id=bill, now=soon()) for bill in bills])
    lost = [one for one in found if not isinstance(one, Receipt)]
    assert all(isinstance(one, IntegrityError) for one in lost)
    assert bool(lost) is not db.sqlite  # there the whole database is the lock
    assert sorted(one.number for one in receipts()) == list(range(1, CROWD - len(lost) + 1))


def test_an_erasure_that_is_under_way_leaves_no_name_in_a_receipt_issued_meanwhile(
    cast: Cast, db: Database
) -> None:
    bill = paid_by_hand(cast, cast.asha)
    with ThreadPoolExecutor(1) as pool:
        with db.write() as erasing:
            person = locks.person(erasing, cast.asha)
            assert person
            erasure.erase_person(erasing, person, soon())
            asked = pool.submit(issue.of, payment_id=bill, now=soon())
            until_it_waits_for_a_lock(db, who="the receipt")
        assert asked.result(30).facts["patient"] == ""
    assert [one.facts["patient"] for one in receipts()] == [""]


def test_who_waits_for_a_bill_keeps_no_number_from_others(cast: Cast, db: Database) -> None:
    first, second = paid_by_hand(cast, cast.asha), paid_by_hand(cast, cast.bilal, 1)
    with ThreadPoolExecutor(2) as pool:
        with db.write() as busy:
            busy.exec(select(Payment).where(Payment.id == first).with_for_update()).one()
            waits = pool.submit(issue.of, payment_id=first, now=soon())
            until_it_waits_for_a_lock(db, who="the first")
            other = pool.submit(issue.of, payment_id=second, now=soon())
            if not db.sqlite:  # there nobody writes meanwhile
                assert other.result(30).number == 1
        assert {waits.result(30).number, other.result(30).number} == {1, 2}


class _CrashError(Exception):
    pass


def test_a_crash_before_the_commit_leaves_no_gap(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    bills = many_paid_by_hand(cast, 3)
    issue.of(payment_id=bills[0], now=soon())
    number_of = issue.number_of

    def crash(row: Receipt) -> str:
        raise _CrashError(number_of(row))  # the row is in the database, its transaction is open

    monkeypatch.setattr(issue, "number_of", crash)
    with pytest.raises(_CrashError, match="000002"):
        issue.of(payment_id=bills[1], now=soon())
    monkeypatch.setattr(issue, "number_of", number_of)
    issue.of(payment_id=bills[2], now=soon())
    issue.of(payment_id=bills[1], now=soon())
    assert [(one.number, one.payment_id) for one in receipts()] == [
        (1, bills[0]),
        (2, bills[2]),
        (3, bills[1]),
    ]


def test_the_database_refuses_a_gap(cast: Cast) -> None:
    bills = many_paid_by_hand(cast, 3)
    first = issue.of(payment_id=bills[0], now=soon())
    issue.of(payment_id=bills[1], now=soon())
    with pytest.raises(IntegrityError), write() as tx:
        tx.exec(delete(Receipt).where(col(Receipt.id) == first.id))
    for number, previous in ((4, 3), (4, None), (4, 2), (2, 1)):
        copy = first.model_copy(
            update={"id": None, "payment_id": bills[2], "number": number, "previous": previous}
        )
        with pytest.raises(IntegrityError), write() as tx:
            tx.add(Receipt(**copy.model_dump()))
    assert numbers() == ["R/2025-26/000001", "R/2025-26/000002"]


def test_the_job_issues_what_lately_came_and_went_back_and_then_nothing(cast: Cast) -> None:
    old, bill = paid_by_hand(cast, cast.asha), paid_by_hand(cast, cast.bilal, 1)
    given_back(bill, FEE)
    with write() as tx:
        tx.exec(update(Payment).where(col(Payment.id) == old).values(captured_at=NOW - timedelta(days=8)))
    assert issue.issue_due(now=soon()) == 2
    assert issue.issue_due(now=soon()) == 0
    assert [(one.kind, one.payment_id) for one in receipts()] == [
        (ReceiptKind.RECEIPT, bill),
        (ReceiptKind.CREDIT_NOTE, bill),
    ]
    assert issue.of(payment_id=old, now=soon()).number == 2
