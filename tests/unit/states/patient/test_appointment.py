"""A booking's status page: rebuilt from its address, and the patient's alone."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from urllib.parse import unquote

import pytest
from sqlmodel import select

from booking_ui.config.settings import settings
from booking_ui.db.models import Refund
from booking_ui.db.session import read
from booking_ui.domain.clock import utc_now
from booking_ui.domain.errors import NotFound
from booking_ui.edge import live
from booking_ui.edge.live import News
from booking_ui.services.accounts import authentication
from booking_ui.services.booking import appointments, cancel, claim, hold_expiry
from booking_ui.services.limits import rate_limits
from booking_ui.services.payments import orders
from booking_ui.services.refunds import send
from booking_ui.services.views import AppointmentView
from booking_ui.states.patient.appointment import INSTEAD, AppointmentState, refreshed
from booking_ui.states.patient.appointments import AppointmentsState
from booking_ui.states.patient.appointments import refreshed as list_refreshed
from tests.support.cast import Cast
from tests.support.sandbox_control import a_silent_gateway, capture_now, control, pay, point_gateway_at
from tests.support.servers import free_port, wait_until
from tests.support.tab import Tab, Went, run, signed_in


def held(patient_id: int, slot_id: int, minutes_ago: int = 0) -> AppointmentView:
    return claim.claim(patient_id=patient_id, slot_id=slot_id, now=utc_now() - timedelta(minutes=minutes_ago))


def paid(cast: Cast, url: str) -> AppointmentView:
    """Asha's confirmed visit."""
    visit = held(cast.asha, cast.slots[0])
    order = orders.open_order(patient_id=cast.asha, appointment_id=visit.id, now=utc_now())
    pay(url, order.gateway_order_id, method="upi")
    capture_now(url)
    return orders.check(patient_id=cast.asha, appointment_id=visit.id, now=utc_now())


def refunds() -> list[int]:
    with read() as tx:
        return [refund.amount_paise for refund in tx.exec(select(Refund)).all()]


async def opened(patient_id: int, reference: str) -> tuple[Tab, AppointmentState, Went]:
    tab = Tab(f"/appointment/{reference}/", token=signed_in(patient_id), params={"booking_ref": reference})
    went = await tab.send(AppointmentState, AppointmentState.load)
    return tab, await tab.state(AppointmentState), went


def test_the_page_is_rebuilt_from_its_address(cast: Cast, sandbox: str) -> None:
    visit = paid(cast, sandbox)

    async def story() -> None:
        _, page, went = await opened(cast.asha, visit.reference)
        assert (page.stage, page.visit.phase, went.then) == ("ready", "confirmed", [])

    run(story())


def test_a_stranger_sees_the_page_of_a_booking_that_never_was(cast: Cast, sandbox: str) -> None:
    visit = paid(cast, sandbox)

    async def story() -> None:
        _, theirs, _ = await opened(cast.bilal, visit.reference)
        _, nobodys, _ = await opened(cast.bilal, "NOSUCHREF")
        assert (theirs.stage, theirs.visit) == (nobodys.stage, nobodys.visit)
        assert theirs.stage == "missing"

    run(story())


def test_another_patient_cannot_cancel_a_booking_they_cannot_see(cast: Cast, sandbox: str) -> None:
    visit = paid(cast, sandbox)

    async def story() -> None:
        tab = Tab("/appointments/", token=signed_in(cast.bilal))
        with pytest.raises(NotFound):
            await tab.send(AppointmentsState, AppointmentsState.cancel, appointment_id=visit.id)

    run(story())
    assert (
        appointments.find(patient_id=cast.asha, now=utc_now(), appointment_id=visit.id).phase == "confirmed"
    )
    assert refunds() == []


