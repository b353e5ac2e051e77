"""Paying for a held slot, with the real sandbox behind it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from booking_ui.domain.clock import utc_now
from booking_ui.domain.gateway_news import DowntimeFact
from booking_ui.edge.live import News
from booking_ui.services.booking import appointments, claim
from booking_ui.services.payments import downtimes, orders
from booking_ui.services.views import AppointmentView
from booking_ui.states.patient.checkout import BLOCKED, NOT_PROVEN, CheckoutState, refreshed
from tests.support.cast import Cast
from tests.support.sandbox_control import capture_now, pay
from tests.support.tab import Tab, Went, run, signed_in


def held(patient_id: int, slot_id: int, minutes_ago: int = 0) -> AppointmentView:
    return claim.claim(patient_id=patient_id, slot_id=slot_id, now=utc_now() - timedelta(minutes=minutes_ago))


async def opened(patient_id: int, reference: str) -> tuple[Tab, CheckoutState, Went]:
    tab = Tab(f"/checkout/{reference}/", token=signed_in(patient_id), params={"booking_ref": reference})
    went = await tab.send(CheckoutState, CheckoutState.load)
    return tab, await tab.state(CheckoutState), went


def form(status: str, paid: dict[str, Any] | None = None) -> dict[str, str]:
    names = ("razorpay_payment_id", "razorpay_order_id", "razorpay_signature")
    return {"status": status} | {name: str((paid or {}).get(name, "")) for name in names}


def test_the_page_shows_the_held_visit_and_then_prepares_the_order(cast: Cast, sandbox: str) -> None:
    del sandbox
    visit = held(cast.asha, cast.slots[0])

    async def story() -> None:
        tab, page, went = await opened(cast.asha, visit.reference)
        assert (page.stage, page.visit.id, went.then) == ("ready", visit.id, ["prepare"])
        await tab.send(CheckoutState, CheckoutState.prepare)
        assert (page.busy, page.problem) == ("", "")
        assert page.script_url.endswith("/v1/checkout.js")
        assert page.options["amount"] == visit.fee_paise

    run(story())


def test_a_way_to_pay_that_is_in_trouble_is_said_before_paying(cast: Cast, sandbox: str) -> None:
    del sandbox
    now = utc_now()
    news = DowntimeFact("down_00000000000001", "upi", "high", "", now, ended=False, changed_at=now)
    downtimes.record(fact=news, now=now)
    visit = held(cast.asha, cast.slots[0])

    async def story() -> None:
        _, page, _ = await opened(cast.asha, visit.reference)
        assert page.slow.startswith("UPI is slow right now.")

    run(story())


def test_preparing_twice_gives_the_same_order(cast: Cast, sandbox: str) -> None:
    del sandbox
    visit = held(cast.asha, cast.slots[0])

    async def story() -> None:
        tab, page, _ = await opened(cast.asha, visit.reference)
        await tab.send(CheckoutState, CheckoutState.prepare)
        first = page.options["order_id"]
        await tab.send(CheckoutState, CheckoutState.prepare)
        assert page.options["order_id"] == first

    run(story())


def test_a_dead_gateway_costs_a_sentence_and_not_the_hold(cast: Cast, dead_gateway: str) -> None:
    del dead_gateway
    visit = held(cast.asha, cast.slots[0])

    async def story() -> None:
        tab, page, _ = await opened(cast.asha, visit.reference)
        await tab.send(CheckoutState, CheckoutState.prepare)
        assert (page.stage, page.busy, page.script_url) == ("ready", "", "")
        assert "still held" in page.problem

    run(story())
    assert appointments.find(patient_id=cast.asha, now=utc_now(), appointment_id=visit.id).phase == "holding"


def test_a_strangers_booking_is_missing_like_one_that_never_was(cast: Cast) -> None:
    visit = held(cast.asha, cast.slots[0])

    async def story() -> None:
        for patient_id, reference in (
            (cast.bilal, visit.reference),
            (cast.asha, "NOSUCHREF"),
            (cast.asha, ""),
        ):
            _, page, went = await opened(patient_id, reference)
            assert (page.stage, page.visit.id, went.redirects) == ("missing", 0, [])

    run(story())


def test_a_payment_is_proven_and_leads_to_the_status_page(cast: Cast, sandbox: str) -> None:
    visit = held(cast.asha, cast.slots[0])

    async def story() -> None:
        tab, page, _ = await opened(cast.asha, visit.reference)
        await tab.send(CheckoutState, CheckoutState.prepare)
        paid = pay(sandbox, str(page.options["order_id"]), method="upi")["checkout"]
        capture_now(sandbox)
        went = await tab.send(CheckoutState, CheckoutState.finished, form=form("paid", paid))
        assert went.redirects == [f"/appointment/{visit.reference}/"]

    run(story())
    assert (
        appointments.find(patient_id=cast.asha, now=utc_now(), appointment_id=visit.id).phase == "confirmed"
    )


def test_a_forged_payment_is_not_believed(cast: Cast, sandbox: str) -> None:
    del sandbox
    visit = held(cast.asha, cast.slots[0])

    async def story() -> None:
        tab, page, _ = await opened(cast.asha, visit.reference)
        await tab.send(CheckoutState, CheckoutState.prepare)
        forged = {
            "razorpay_payment_id": "pay_forged",
            "razorpay_order_id": str(page.options["order_id"]),
            "razorpay_signature": "0" * 64,
        }
        went = await tab.send(CheckoutState, CheckoutState.finished, form=form("paid", forged))
        assert (went.redirects, page.problem, page.busy) == ([], NOT_PROVEN, "")

    run(story())
    assert appointments.find(patient_id=cast.asha, now=utc_now(), appointment_id=visit.id).phase == "holding"


def test_another_patients_proof_pays_for_nothing_here(cast: Cast, sandbox: str) -> None:
    mine, theirs = held(cast.asha, cast.slots[0]), held(cast.bilal, cast.slots[1])
    order = orders.open_order(patient_id=cast.bilal, appointment_id=theirs.id, now=utc_now())
    proof = pay(sandbox, order.gateway_order_id, method="upi")["checkout"]

    async def story() -> None:
        tab, page, _ = await opened(cast.asha, mine.reference)
        went = await tab.send(CheckoutState, CheckoutState.finished, form=form("paid", proof))
        assert (went.redirects, page.problem) == ([], NOT_PROVEN)

    run(story())
    assert appointments.find(patient_id=cast.asha, now=utc_now(), appointment_id=mine.id).phase == "holding"


def test_closing_the_window_keeps_the_hold_and_the_page(cast: Cast, sandbox: str) -> None:
    del sandbox
    visit = held(cast.asha, cast.slots[0])

    async def story() -> None:
        tab, page, _ = await opened(cast.asha, visit.reference)
        await tab.send(CheckoutState, CheckoutState.prepare)
        went = await tab.send(CheckoutState, CheckoutState.finished, form=form("dismissed"))
        assert (went.redirects, page.stage, page.busy, page.problem) == ([], "ready", "", "")

    run(story())


def test_closing_the_window_after_paying_still_finds_the_payment(cast: Cast, sandbox: str) -> None:
    visit = held(cast.asha, cast.slots[0])

    async def story() -> None:
        tab, page, _ = await opened(cast.asha, visit.reference)
        await tab.send(CheckoutState, CheckoutState.prepare)
        pay(sandbox, str(page.options["order_id"]), method="upi")
        capture_now(sandbox)
        await tab.send(CheckoutState, CheckoutState.finished, form=form("dismissed"))
        assert (page.stage, page.visit.phase) == ("moved", "confirmed")

    run(story())


def test_a_blocked_script_is_said_and_nothing_is_asked(cast: Cast, dead_gateway: str) -> None:
    del dead_gateway
    visit = held(cast.asha, cast.slots[0])

    async def story() -> None:
        tab, page, _ = await opened(cast.asha, visit.reference)
        await tab.send(CheckoutState, CheckoutState.finished, form=form("blocked"))
        assert (page.stage, page.problem) == ("ready", BLOCKED)

    run(story())


@pytest.mark.parametrize("outcome", [form("captured"), form("paid") | {"amount": "1"}, {"status": "paid"}])
def test_an_outcome_of_another_shape_is_refused(cast: Cast, outcome: dict[str, str]) -> None:
    tab = Tab(token=signed_in(cast.asha))
    assert run(tab.send(CheckoutState, CheckoutState.finished, form=outcome)).refused


def test_when_the_hold_is_over_the_same_slot_and_the_nearest_are_offered(cast: Cast) -> None:
    visit = held(cast.asha, cast.slots[1], minutes_ago=16)

    async def story() -> None:
        _, page, _ = await opened(cast.asha, visit.reference)
        assert (page.stage, page.visit.can_try_again) == ("over", True)
        assert [slot.id for slot in page.nearest] == [cast.slots[0], cast.slots[2], cast.slots[3]]

    run(story())


def test_a_countdown_that_runs_fast_ends_nothing(cast: Cast) -> None:
    visit = held(cast.asha, cast.slots[0])

    async def story() -> None:
        tab, page, _ = await opened(cast.asha, visit.reference)
        await tab.send(CheckoutState, CheckoutState.time_up)
        assert (page.stage, page.visit.phase) == ("ready", "holding")

    run(story())


def test_the_same_time_can_be_held_again(cast: Cast) -> None:
    visit = held(cast.asha, cast.slots[0], minutes_ago=16)

    async def story() -> None:
        tab, page, _ = await opened(cast.asha, visit.reference)
        await tab.send(CheckoutState, CheckoutState.again)
        assert (page.stage, page.visit.id, page.visit.phase) == ("ready", visit.id, "holding")

    run(story())


def test_a_time_that_was_taken_meanwhile_is_not_held_again(cast: Cast) -> None:
    visit = held(cast.asha, cast.slots[0], minutes_ago=16)
    held(cast.bilal, cast.slots[0])

    async def story() -> None:
        tab, page, _ = await opened(cast.asha, visit.reference)
        await tab.send(CheckoutState, CheckoutState.again)
        assert (page.stage, page.problem) == ("over", "10:00 am was taken in the meantime.")
        assert [slot.id for slot in page.nearest] == list(cast.slots[1:])

    run(story())


def test_a_time_given_back_is_free_and_a_second_click_is_no_error(cast: Cast) -> None:
    visit = held(cast.asha, cast.slots[0])

    async def story() -> None:
        tab, _, _ = await opened(cast.asha, visit.reference)
        for _ in range(2):
            went = await tab.send(CheckoutState, CheckoutState.let_go)
            assert went.redirects == ["/doctor/dr-chandra-rao/"]

    run(story())
    assert held(cast.bilal, cast.slots[0]).phase == "holding"


def test_a_webhook_moves_an_open_checkout(cast: Cast, sandbox: str) -> None:
    visit = held(cast.asha, cast.slots[0])

    async def story() -> None:
        tab, page, _ = await opened(cast.asha, visit.reference)
        await tab.send(CheckoutState, CheckoutState.prepare)
        pay(sandbox, str(page.options["order_id"]), method="upi")
        capture_now(sandbox)
        orders.check(patient_id=cast.asha, appointment_id=visit.id, now=utc_now())
        await refreshed(page, News(f"appointment:{visit.id}"))
        assert page.stage == "moved"

    run(story())
