"""What Razorpay says of refunds against our books: never added twice, never lost, and always seen by the desk."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import col, select, update

from booking_ui.config.settings import settings
from booking_ui.db.models import AuditEntry, Payment, Refund
from booking_ui.db.session import read, write
from booking_ui.domain.errors import GatewayRejected, GatewayUnavailable, WrongState
from booking_ui.domain.payment import AttemptStatus, PaymentFact, RefundFact, RefundStatus, Source
from booking_ui.domain.webhook_outcome import OutcomeCode
from booking_ui.services.booking import cancel, claim
from booking_ui.services.cases import reconciliation_cases
from booking_ui.services.desk import booking_timeline, settle_refund
from booking_ui.services.desk.settle_refund import Way
from booking_ui.services.payments import apply, reconciliation
from booking_ui.services.refunds import send
from booking_ui.services.upkeep import invariants
from tests.support.cast import FEE, NOW, Cast
from tests.support.razorpay_account import Account, account

razorpay = account

ORDER, PAID = "order_00000000000001", "pay_00000000000001"
HALF = FEE // 2
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
REFUSED = GatewayRejected(http_status=400, reason="The payment has been fully refunded already")
UNKNOWN = GatewayRejected(http_status=400, reason="The id provided does not exist")
CAPTURED = PaymentFact(PAID, ORDER, AttemptStatus.CAPTURED, FEE, "INR")


@pytest.fixture
def paid(cast: Cast, razorpay: Account) -> int:
    """Asha's paid visit."""
    view = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    with write() as tx:
        tx.exec(update(Payment).values(gateway_order_id=ORDER))
    apply.apply(fact=CAPTURED, source=Source.WEBHOOK, now=NOW)
    razorpay.payments = [CAPTURED]
    return view.id


@pytest.fixture
def cancelled(cast: Cast, paid: int) -> int:
    """The same, cancelled while Razorpay could not be reached: one refund waits, with number 1."""
    cancel.cancel_by_policy(patient_id=cast.asha, appointment_id=paid, now=NOW)
    return paid


@pytest.fixture
def half_cancelled(cast: Cast, paid: int, configured: pytest.MonkeyPatch) -> int:
    """Half of the fee goes back, the other half the clinic keeps."""
    configured.setenv("CANCELLATION_POLICY", "4:50")
    settings.cache_clear()
    cancel.cancel_by_policy(patient_id=cast.asha, appointment_id=paid, now=NOW)
    return paid


def made() -> list[Refund]:
    with read() as tx:
        return list(tx.exec(select(Refund).order_by(col(Refund.id))).all())


def ends() -> list[tuple[str, int | None]]:
    """Of every refund, how it ended and what stands in for it."""
    return [(refund.status.value, refund.replaced_by_id) for refund in made()]


def word(number: int, status: str, paise: int = FEE) -> RefundFact:
    """Razorpay's word on our refund of that number."""
    key = made()[number - 1].idempotency_key
    return RefundFact(f"rfnd_{number:014d}", PAID, RefundStatus(status), paise, key)


def dashboard(status: str, paise: int = FEE) -> RefundFact:
    return RefundFact("rfnd_00000000000009", PAID, RefundStatus(status), paise)


def hear(fact: RefundFact, source: Source = Source.WEBHOOK) -> OutcomeCode:
    """Have it applied; whatever it says, every promise holds afterwards."""
    done = send.settle(fact=fact, now=NOW, source=source)
    assert [(v.subject, v.fault) for c in invariants.count(now=NOW) for v in c.violations] == []
    return done.code


def settle(cast: Cast, number: int, way: Way = "by_hand") -> None:
    settle_refund.settle(admin=cast.devi, refund_id=number, way=way, reason="by phone", now=NOW)


def bill() -> tuple[str, int]:
    with read() as tx:
        one = tx.exec(select(Payment)).one()
    return one.status.value, one.refunded_paise


def told() -> list[tuple[str, str]]:
    return [(case.subject, case.title) for case in reconciliation_cases.open_cases()]


