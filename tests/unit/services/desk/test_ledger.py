"""Every movement of money is counted once, on its own day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from sqlmodel import col, func, select, update

from booking_ui.db.models import Payment, Refund
from booking_ui.db.session import read, write
from booking_ui.domain.payment import RefundFact, RefundStatus, Source
from booking_ui.services.desk import booking_timeline, mark_payment, payouts
from booking_ui.services.desk.ledger import EXPLAINED, NAMES, Figure
from booking_ui.services.refunds import send
from tests.support.cast import Cast
from tests.support.payouts import JANUARY, behind, of
from tests.support.week_of_money import THU, TUE, WED, Week, razorpay_says


def test_the_bookings_behind_the_figures_are_the_ones_of_the_week(week: Week) -> None:
    assert behind("pending") == {week.e1_bilal: 80_000, week.e3: 80_000}
    assert behind("captured") == {
        week.c1: 50_000,
        week.c2: 100_000,
        week.c3: 50_000,
        week.c4: 50_000,
        week.e1_asha: 80_000,
        week.e3: 70_000,
    }
    assert behind("refunded") == {week.c2: 50_000, week.c3: 20_000}
    assert behind("refund_due") == {week.e1_asha: 80_000, week.e3: 70_000}
    assert behind("failed") == {week.e2: 80_000}
    assert behind("net")[week.e1_asha] == 0


def test_each_movement_counts_on_its_own_day(week: Week) -> None:
    assert [
        (one.day, one.captured_paise, one.refunded_paise, one.due_paise, one.net_paise)
        for one in payouts.daily(first=date(2026, 1, 4), last=date(2026, 1, 9))
    ] == [
        ("2026-01-04", 0, 0, 0, 0),
        ("2026-01-05", 280_000, 0, 80_000, 200_000),
        ("2026-01-06", 50_000, 0, 0, 50_000),
        ("2026-01-07", 70_000, 50_000, 70_000, -50_000),
        ("2026-01-08", 0, 20_000, 0, -20_000),
        ("2026-01-09", 0, 0, 0, 0),
    ]


def test_all_captured_and_refunded_is_what_the_bills_say(week: Week) -> None:
    with read() as tx:
        sums = tx.exec(select(func.sum(Payment.captured_paise), func.sum(Payment.refunded_paise))).one()

    figures = of(**JANUARY)

    assert (figures["captured"][1], figures["refunded"][1]) == tuple(sums)


def test_days_begin_at_the_clinics_midnight(week: Week) -> None:
    last_of_9, first_of_10 = (
        datetime(2026, 1, 9, 18, 29, 59, 999999, UTC),
        datetime(2026, 1, 9, 18, 30, tzinfo=UTC),
    )
    ninth, tenth = date(2026, 1, 9), date(2026, 1, 10)
    for at, on_9, on_10 in ((last_of_9, 1, 0), (first_of_10, 0, 1)):
        with write() as tx:
            refund = col(Refund.gateway_payment_id) == "pay_c3"
            tx.exec(update(Refund).where(refund).values(refunded_at=at))
        assert of(ninth, ninth)["refunded"] == (on_9, on_9 * 20_000)
        assert [one.refunded_paise for one in payouts.daily(first=ninth, last=tenth)] == [
            on_9 * 20_000,
            on_10 * 20_000,
        ]


def test_a_refused_refund_is_owed_until_another_one_made_it_good(week: Week, cast: Cast) -> None:
    with read() as tx:
        bill = tx.exec(select(Payment).where(Payment.gateway_order_id == "order_e1")).one()

    mark_payment.mark(
        admin=cast.devi, payment_id=bill.id or 0, status="refunded", reason="By bank transfer", now=THU
    )

    figures = of(**JANUARY)
    assert figures["refund_due"] == (1, 70_000)
    assert figures["refunded"] == (3, 150_000)
    assert figures["net"] == (6, 180_000)
    with read() as tx:
        failed = tx.exec(select(Refund.amount_paise).where(Refund.status == RefundStatus.FAILED)).all()
    assert failed == [80_000]  # still on record, counted nowhere


def test_a_bill_that_is_paid_after_all_leaves_failed_and_enters_captured(week: Week) -> None:
    razorpay_says("e2", "e2", "captured", 80_000, WED)

    figures = of(**JANUARY)
    assert (figures["failed"], figures["captured"]) == ((0, 0), (7, 480_000))


def test_every_figure_has_a_name_and_says_what_it_counts() -> None:
    assert set(NAMES) == set(EXPLAINED) == set(Figure)


def test_a_refund_counts_on_the_day_that_razorpay_made_it_whenever_we_hear_of_it(week: Week) -> None:
    """Ours, and one from the dashboard, of which only a comparison days later tells; it was pending when first told."""
    tuesday, lost = TUE.date(), THU + timedelta(days=3)
    with read() as tx:
        key = tx.exec(select(Refund.idempotency_key).where(Refund.gateway_payment_id == "pay_e3")).one()
    due, there = of(**JANUARY)["refund_due"], RefundStatus.PROCESSED
    sent = RefundFact("rfnd_e3", "pay_e3", there, 70_000, key, created_at=TUE)
    strange = RefundFact("rfnd_c1", "pay_c1", RefundStatus.PENDING, 10_000, created_at=TUE)

    for told in (sent, strange):
        send.settle(fact=told, now=lost, source=Source.COMPARISON)

    assert of(tuesday, tuesday)["refunded"] == (1, 70_000)
    assert of(tuesday, tuesday)["refund_due"] == (1, 10_000)
    send.settle(fact=replace(strange, status=there), now=lost, source=Source.COMPARISON)
    assert of(tuesday, tuesday)["refunded"] == (2, 80_000)
    assert of(**JANUARY)["refund_due"] == (due[0] - 1, due[1] - 70_000)
    on_that_day = payouts.lines(first=tuesday, last=tuesday)
    assert {(one.figure, one.reference) for one in on_that_day} == {
        ("captured", week.c2),
        ("refunded", week.e3),
        ("refunded", week.c1),
    }


def test_a_refund_keeps_both_instants_and_one_by_hand_has_the_desks(week: Week, cast: Cast) -> None:
    heard = THU + timedelta(days=1)
    with read() as tx:
        bill = tx.exec(select(Payment).where(Payment.method == "desk")).one()
        key = tx.exec(select(Refund.idempotency_key).where(Refund.gateway_payment_id == "pay_e3")).one()
    mark_payment.mark(
        admin=cast.devi, payment_id=bill.id or 0, status="refunded", reason="Given back", now=THU
    )
    fact = RefundFact("rfnd_e3", "pay_e3", RefundStatus.PROCESSED, 70_000, key)

    send.settle(fact=replace(fact, created_at=TUE), now=heard)
    send.settle(fact=replace(fact, created_at=WED), now=heard)  # the first word stands

    with read() as tx:
        e3 = tx.exec(select(Refund).where(Refund.gateway_refund_id == "rfnd_e3")).one()
        by_hand = tx.exec(select(Refund).where(Refund.payment_id == bill.id)).one()
    assert (e3.refunded_at, e3.updated_at) == (TUE, heard)
    assert (by_hand.refunded_at, by_hand.updated_at) == (THU, THU)
    assert "Tue 6 Jan" in booking_timeline.refund_view(e3).at_label


def test_no_refund_counts_from_an_instant_to_come() -> None:
    fact = RefundFact("rfnd_1", "pay_1", RefundStatus.PROCESSED, 100, created_at=THU)
    assert (fact.made_at(WED), fact.made_at(THU)) == (WED, THU)
