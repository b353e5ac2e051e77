"""Webhooks with real signatures over real bodies."""

from __future__ import annotations

import json

import pytest
from sqlmodel import col, select, text, update

from booking_ui.config.settings import SANDBOX_KEY_SECRET, SANDBOX_WEBHOOK_SECRET, settings
from booking_ui.db import queues
from booking_ui.db.models import Payment, Refund, WebhookEvent
from booking_ui.db.session import read, write
from booking_ui.domain.errors import BadSignature, NotFound
from booking_ui.domain.webhook_outcome import Outcome, OutcomeCode, stated
from booking_ui.services.booking import appointments, claim
from booking_ui.services.cases import reconciliation_cases
from booking_ui.services.payments import webhook_inbox
from tests.support.cast import FEE, NOW, Cast
from tests.support.webhooks import ORDER, PAYMENT, body, deliver, entity, signed

pytestmark = pytest.mark.usefixtures("turns")


def outcomes() -> list[tuple[str, str]]:
    with read() as tx:
        return [
            (e.status.value, stated(*webhook_inbox.outcomes(e)))
            for e in tx.exec(select(WebhookEvent).order_by(col(WebhookEvent.id))).all()
        ]


@pytest.fixture
def held(cast: Cast) -> int:
    view = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    with write() as tx:
        tx.exec(update(Payment).where(col(Payment.appointment_id) == view.id).values(gateway_order_id=ORDER))
    return view.id


def phase(cast: Cast, appointment_id: int) -> str:
    return appointments.find(patient_id=cast.asha, appointment_id=appointment_id, now=NOW).phase


def test_a_signed_capture_is_stored_answered_and_then_confirms(cast: Cast, held: int) -> None:
    assert deliver(body("payment.captured")) is True
    assert phase(cast, held) == "holding"
    assert webhook_inbox.process_due(now=NOW) == 1
    assert (phase(cast, held), outcomes()) == ("confirmed", [("done", "applied: confirm")])


def test_the_same_event_twenty_five_times_has_one_effect(cast: Cast, held: int) -> None:
    assert [deliver(body("payment.captured")) for _ in range(25)] == [True] + [False] * 24
    assert webhook_inbox.process_due(now=NOW) == 1
    assert webhook_inbox.process_due(now=NOW) == 0


def test_an_old_signed_body_under_a_new_id_is_harmless_and_a_chosen_id_blocks_nothing(
    cast: Cast, held: int
) -> None:
    deliver(body("payment.failed", "failed"), event_id="chosen")
    assert deliver(body("payment.captured"), event_id="chosen") is True
    deliver(body("payment.failed", "failed"), event_id="another")
    webhook_inbox.process_due(now=NOW)
    assert phase(cast, held) == "confirmed"


def test_captured_and_order_paid_both_say_paid_and_count_once(cast: Cast, held: int) -> None:
    deliver(body("order.paid"), "a")
    deliver(body("payment.captured"), "b")
    deliver(body("payment.authorized", "authorized"), "c")
    webhook_inbox.process_due(now=NOW)
    with read() as tx:
        bill = tx.exec(select(Payment)).one()
    assert (phase(cast, held), bill.captured_paise, bill.status) == ("confirmed", FEE, "captured")


@pytest.mark.parametrize("raw", [rb'"\/"', b'"\\u00e9"', '"é"'.encode()])
def test_bodies_that_would_not_survive_reserialising_are_accepted(cast: Cast, held: int, raw: bytes) -> None:
    message = body("payment.captured").replace(b'"notes":[]', b'"notes":{"a":' + raw + b"}")
    assert deliver(message) is True
    webhook_inbox.process_due(now=NOW)
    assert phase(cast, held) == "confirmed"