def alarms() -> list[str]:
    with read() as tx:
        return list(tx.exec(select(AuditEntry.reason).where(AuditEntry.action == "alarm")).all())


TWICE, AMOUNT, UNDONE, MISSING = (
    reconciliation_cases.CASES[kind][0]
    for kind in (
        reconciliation_cases.REFUND_TWICE,
        reconciliation_cases.REFUND_AMOUNT,
        reconciliation_cases.REFUND_UNDONE,
        reconciliation_cases.REFUND_MISSING,
    )
)
FIRST, NINTH = "rfnd_00000000000001", "rfnd_00000000000009"


@pytest.mark.usefixtures("cancelled")
def test_a_refund_given_back_by_hand_that_razorpay_pays_after_all_is_a_case_and_not_added(cast: Cast) -> None:
    hear(word(1, "failed"))
    settle(cast, 1)
    for _ in range(3):
        assert hear(word(1, "processed")) is OutcomeCode.REFUND_TWICE
    assert (bill(), ends()) == (("refunded", FEE), [("failed", 2), ("processed", None)])
    assert (told(), alarms()) == ([(FIRST, TWICE)], [f"may have gone back twice: {FIRST}"])
    assert (made()[0].paid_after_all, booking_timeline.refund(made()[0]).problem) == (
        True,
        "Razorpay paid it after all",
    )
    (case,) = reconciliation_cases.open_cases()
    assert case.detail.startswith("₹500 of booking ")
    reconciliation_cases.close(admin=cast.devi, case_id=case.id, note="she paid it back", now=NOW)
    assert (hear(word(1, "processed")), told()) == (OutcomeCode.REFUND_TWICE, [])


@pytest.mark.usefixtures("cancelled")
def test_one_that_razorpay_only_begins_to_pay_after_it_was_given_back_by_hand_is_a_case_too(
    cast: Cast, razorpay: Account
) -> None:
    razorpay.refusal = GatewayRejected(http_status=400, reason="extra_field_sent")
    send.send_due(now=NOW + MINUTE)  # refused for good: it has no id of Razorpay's
    settle(cast, 1)
    assert hear(word(1, "pending")) is OutcomeCode.REFUND_TWICE
    assert (ends(), told()) == ([("failed", 2), ("processed", None)], [(FIRST, TWICE)])
    assert (made()[0].paid_after_all, made()[0].last_error) == (False, "extra_field_sent")


@pytest.mark.usefixtures("cancelled")
def test_what_was_sent_again_and_refused_because_the_first_was_paid_counts_once(
    cast: Cast, razorpay: Account
) -> None:
    hear(word(1, "failed"))
    settle(cast, 1, "again")
    assert hear(word(1, "processed")) is OutcomeCode.REFUND_TWICE
    assert (bill(), ends(), told()) == (
        ("refund_pending", 0),
        [("failed", 2), ("pending", None)],
        [(FIRST, TWICE)],
    )
    razorpay.refusal = REFUSED
    razorpay.payments = [replace(CAPTURED, status=AttemptStatus.REFUNDED, amount_refunded_paise=FEE)]
    razorpay.refunds = [word(1, "processed")]
    send.send_due(now=NOW + HOUR)
    assert (bill(), ends(), told()) == (("refunded", FEE), [("processed", None), ("failed", 1)], [])
    assert hear(word(1, "processed")) is OutcomeCode.NOTHING_NEW


@pytest.mark.usefixtures("half_cancelled")
def test_a_half_that_was_sent_again_and_paid_both_times_stays_a_case(cast: Cast) -> None:
    hear(word(1, "failed", HALF))
    settle(cast, 1, "again")
    hear(word(1, "processed", HALF))
    hear(word(2, "processed", HALF))
    assert (bill(), ends()) == (("partially_refunded", HALF), [("failed", 2), ("processed", None)])
    assert told() == [(FIRST, TWICE)]


