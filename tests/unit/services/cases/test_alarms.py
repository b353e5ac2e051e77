"""A bad signature and a silent webhook become a case for the desk, once."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlmodel import select

from booking_ui.config.settings import SANDBOX_WEBHOOK_SECRET, settings
from booking_ui.db.models import Payment, PaymentAttempt
from booking_ui.db.session import read, write
from booking_ui.domain.payment import AttemptStatus, Source
from booking_ui.services.booking import claim
from booking_ui.services.cases import alarms, reconciliation_cases
from booking_ui.services.journal import audit
from booking_ui.services.payments import webhook_inbox
from tests.support.cast import FEE, NOW, Cast
from tests.support.holding import times, tries_to_pay
from tests.support.races import at_once, crowd
from tests.support.webhooks import BODY, signed

HOUR = timedelta(hours=1)


def told() -> list[tuple[str, str]]:
    return [(case.title, case.detail) for case in reconciliation_cases.open_cases()]


def close_all(cast: Cast) -> None:
    for case in reconciliation_cases.open_cases():
        reconciliation_cases.close(admin=cast.devi, case_id=case.id, note="looked into", now=NOW)


def a_good_one(event_id: str) -> None:
    assert webhook_inbox.receive(body=BODY, signature=signed(BODY), event_id=event_id, now=NOW)


UNSIGNED = ("A message that Razorpay did not sign", "First seen Mon 5 Jan, 10:00 am.")


def test_the_first_bad_signature_is_a_case_and_the_next_ones_are_not(cast: Cast) -> None:
    for minutes in range(3):
        alarms.bad_signature(now=NOW + timedelta(minutes=minutes))
    assert told() == [UNSIGNED]


def test_once_closed_it_is_told_again_only_after_a_good_one(cast: Cast) -> None:
    a_good_one("evt_1")
    alarms.bad_signature(now=NOW)
    close_all(cast)
    alarms.bad_signature(now=NOW)
    assert told() == []
    a_good_one("evt_2")
    alarms.bad_signature(now=NOW)
    assert told() == [UNSIGNED]


def noted(door: str = "webhook") -> int:
    with read() as tx:
        rows = audit.trail(tx, f"signature:{door}:{NOW:%Y%m%d%H%M}")
        assert audit.holds(rows)
    return len(rows)


def test_each_bad_signature_leaves_an_audit_row(cast: Cast) -> None:
    for _ in range(3):
        alarms.bad_signature(now=NOW)
    alarms.note_bad_signature("return", NOW)
    assert (noted(), noted("return")) == (3, 1)


def test_those_of_the_same_instant_each_leave_one(cast: Cast) -> None:
    at_once([partial(alarms.note_bad_signature, "webhook", NOW)] * 4)
    assert noted() == 4


def test_a_flood_of_bad_signatures_does_not_fill_the_table(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alarms, "NOTED_A_MINUTE", 2)
    for _ in range(4):
        alarms.note_bad_signature("webhook", NOW)
    assert noted() == 2


def captured(cast: Cast, source: Source, at_hours: int) -> None:
    """Money that came `at_hours` before now."""
    at = NOW - at_hours * HOUR
    held = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    with write() as tx:
        bill = tx.exec(select(Payment.id).where(Payment.appointment_id == held.id)).one()
        tx.add(
            PaymentAttempt(
                payment_id=bill or 0, gateway_payment_id=f"pay_{source}{at_hours}", status=AttemptStatus.CAPTURED,
                amount_paise=FEE, currency="INR", source=source, created_at=at, updated_at=at,
            )
        )  # fmt: skip


@pytest.fixture
def with_keys(configured: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A clinic of Razorpay's, signed as the sandbox signs."""
    configured.setenv("RAZORPAY_KEY_ID", "rzp_test_1234567890abcd")
    configured.setenv("RAZORPAY_KEY_SECRET", "the secret of the key")
    configured.setenv("RAZORPAY_WEBHOOK_SECRET", SANDBOX_WEBHOOK_SECRET)
    settings.cache_clear()
    return configured


def silence() -> list[tuple[str, str]]:
    alarms.check_silence(now=NOW)
    return told()


QUIET = "Payments arrive, webhooks do not"


def test_money_that_only_questions_brought_in_is_a_case(cast: Cast, with_keys: pytest.MonkeyPatch) -> None:
    captured(cast, Source.QUESTION, 2)
    assert silence() == [(QUIET, "1 captured in 6 hours without a webhook; none ever came.")]
    assert silence() == [(QUIET, "1 captured in 6 hours without a webhook; none ever came.")]