def test_forged_deliveries_are_refused_and_nothing_is_stored(cast: Cast, held: int) -> None:
    message = body("payment.captured")
    good = signed(message)
    for signature in (
        None,
        "",
        good.upper(),
        good[:-1],
        "é" * 64,
        signed(message, SANDBOX_KEY_SECRET),
        signed(message, ""),
    ):
        with pytest.raises(BadSignature):
            webhook_inbox.receive(body=message, signature=signature, event_id="x", now=NOW)
    with pytest.raises(BadSignature):
        webhook_inbox.receive(body=message + b" ", signature=good, event_id="x", now=NOW)
    assert (outcomes(), phase(cast, held)) == ([], "holding")


def test_a_rotated_secret_is_accepted_until_it_is_withdrawn(
    cast: Cast, held: int, configured: pytest.MonkeyPatch
) -> None:
    message = body("payment.captured")
    configured.setenv("RAZORPAY_WEBHOOK_SECRET", "the-new-secret")
    configured.setenv("RAZORPAY_WEBHOOK_SECRET_PREVIOUS", SANDBOX_WEBHOOK_SECRET)
    settings.cache_clear()
    assert deliver(message) is True
    configured.delenv("RAZORPAY_WEBHOOK_SECRET_PREVIOUS")
    settings.cache_clear()
    with pytest.raises(BadSignature):
        deliver(message, event_id="later")


def test_unknown_orders_and_events_are_kept_and_ignored_with_a_reason(cast: Cast, held: int) -> None:
    deliver(body("payment.captured", order_id="order_00000000000000"), "a")
    deliver(b'{"entity":"event","event":"payment.downtime.started","payload":{}}', "b")
    webhook_inbox.process_due(now=NOW)
    assert outcomes() == [
        ("ignored", "ignored: an order we do not know"),
        ("ignored", "ignored: no use for payment.downtime.started"),
    ]
    assert phase(cast, held) == "holding"


@pytest.mark.parametrize("when", [10**18, -1, 253_402_300_800])
def test_a_signed_message_about_an_instant_that_no_calendar_has_is_stored_and_ignored(
    cast: Cast, when: int
) -> None:
    """Stored, or Razorpay would send it for a day and then turn our webhooks off."""
    entity = {"id": "down_00000000000001", "method": "upi", "status": "started", "begin": when}
    name = "payment.downtime.started"
    message = {"event": name, "payload": {"payment.downtime": {"entity": entity}}}
    assert deliver(json.dumps(message).encode())
    webhook_inbox.process_due(now=NOW)
    assert outcomes() == [("ignored", f"ignored: no use for {name}")]


def test_a_signed_message_we_cannot_read_is_parked_for_a_person_and_stops_nobody(
    cast: Cast, held: int
) -> None:
    deliver(b"not json", "a")
    deliver(b'{"event":"payment.captured","payload":{}}', "b")
    deliver(body("payment.captured"), "c")
    assert webhook_inbox.process_due(now=NOW) == 3
    assert [status for status, _ in outcomes()] == ["parked", "parked", "done"]
    assert phase(cast, held) == "confirmed"
    assert [(case.title, case.subject) for case in reconciliation_cases.open_cases()] == [
        ("A message from Razorpay that we can't read", "no event 2026-01-05"),
        ("A message from Razorpay that we can't read", "payment.captured 2026-01-05"),
    ]


def test_a_day_full_of_messages_we_cannot_read_is_one_case(cast: Cast) -> None:
    for number in range(5):
        deliver(b"[%d]" % number, str(number))
    webhook_inbox.process_due(now=NOW)
    assert [case.subject for case in reconciliation_cases.open_cases()] == ["no event 2026-01-05"]


def test_razorpays_own_refund_of_money_we_never_kept_is_recorded_and_confirms_nothing(
    cast: Cast, held: int
) -> None:
    deliver(body("payment.authorized", "authorized"), "a")
    payload = {
        "payment": {"entity": entity("refunded", captured=False)},
        "refund": {
            "entity": {
                "id": "rfnd_TVCtCeHGHVUVuT",
                "payment_id": PAYMENT,
                "amount": FEE,
                "status": "processed",
            }
        },
    }
    deliver(json.dumps({"event": "refund.processed", "payload": payload}).encode(), "b")
    webhook_inbox.process_due(now=NOW)
    assert phase(cast, held) == "failed"
    with read() as tx:
        assert tx.exec(select(Refund)).all() == []