def test_cancelling_twice_refunds_once_and_says_the_amount(cast: Cast, sandbox: str) -> None:
    visit = paid(cast, sandbox)

    async def story() -> None:
        tab, page, _ = await opened(cast.asha, visit.reference)
        went = await tab.send(AppointmentState, AppointmentState.cancel)
        assert page.visit.phase == "cancelled"
        assert "₹500" in went.told[0]
        await tab.send(AppointmentState, AppointmentState.cancel)

    run(story())
    assert refunds() == [50_000]


def test_the_page_of_a_cancelled_visit_says_that_the_refund_is_on_its_way_and_moves_by_itself(
    cast: Cast, sandbox: str, configured: pytest.MonkeyPatch
) -> None:
    visit = paid(cast, sandbox)

    async def story() -> None:
        tab, page, _ = await opened(cast.asha, visit.reference)
        with a_silent_gateway(configured) as called:
            went = await tab.send(AppointmentState, AppointmentState.cancel)
            assert not called()
        assert went.told == ["Visit cancelled. ₹500 is on its way back."]
        assert page.visit.refund_label == "₹500 is on its way back to where you paid from."
        assert live.is_watching(page, f"appointment:{visit.id}")
        point_gateway_at(sandbox, configured)
        assert send.send_due(now=utc_now()) == 1
        await refreshed(page, News(f"appointment:{visit.id}"))
        assert page.visit.refund_label.startswith("₹500 was sent back to where you paid from.")

    run(story())


def test_a_visit_cancelled_in_the_list_is_watched_until_its_refund_has_left(cast: Cast, sandbox: str) -> None:
    visit = paid(cast, sandbox)
    topic = f"appointment:{visit.id}"

    async def story() -> None:
        tab = Tab("/appointments/", token=signed_in(cast.asha))
        await tab.send(AppointmentsState, AppointmentsState.load)
        page = await tab.state(AppointmentsState)
        await tab.send(AppointmentsState, AppointmentsState.cancel, appointment_id=visit.id)
        assert (page.past[0].money_label, live.is_watching(page, topic)) == ("₹500 paid", True)
        await list_refreshed(page, News(topic))
        assert live.is_watching(page, topic)
        assert send.send_due(now=utc_now()) == 1
        await list_refreshed(page, News(topic))
        assert page.past[0].money_label == "₹500 paid, ₹500 refunded"
        assert not live.is_watching(page, topic)

    run(story())


def test_a_patient_who_lost_the_slot_is_offered_the_nearest_ones(cast: Cast, sandbox: str) -> None:
    visit = held(cast.asha, cast.slots[0])
    order = orders.open_order(patient_id=cast.asha, appointment_id=visit.id, now=utc_now())
    hold_expiry.let_go(patient_id=cast.asha, appointment_id=visit.id, now=utc_now())
    held(cast.bilal, cast.slots[0])
    pay(sandbox, order.gateway_order_id, method="upi")
    capture_now(sandbox)
    orders.check(patient_id=cast.asha, appointment_id=visit.id, now=utc_now())

    async def story() -> None:
        _, page, _ = await opened(cast.asha, visit.reference)
        assert page.visit.phase == "refund_due"
        assert [slot.id for slot in page.nearest] == list(cast.slots[1:4])
        assert page.problem == INSTEAD

    run(story())


def test_the_calendar_file_says_when_and_where(cast: Cast, sandbox: str) -> None:
    visit = paid(cast, sandbox)

    async def story() -> None:
        _, page, _ = await opened(cast.asha, visit.reference)
        kind, _, body = page.links.calendar.partition(",")
        lines = unquote(body).split("\r\n")
        assert kind == "data:text/calendar;charset=utf-8"
        assert f"DTSTART:{visit.starts_at.replace('-', '').replace(':', '')}" in lines
        assert "LOCATION:12\\, 100 Feet Road\\, Bengaluru" in lines
        assert page.links.calendar_name == f"visit-{visit.reference}.ics"

    run(story())


