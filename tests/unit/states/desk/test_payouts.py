"""The payouts pages: the address says which period and whose, each figure leads to its bookings, only for the desk."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from booking_ui.domain.clock import utc_now
from booking_ui.domain.period import Period
from booking_ui.services.booking import claim
from booking_ui.services.desk import mark_payment, payouts
from booking_ui.services.views.desk import PayoutDay
from booking_ui.states.desk.bookings import BookingsState
from booking_ui.states.desk.payout_board import HIGH, Board, Detail, PayoutFilter, chart, filter_and_period
from booking_ui.states.desk.payouts import UNKNOWN, PayoutsState
from tests.support.cast import Cast
from tests.support.tab import Tab, run, signed_in
from tests.support.week_of_money import payment_id

TODAY = date(2026, 11, 21)


def a_paid_visit(cast: Cast, number: int = 0) -> str:
    """Paid at the desk just now; its reference."""
    held = claim.claim(patient_id=cast.asha, slot_id=cast.slots[number], now=utc_now())
    mark_payment.mark(
        admin=cast.devi,
        payment_id=payment_id(held.id),
        status="captured",
        reason="Paid in cash",
        now=utc_now(),
    )
    return held.reference


@pytest.fixture
def desk(cast: Cast) -> Tab:
    return Tab("/admin/payouts/", token=signed_in(cast.devi.person_id))


async def filled(tab: Tab, handler: str = "load") -> PayoutsState:
    await tab.send(PayoutsState, getattr(PayoutsState, handler))
    return await tab.state(PayoutsState)


def figures(state: PayoutsState) -> dict[str, tuple[int, str]]:
    return {one.figure: (one.bookings, one.label) for one in state.board.figures if one.bookings}


@pytest.mark.parametrize(
    ("query", "asked", "days"),
    [
        ({}, PayoutFilter(), Period(date(2026, 11, 1), TODAY)),
        ({"period": "last-month", "doctor": "7"}, PayoutFilter("last-month", "", "", "7"), Period(date(2026, 10, 1), date(2026, 10, 31))),
        ({"period": "last-7-days"}, PayoutFilter("last-7-days"), Period(date(2026, 11, 15), TODAY)),
        ({"period": "last-30-days"}, PayoutFilter("last-30-days"), Period(date(2026, 10, 23), TODAY)),
        ({"period": "ever", "doctor": "-1"}, PayoutFilter(), Period(date(2026, 11, 1), TODAY)),
        ({"since": "2026-02-03", "until": "2026-02-09"}, PayoutFilter("", "2026-02-03", "2026-02-09"), Period(date(2026, 2, 3), date(2026, 2, 9))),
        ({"since": "2026-11-20"}, PayoutFilter("", "2026-11-20"), Period(date(2026, 11, 20), TODAY)),
        ({"until": "2026-02-09"}, PayoutFilter("", "", "2026-02-09"), Period(date(2026, 2, 1), date(2026, 2, 9))),
        ({"since": "yesterday"}, PayoutFilter(), Period(date(2026, 11, 1), TODAY)),
    ],
)  # fmt: skip
def test_an_address_means_one_period(query: dict[str, str], asked: PayoutFilter, days: Period) -> None:
    assert filter_and_period(query, TODAY) == (asked, days)


def test_devi_sees_the_figures_and_each_leads_to_exactly_its_bookings(cast: Cast, desk: Tab) -> None:
    reference = a_paid_visit(cast)

    state = run(filled(desk))

    assert figures(state) == {"captured": (1, "₹500"), "net": (1, "₹500")}
    (line,) = state.board.lines
    assert (line.name, line.href) == ("Dr Chandra Rao", "/admin/payouts/dr-chandra-rao/")
    captured = next(one for one in line.figures if one.figure == "captured")
    desk.go(captured.href)

    async def behind() -> BookingsState:
        await desk.send(BookingsState, BookingsState.load)
        return await desk.state(BookingsState)

    table = run(behind())
    assert [row.reference for row in table.table.rows] == [reference]
    assert (table.table.figure, table.table.figure_label) == ("Captured", "₹500")
    assert [chip.label.partition(",")[0] for chip in table.chips] == ["Dr Chandra Rao", "Captured"]


def test_searching_within_a_figure_keeps_the_figure(cast: Cast, desk: Tab) -> None:
    desk.go("/admin/?money=captured&from=2026-11-01&to=2026-11-21&status=confirmed")

    went = run(desk.send(BookingsState, BookingsState.narrow, form={"q": "asha"}))

    assert went.redirects == ["/admin/?status=confirmed&q=asha&money=captured&from=2026-11-01&to=2026-11-21"]


def test_the_form_leads_to_an_address_and_keeps_a_named_period(cast: Cast, desk: Tab) -> None:
    desk.go("/admin/payouts/?period=last-7-days")

    kept = run(desk.send(PayoutsState, PayoutsState.narrow, form={"doctor": "3", "since": "", "until": ""}))
    own = run(
        desk.send(PayoutsState, PayoutsState.narrow, form={"doctor": "", "since": "2026-02-03", "until": ""})
    )

    run(desk.send(PayoutsState, PayoutsState.load))
    board = run(desk.state(PayoutsState)).board
    shown = {"doctor": "3", "since": board.since, "until": board.until}
    untouched = run(desk.send(PayoutsState, PayoutsState.narrow, form=shown))
    shortened = run(desk.send(PayoutsState, PayoutsState.narrow, form={**shown, "until": board.since}))

    assert kept.redirects == untouched.redirects == ["/admin/payouts/?period=last-7-days&doctor=3"]
    assert shortened.redirects == [f"/admin/payouts/?since={board.since}&until={board.since}&doctor=3"]
    assert own.redirects == ["/admin/payouts/?since=2026-02-03"]


def test_the_form_of_a_foreign_address_leads_home(cast: Cast, desk: Tab) -> None:
    desk.go("//evil.example/")

    went = run(desk.send(PayoutsState, PayoutsState.narrow, form={"since": "2026-02-03"}))

    assert went.redirects == ["/admin/payouts/?since=2026-02-03"]


def test_a_doctors_page_has_her_days_and_bookings(cast: Cast, desk: Tab) -> None:
    reference = a_paid_visit(cast)
    desk.go("/admin/payouts/dr-chandra-rao/")

    state = run(filled(desk, "load_doctor"))

    assert (state.detail.name, state.problem) == ("Dr Chandra Rao", "")
    assert [one.net_label for one in state.detail.days] == ["₹500"]
    assert [(row.reference, row.figure_label) for row in state.detail.rows] == [(reference, "₹500")]


def test_an_unknown_doctor_is_said_and_nothing_is_shown(cast: Cast, desk: Tab) -> None:
    a_paid_visit(cast)
    desk.go("/admin/payouts/dr-nobody/")

    state = run(filled(desk, "load_doctor"))

    assert (state.problem, state.board, state.detail) == (UNKNOWN, Board(), Detail())


def test_days_the_wrong_way_round_are_said_and_show_nothing(cast: Cast, desk: Tab) -> None:
    desk.go("/admin/payouts/?since=2026-11-30&until=2026-11-20")

    state = run(filled(desk))

    assert (state.problem, state.board, state.loaded) == (
        "The last day must not be before the first.",
        Board(),
        True,
    )


def test_the_chart_has_a_bar_for_every_day_to_one_scale(cast: Cast, desk: Tab) -> None:
    a_paid_visit(cast)
    desk.go("/admin/payouts/chart/?period=last-7-days")

    state = run(filled(desk, "load_chart"))

    assert (len(state.chart.bars), len(state.chart.days)) == (7, 7)
    assert (state.chart.top, state.chart.middle) == ("₹500", "₹250")
    assert [one.captured for one in state.chart.bars] == [0] * 6 + [HIGH]


def test_a_chart_of_nothing_still_has_a_scale() -> None:
    empty = PayoutDay("2026-11-21", "Sat 21 Nov", 0, "₹0", 0, "₹0", 0, "₹0", 0, "₹0", 0, "₹0")
    drawn = chart([empty])
    assert (drawn.top, drawn.bars[0].captured, drawn.bars[0].captured_y) == ("₹10", 0, HIGH)


@pytest.mark.parametrize("handler", ["load", "load_doctor", "load_chart"])
def test_a_patient_gets_no_money_to_see(cast: Cast, handler: str) -> None:
    a_paid_visit(cast)
    tab = Tab("/admin/payouts/", token=signed_in(cast.asha))

    went = run(tab.send(PayoutsState, getattr(PayoutsState, handler)))

    state = run(tab.state(PayoutsState))
    assert went.refused
    assert went.redirects == ["/sign-in/?next=%2Fadmin%2Fpayouts%2F&problem=forbidden"]
    assert (state.board, state.detail, state.loaded) == (Board(), Detail(), False)


def test_leaving_forgets_what_was_shown(cast: Cast, desk: Tab) -> None:
    a_paid_visit(cast)

    async def story() -> PayoutsState:
        await filled(desk)
        await desk.send(PayoutsState, PayoutsState.leave)
        return await desk.state(PayoutsState)

    state = run(story())
    assert (state.board, state.doctors, state.loaded) == (Board(), [], False)


def test_the_sheets_address_asks_for_the_same_days(cast: Cast, desk: Tab) -> None:
    desk.go(f"/admin/payouts/?since=2026-11-01&until=2026-11-20&doctor={cast.chandra}")

    state = run(filled(desk))

    assert state.board.sheet == (
        f"/api/admin/payouts.csv?dateFrom=2026-11-01&dateTo=2026-11-20&doctorId={cast.chandra}"
    )
    whole = payouts.summary(first=date(2026, 11, 1), last=date(2026, 11, 1) + timedelta(days=19))
    assert state.board.period_label == whole.period_label