def test_no_money_is_no_reason_to_expect_a_webhook(cast: Cast, with_keys: pytest.MonkeyPatch) -> None:
    assert silence() == []
    captured(cast, Source.QUESTION, 7)
    assert silence() == []


def test_a_webhook_of_money_that_came_just_now_may_be_on_its_way(
    cast: Cast, with_keys: pytest.MonkeyPatch
) -> None:
    captured(cast, Source.RETURN, 0)
    assert silence() == []


def test_one_webhook_within_the_time_is_enough(cast: Cast, with_keys: pytest.MonkeyPatch) -> None:
    captured(cast, Source.RETURN, 1)
    webhook_inbox.receive(body=BODY, signature=signed(BODY), event_id="evt_1", now=NOW - 5 * HOUR)
    assert silence() == []


def test_an_older_webhook_is_named(cast: Cast, with_keys: pytest.MonkeyPatch) -> None:
    webhook_inbox.receive(body=BODY, signature=signed(BODY), event_id="evt_1", now=NOW - 7 * HOUR)
    captured(cast, Source.RETURN, 1)
    assert silence() == [
        (QUIET, "1 captured in 6 hours without a webhook; the last came Mon 5 Jan, 3:00 am.")
    ]


def test_the_watch_can_be_switched_off(cast: Cast, with_keys: pytest.MonkeyPatch) -> None:
    with_keys.setenv("WEBHOOK_SILENCE_HOURS", "0")
    settings.cache_clear()
    captured(cast, Source.QUESTION, 2)
    assert silence() == []


def test_the_sandbox_needs_no_watch(cast: Cast) -> None:
    captured(cast, Source.QUESTION, 2)
    assert silence() == []


MANY = "Many times are held, and hardly anybody tries to pay"
MINUTE = timedelta(minutes=1)


def many_holds(cast: Cast, *, held: int, tried: int, status: str = "failed") -> None:
    """So many holds, one a minute until five minutes before NOW, with a payment tried for the first ones."""
    for n, (patient, slot_id) in enumerate(zip(crowd()[:held], times(cast, held), strict=True)):
        at = NOW - (28 - n) * MINUTE
        visit = claim.claim(patient_id=patient, slot_id=slot_id, now=at)
        if n < tried:
            tries_to_pay(visit.id, at + timedelta(seconds=30), status)


def looked(now: datetime = NOW) -> list[tuple[str, str]]:
    alarms.check_unpaid_holds(now=now)
    return told()


@pytest.mark.parametrize(("held", "tried", "alarm"), [(20, 1, True), (19, 0, False), (20, 2, False)])
def test_many_holds_and_few_payments_are_a_case(cast: Cast, held: int, tried: int, alarm: bool) -> None:
    many_holds(cast, held=held, tried=tried)
    detail = f"{held} times were held within half an hour; for {tried} of them a payment was tried."
    assert looked() == ([(MANY, detail)] if alarm else [])


def test_holds_that_are_paid_are_no_case(cast: Cast) -> None:
    many_holds(cast, held=20, tried=2, status="captured")
    assert looked() == []


def test_patients_who_began_just_now_may_be_paying(cast: Cast) -> None:
    many_holds(cast, held=24, tried=0)
    assert looked(NOW - 5 * MINUTE) == []
    assert [title for title, _ in looked(NOW + MINUTE)] == [MANY]


def test_the_case_of_many_holds_ends_by_itself_and_opens_again(cast: Cast) -> None:
    many_holds(cast, held=24, tried=0)
    assert len(looked(NOW + MINUTE)) == 1
    assert len(looked(NOW + 2 * MINUTE)) == 1
    assert looked(NOW + 40 * MINUTE) == []
    assert alarms.check_unpaid_holds(now=NOW + 40 * MINUTE) == 0
    assert len(looked(NOW + 3 * MINUTE)) == 1


def test_a_case_of_many_holds_that_the_desk_closed_is_quiet_for_an_hour(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alarms, "HELD_WITHIN", 3 * HOUR)
    many_holds(cast, held=20, tried=0)
    assert len(looked()) == 1
    close_all(cast)
    assert looked(NOW + 59 * MINUTE) == []
    assert len(looked(NOW + 61 * MINUTE)) == 1