def test_trying_again_holds_the_time_and_goes_to_pay(cast: Cast) -> None:
    visit = held(cast.asha, cast.slots[0], minutes_ago=16)

    async def story() -> None:
        tab, page, _ = await opened(cast.asha, visit.reference)
        assert page.visit.phase == "expired"
        went = await tab.send(AppointmentState, AppointmentState.again)
        assert went.redirects == [f"/checkout/{visit.reference}/"]

    run(story())


def test_trying_again_too_late_offers_the_nearest(cast: Cast) -> None:
    visit = held(cast.asha, cast.slots[0], minutes_ago=16)
    held(cast.bilal, cast.slots[0])

    async def story() -> None:
        tab, page, _ = await opened(cast.asha, visit.reference)
        went = await tab.send(AppointmentState, AppointmentState.again)
        assert (went.redirects, page.problem) == ([], "10:00 am was taken in the meantime.")
        assert [slot.id for slot in page.nearest] == list(cast.slots[1:])

    run(story())


def test_checking_moves_by_itself_when_the_bank_has_answered(
    cast: Cast, sandbox: str, configured: pytest.MonkeyPatch
) -> None:
    visit = held(cast.asha, cast.slots[0])
    order = orders.open_order(patient_id=cast.asha, appointment_id=visit.id, now=utc_now())
    proof = pay(sandbox, order.gateway_order_id, method="upi")["checkout"]
    point_gateway_at(f"http://127.0.0.1:{free_port()}", configured)
    orders.returned(
        order_id=order.gateway_order_id,
        payment_id=proof["razorpay_payment_id"],
        signature=proof["razorpay_signature"],
        now=utc_now(),
    )

    async def story() -> None:
        _, page, went = await opened(cast.asha, visit.reference)
        assert (page.visit.phase, went.then) == ("checking", ["ask_again"])
        assert live.is_watching(page, f"appointment:{visit.id}")
        point_gateway_at(sandbox, configured)
        orders.check(patient_id=cast.asha, appointment_id=visit.id, now=utc_now())
        await refreshed(page, News(f"appointment:{visit.id}"))
        assert page.visit.phase == "confirmed"

    run(story())


def test_a_page_whose_session_ended_is_pushed_nothing(cast: Cast, sandbox: str) -> None:
    visit = paid(cast, sandbox)

    async def story() -> None:
        tab, page, _ = await opened(cast.asha, visit.reference)
        authentication.close_session(token=tab.token, now=utc_now())
        cancel.cancel_by_policy(patient_id=cast.asha, appointment_id=visit.id, now=utc_now())
        await refreshed(page, News(f"appointment:{visit.id}"))
        assert page.visit.phase == "confirmed"

    run(story())


def test_a_tab_that_went_elsewhere_is_pushed_nothing_more(cast: Cast, sandbox: str) -> None:
    visit = paid(cast, sandbox)

    async def story() -> None:
        tab, page, _ = await opened(cast.asha, visit.reference)
        tab.go("/reset/new/")
        await refreshed(page, News(f"appointment:{visit.id}"))
        assert not live.is_watching(page, f"appointment:{visit.id}")

    run(story())


def tried(cast: Cast, url: str, outcome: str) -> tuple[AppointmentView, str]:
    """Asha's booking after an attempt to pay of which nobody told us, and its order."""
    visit = held(cast.asha, cast.slots[0])
    order = orders.open_order(patient_id=cast.asha, appointment_id=visit.id, now=utc_now())
    pay(url, order.gateway_order_id, outcome)
    return visit, order.gateway_order_id


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """One question without a wait, as the first one always is."""
    monkeypatch.setattr("booking_ui.states.patient.appointment.ASK_AFTER_SECONDS", (0,))