def test_a_refund_made_at_razorpays_dashboard_is_recorded_so_that_the_sums_hold(
    cast: Cast, held: int
) -> None:
    deliver(body("payment.captured"), "a")
    payload = {
        "payment": {"entity": entity("captured", amount_refunded=10_000)},
        "refund": {
            "entity": {
                "id": "rfnd_TVCtCeHGHVUVuT",
                "payment_id": PAYMENT,
                "amount": 10_000,
                "status": "processed",
            }
        },
    }
    message = json.dumps({"event": "refund.processed", "payload": payload}).encode()
    deliver(message, "b")
    deliver(message, "c")
    webhook_inbox.process_due(now=NOW)
    with read() as tx:
        bill = tx.exec(select(Payment)).one()
        rows = [(r.amount_paise, r.status.value, r.reason) for r in tx.exec(select(Refund)).all()]
    assert (bill.status, bill.refunded_paise, rows) == (
        "partially_refunded",
        10_000,
        [(10_000, "processed", "made at Razorpay")],
    )


def test_an_event_is_leased_so_that_a_dying_worker_loses_nothing(cast: Cast, held: int) -> None:
    deliver(body("payment.captured"))
    with write() as tx:
        tx.exec(update(WebhookEvent).values(attempts=1, next_attempt_at=NOW + queues.WEBHOOKS.lease))
    assert webhook_inbox.process_due(now=NOW) == 0
    assert webhook_inbox.process_due(now=NOW + queues.WEBHOOKS.lease) == 1
    assert phase(cast, held) == "confirmed"


def test_a_stored_event_waits_longer_after_each_failure_and_is_parked_at_last(cast: Cast, held: int) -> None:
    deliver(body("payment.captured"))
    with write() as tx:
        tx.execute(text("ALTER TABLE payment_attempt RENAME TO away"))
    waits, now = [], NOW
    for _ in range(len(queues.WEBHOOKS.steps) + 1):
        assert webhook_inbox.process_due(now=now) == 1
        with read() as tx:
            row = tx.exec(select(WebhookEvent)).one()
        if row.next_attempt_at:
            waits.append(row.next_attempt_at - now)
            now = row.next_attempt_at
    assert waits == list(queues.WEBHOOKS.steps)
    assert row.status == "parked"
    with write() as tx:
        tx.execute(text("ALTER TABLE away RENAME TO payment_attempt"))
    assert phase(cast, held) == "holding"


def test_a_dry_run_says_what_would_happen_and_changes_nothing(cast: Cast, held: int) -> None:
    deliver(body("payment.captured"), "a")
    deliver(b"not json", "b")
    assert webhook_inbox.dry_run(event_row_id=1, now=NOW) == Outcome(OutcomeCode.CONFIRM)
    assert webhook_inbox.dry_run(event_row_id=2, now=NOW).code is OutcomeCode.UNREADABLE
    assert (phase(cast, held), outcomes()) == ("holding", [("waiting", ""), ("waiting", "")])
    webhook_inbox.process_due(now=NOW)
    assert webhook_inbox.dry_run(event_row_id=1, now=NOW) == Outcome(OutcomeCode.NOTHING_NEW)
    with pytest.raises(NotFound):
        webhook_inbox.dry_run(event_row_id=99, now=NOW)


def dashboard_refund(paise: int = 10_000) -> bytes:
    refund = {"id": "rfnd_TVCtCeHGHVUVuT", "payment_id": PAYMENT, "amount": paise, "status": "processed"}
    payload = {
        "payment": {"entity": entity("captured", amount_refunded=paise)},
        "refund": {"entity": refund},
    }
    return json.dumps({"event": "refund.processed", "payload": payload}).encode()