@pytest.mark.usefixtures("cancelled")
def test_one_whose_stand_in_failed_too_counts_once_razorpay_has_paid_it(cast: Cast) -> None:
    hear(word(1, "failed"))
    settle(cast, 1, "again")
    hear(word(2, "failed"))
    assert hear(word(1, "processed")) is OutcomeCode.REFUND_PROCESSED
    assert (bill(), ends(), told()) == (("refunded", FEE), [("processed", None), ("failed", 1)], [])
    assert hear(word(2, "processed")) is OutcomeCode.REFUND_TWICE


@pytest.mark.usefixtures("cancelled")
def test_one_paid_after_all_beyond_what_is_left_is_a_case_and_not_added() -> None:
    hear(word(1, "failed"))
    hear(dashboard("processed", HALF))
    assert hear(word(1, "processed")) is OutcomeCode.REFUND_TWICE
    assert (bill(), told()) == (("partially_refunded", HALF), [(FIRST, TWICE)])


@pytest.mark.usefixtures("cancelled")
@pytest.mark.parametrize("status", ["pending", "processed"])
def test_a_refund_at_the_dashboard_of_what_was_given_back_by_hand_is_a_case_and_not_recorded(
    cast: Cast, status: str
) -> None:
    hear(word(1, "failed"))
    settle(cast, 1)
    for _ in range(2):
        assert hear(dashboard(status)) is OutcomeCode.REFUND_TWICE
    assert (len(made()), bill(), told()) == (2, ("refunded", FEE), [(NINTH, TWICE)])
    assert alarms() == [f"may have gone back twice: {NINTH}"]


@pytest.mark.usefixtures("half_cancelled")
def test_a_refund_at_the_dashboard_while_ours_is_on_its_way_waits_for_what_becomes_of_ours() -> None:
    assert hear(dashboard("processed")) is OutcomeCode.ALREADY_GOING_BACK
    assert (len(made()), told()) == (1, [])
    hear(word(1, "processed", HALF))
    assert (hear(dashboard("processed")), told()) == (OutcomeCode.REFUND_TWICE, [(NINTH, TWICE)])


@pytest.mark.usefixtures("half_cancelled")
def test_a_refund_at_the_dashboard_of_more_than_ours_explains_is_a_case_until_it_can_be_recorded() -> None:
    hear(dashboard("processed", HALF))
    other = replace(dashboard("processed", HALF), refund_id="rfnd_00000000000008", amount_paise=HALF + 100)
    assert (hear(other), len(made())) == (OutcomeCode.REFUND_TWICE, 2)
    hear(word(1, "failed", HALF))
    assert hear(replace(other, amount_paise=HALF)) is OutcomeCode.DASHBOARD_REFUND
    assert (bill(), told()) == (("refunded", FEE), [])


@pytest.mark.usefixtures("paid")
def test_a_pending_refund_at_the_dashboard_is_asked_about_until_it_ends(razorpay: Account) -> None:
    hear(dashboard("pending", HALF))
    assert made()[0].next_attempt_at == NOW + HOUR
    razorpay.refunds = [dashboard("processed", HALF)]
    assert send.send_due(now=NOW + HOUR - timedelta(seconds=1)) == 0
    assert (send.send_due(now=NOW + HOUR), bill()) == (1, ("partially_refunded", HALF))
    assert made()[0].next_attempt_at is None


@pytest.mark.usefixtures("cancelled")
def test_another_amount_at_razorpay_is_a_case() -> None:
    hear(word(1, "processed"))
    assert told() == []
    hear(word(1, "processed", 100), Source.COMPARISON)
    assert (told(), bill()) == ([(FIRST, AMOUNT)], ("refunded", FEE))
    assert reconciliation_cases.open_cases()[0].detail.startswith("₹1 at Razorpay, ₹500 here, of booking ")