@pytest.mark.parametrize(
    ("outcome", "phase"), [("success", "confirmed"), ("payment_failed", "failed"), ("authorized", "checking")]
)
def test_the_page_asks_by_itself_what_became_of_a_payment(
    cast: Cast, sandbox: str, at_once: None, outcome: str, phase: str
) -> None:
    visit, _ = tried(cast, sandbox, outcome)

    async def story() -> None:
        tab, page, went = await opened(cast.asha, visit.reference)
        assert (page.visit.phase, went.then) == ("holding", ["ask_again"])
        await tab.send(AppointmentState, AppointmentState.ask_again)
        assert page.visit.phase == phase

    run(story())


def test_money_that_comes_after_a_failure_is_found_when_the_page_is_opened_again(
    cast: Cast, sandbox: str, at_once: None
) -> None:
    visit, order_id = tried(cast, sandbox, "payment_failed")
    assert orders.check(patient_id=cast.asha, appointment_id=visit.id, now=utc_now()).phase == "failed"
    pay(sandbox, order_id)

    async def story() -> None:
        tab, page, went = await opened(cast.asha, visit.reference)
        assert (page.visit.phase, went.then) == ("failed", ["ask_again"])
        await tab.send(AppointmentState, AppointmentState.ask_again)
        assert page.visit.phase == "confirmed"

    run(story())


def test_a_page_without_an_order_or_with_its_money_asks_nobody(cast: Cast, sandbox: str) -> None:
    visit = held(cast.asha, cast.slots[1])

    async def story() -> None:
        for one in (visit, paid(cast, sandbox)):
            _, _, went = await opened(cast.asha, one.reference)
            assert went.then == []

    run(story())


def test_reloading_without_end_does_not_ask_without_end(
    cast: Cast, sandbox: str, at_once: None, configured: pytest.MonkeyPatch
) -> None:
    visit, _ = tried(cast, sandbox, "success")
    configured.setenv("RATE_LIMIT_QUESTIONS", "1/hour")
    point_gateway_at(f"http://127.0.0.1:{free_port()}", configured)

    async def story() -> None:
        tab, page, _ = await opened(cast.asha, visit.reference)
        await tab.send(AppointmentState, AppointmentState.ask_again)
        with a_silent_gateway(configured) as called:
            for _ in range(5):
                tab, page, _ = await opened(cast.asha, visit.reference)
                await tab.send(AppointmentState, AppointmentState.ask_again)
            assert not called()
        assert (page.stage, page.visit.phase) == ("ready", "holding")

    run(story())


def test_all_pages_together_ask_no_more_often_than_the_clinic_allows(
    cast: Cast, sandbox: str, at_once: None, configured: pytest.MonkeyPatch
) -> None:
    visit, _ = tried(cast, sandbox, "success")
    configured.setenv("RATE_LIMIT_QUESTIONS_IN_ALL", "1/hour")
    settings.cache_clear()
    rate_limits.limit_questions(appointment_id=visit.id + 1)

    async def story() -> None:
        tab, page, _ = await opened(cast.asha, visit.reference)
        await tab.send(AppointmentState, AppointmentState.ask_again)
        assert page.visit.phase == "holding"

    run(story())


def test_a_razorpay_that_hangs_keeps_neither_the_page_nor_a_lock_waiting(
    cast: Cast, sandbox: str, at_once: None
) -> None:
    visit, _ = tried(cast, sandbox, "success")
    control(sandbox, "faults/http", {"kind": "hang", "method": "GET", "path": "/v1/orders/*"})

    def hangs() -> bool:
        return not control(sandbox, "faults", method="GET")["http"]

    async def story() -> None:
        tab, page, _ = await opened(cast.asha, visit.reference)
        assert (page.stage, hangs()) == ("ready", False)
        asking = asyncio.create_task(tab.send(AppointmentState, AppointmentState.ask_again))
        await asyncio.to_thread(wait_until, hangs, what="the question")
        hold_expiry.let_go(patient_id=cast.asha, appointment_id=visit.id, now=utc_now())
        assert not asking.done()
        await asking
        assert page.visit.phase == "expired"

    run(story())