def test_a_dry_run_of_a_refund_knows_whether_it_is_recorded_already(cast: Cast, held: int) -> None:
    deliver(dashboard_refund(), "a")
    assert webhook_inbox.dry_run(event_row_id=1, now=NOW) == Outcome(OutcomeCode.CONFIRM)
    webhook_inbox.process_due(now=NOW)
    assert webhook_inbox.dry_run(event_row_id=1, now=NOW) == Outcome(OutcomeCode.NOTHING_NEW)
    deliver(dashboard_refund(FEE).replace(b"rfnd_TVCtCeHGHVUVuT", b"rfnd_TVCtCeHGHVUVuU"), "b")
    assert webhook_inbox.dry_run(event_row_id=2, now=NOW) == Outcome(OutcomeCode.REFUND_TWICE)
    deliver(dashboard_refund(20_000).replace(b"rfnd_TVCtCeHGHVUVuT", b"rfnd_TVCtCeHGHVUVuV"), "c")
    assert webhook_inbox.dry_run(event_row_id=3, now=NOW) == Outcome(OutcomeCode.DASHBOARD_REFUND)
    with read() as tx:
        assert [r.amount_paise for r in tx.exec(select(Refund)).all()] == [10_000]


def test_replaying_an_applied_event_has_no_effect_and_a_parked_one_gets_its_chance(
    cast: Cast, held: int
) -> None:
    deliver(body("payment.captured"))
    with write() as tx:
        tx.exec(
            update(WebhookEvent).values(
                status="parked",
                next_attempt_at=None,
                outcome_code=OutcomeCode.BROKEN,
                outcome_detail="OperationalError",
            )
        )
    assert webhook_inbox.replay(admin=cast.devi, event_row_id=1, now=NOW) == Outcome(OutcomeCode.CONFIRM)
    assert phase(cast, held) == "confirmed"
    for _ in range(2):
        later = NOW + queues.WEBHOOKS.lease
        again = webhook_inbox.replay(admin=cast.devi, event_row_id=1, now=later)
        assert again == Outcome(OutcomeCode.NOTHING_NEW)
        assert outcomes() == [("done", "applied: confirm; replayed: nothing new")]
    with read() as tx:
        assert tx.exec(select(Payment.captured_paise)).one() == FEE
    with pytest.raises(NotFound):
        webhook_inbox.replay(admin=cast.devi, event_row_id=99, now=NOW)


def test_a_nul_in_razorpays_words_does_not_stop_the_money(cast: Cast, held: int) -> None:
    deliver(body("payment.captured", vpa="a\x00b", method="upi", error_description="\x00"))
    webhook_inbox.process_due(now=NOW)
    assert (phase(cast, held), outcomes()) == ("confirmed", [("done", "applied: confirm")])


def test_a_payment_that_comes_under_a_second_order_of_ours_is_parked_for_a_person(
    held: int, cast: Cast
) -> None:
    other = claim.claim(patient_id=cast.bilal, slot_id=cast.slots[1], now=NOW)
    with write() as tx:
        his = update(Payment).where(col(Payment.appointment_id) == other.id)
        tx.exec(his.values(gateway_order_id="order_TVCpvdEADkAoM2"))
    deliver(body("payment.captured"))
    deliver(body("payment.captured", order_id="order_TVCpvdEADkAoM2"), "TVCtA0000000bb")
    webhook_inbox.process_due(now=NOW)
    why = "payment: known by another order of ours"
    assert outcomes() == [("done", "applied: confirm"), ("parked", why)]
    assert webhook_inbox.dry_run(event_row_id=2, now=NOW) == Outcome(OutcomeCode.OTHER_ORDER)
    assert webhook_inbox.replay(admin=cast.devi, event_row_id=2, now=NOW) == Outcome(OutcomeCode.OTHER_ORDER)
    assert appointments.find(patient_id=cast.bilal, appointment_id=other.id, now=NOW).phase == "holding"