@pytest.mark.usefixtures("cancelled")
def test_one_that_is_done_here_and_failed_there_is_a_case_until_razorpay_says_again_that_it_is_done(
    razorpay: Account,
) -> None:
    hear(word(1, "processed"))
    razorpay.refunds = [word(1, "failed")]
    for _ in range(2):
        reconciliation.compare_now(now=NOW + DAY)
        assert (told(), bill()) == ([(FIRST, UNDONE)], ("refunded", FEE))
    hear(word(1, "processed"))  # a message that may be older than the failure
    assert told() == [(FIRST, UNDONE)]
    razorpay.refunds = [word(1, "processed")]
    reconciliation.compare_now(now=NOW + DAY)
    assert told() == []


@pytest.mark.usefixtures("cancelled")
def test_an_accepted_refund_that_razorpay_does_not_show_is_still_on_its_way(razorpay: Account) -> None:
    hear(word(1, "pending"))
    razorpay.blind = UNKNOWN
    send.send_due(now=NOW + HOUR)
    assert (ends(), told(), made()[0].next_attempt_at is not None) == ([("pending", None)], [], True)
    send.send_due(now=NOW + DAY)
    assert (ends(), told(), razorpay.sent) == ([("pending", None)], [(FIRST, MISSING)], [FEE])
    razorpay.blind, razorpay.refunds = None, [word(1, "processed")]
    send.send_due(now=NOW + 2 * DAY)
    assert (bill(), told()) == (("refunded", FEE), [])


@pytest.mark.usefixtures("cancelled")
def test_a_failed_refund_that_razorpay_made_after_all_is_not_sent_again(
    cast: Cast, razorpay: Account
) -> None:
    hear(word(1, "failed"))
    razorpay.refunds, razorpay.sent = [word(1, "processed")], []
    with pytest.raises(WrongState, match="after all"):
        settle(cast, 1, "again")
    assert (bill(), ends(), razorpay.sent) == (("refunded", FEE), [("processed", None)], [])


@pytest.mark.usefixtures("cancelled")
def test_a_failed_refund_that_razorpay_is_making_is_on_its_way_again(cast: Cast, razorpay: Account) -> None:
    hear(word(1, "failed"))
    razorpay.refunds, razorpay.sent = [word(1, "pending")], []
    with pytest.raises(WrongState, match="after all"):
        settle(cast, 1, "again")
    assert (bill(), ends()) == (("refund_pending", 0), [("pending", None)])
    assert (made()[0].next_attempt_at, razorpay.sent) == (NOW + HOUR, [])
    hear(word(1, "failed"))
    assert (bill(), ends()) == (("captured", 0), [("failed", None)])


@pytest.mark.usefixtures("cancelled")
@pytest.mark.parametrize("blind", [UNKNOWN, GatewayUnavailable(reason="away")])
def test_while_razorpay_cannot_be_asked_a_failed_refund_is_not_sent_again(
    cast: Cast, razorpay: Account, blind: GatewayRejected | GatewayUnavailable
) -> None:
    hear(word(1, "failed"))
    razorpay.blind, razorpay.sent = blind, []
    with pytest.raises(WrongState, match="could not be asked"):
        settle(cast, 1, "again")
    assert (ends(), razorpay.sent) == ([("failed", None)], [])
    razorpay.blind, razorpay.refunds = None, [word(1, "failed"), dashboard("processed", 100)]
    settle(cast, 1, "again")
    assert (ends(), razorpay.sent) == ([("failed", 2), ("pending", None)], [FEE])
    with pytest.raises(WrongState, match="nothing any more"):
        settle(cast, 1, "again")


@pytest.mark.usefixtures("cancelled")
@pytest.mark.parametrize(("days", "waits"), [(179, True), (180, False)])
def test_a_refund_of_a_payment_older_than_six_months_does_not_wait_for_balance(
    razorpay: Account, days: int, waits: bool
) -> None:
    razorpay.payments = [replace(CAPTURED, created_at=NOW - timedelta(days=days))]
    razorpay.refusal = GatewayRejected(http_status=400, reason="not now")
    send.send_due(now=NOW + MINUTE)
    assert ends() == [("pending" if waits else "failed", None)]
    assert [subject for subject, _ in told()] == [made()[0].idempotency_key] * waits
