"""Promises and books before the desk: counted, compared and closed, and only by an admin."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from booking_ui.db.models import PromiseCount, ReconciliationCase
from booking_ui.db.session import read, write
from booking_ui.domain.clock import utc_now
from booking_ui.services.accounts import authentication
from booking_ui.services.booking import claim
from booking_ui.services.cases import reconciliation_cases
from booking_ui.services.upkeep import invariants
from booking_ui.states.desk.books import AWAY, CLOSED, BooksState, Promises, Refusal, compared_in_words
from tests.support.cast import Cast
from tests.support.tab import Tab, run, signed_in


@pytest.fixture
def desk(cast: Cast) -> Tab:
    return Tab("/admin/books/", token=signed_in(cast.devi.person_id))


@pytest.fixture
def case(cast: Cast) -> int:
    """Money for an order of nobody; the case's id."""
    with write() as tx:
        row = ReconciliationCase(
            kind="unknown_order", subject="pay_TVCsKe6a4pkI5j", detail="₹700", opened_at=utc_now(), seen_at=utc_now()
        )  # fmt: skip
        tx.add(row)
        tx.flush()
        return row.id or 0


async def opened(tab: Tab) -> BooksState:
    await tab.send(BooksState, BooksState.load)
    return await tab.state(BooksState)


async def after(tab: Tab, handler: Any, **payload: Any) -> BooksState:
    await opened(tab)
    await tab.send(BooksState, handler, **payload)
    return await tab.state(BooksState)


def kept() -> int:
    with read() as tx:
        return len(tx.exec(select(PromiseCount)).all())


def open_cases() -> list[int]:
    return [one.id for one in reconciliation_cases.open_cases()]


def test_before_the_first_count_nothing_is_claimed(desk: Tab) -> None:
    state = run(opened(desk))

    assert (state.promises, state.cases, state.loaded) == (Promises(), [], True)


def test_counting_now_shows_those_of_the_database_held_and_the_ninth_not_yet_compared(desk: Tab) -> None:
    state = run(after(desk, BooksState.count))

    assert [row.number for row in state.promises.rows] == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
    counted = (state.promises.held, state.promises.broken, state.promises.unchecked, state.counting)
    assert counted == (9, 0, 1, False)
    assert (state.promises.rows[8].state, state.promises.rows[8].note) == (
        "unchecked",
        "Razorpay's list was not compared yet.",
    )
    assert state.promises.at_label == state.promises.rows[0].at_label != ""


def test_a_broken_promise_is_shown_with_its_first_fault(cast: Cast, desk: Tab) -> None:
    long_ago = utc_now() - timedelta(hours=1)
    visit = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=long_ago)

    state = run(after(desk, BooksState.count))

    assert (state.promises.held, state.promises.broken) == (8, 1)
    fourth = state.promises.rows[3]
    assert (fourth.checked, fourth.violated) == (1, 1)
    assert fourth.first_fault == f"appointment:{visit.id}: held beyond its time"


def test_counting_that_goes_on_already_is_not_begun_again(desk: Tab) -> None:
    async def story() -> None:
        state = await opened(desk)
        state.counting = True
        await desk.send(BooksState, BooksState.count)

    run(story())
    assert kept() == 0


def test_comparing_now_says_that_the_books_agree(cast: Cast, sandbox: str, desk: Tab) -> None:
    state = run(after(desk, BooksState.compare))

    assert (state.said, state.trouble, state.comparing) == (compared_in_words(len(state.cases)), "", False)
    assert [(row.number, row.state == "unchecked") for row in state.promises.rows] == [(9, False)]


def test_a_gateway_that_is_away_is_said_and_the_cases_stay(dead_gateway: str, desk: Tab, case: int) -> None:
    state = run(after(desk, BooksState.compare))

    assert (state.said, state.trouble, state.comparing) == ("", AWAY, False)
    assert [one.id for one in state.cases] == [case]


@pytest.mark.parametrize(
    ("still_open", "words"),
    [
        (0, "Compared just now."),
        (1, "Compared just now: 1 case is open."),
        (2, "Compared just now: 2 cases are open."),
    ],
)
def test_what_a_comparison_found_is_said_in_words(still_open: int, words: str) -> None:
    assert compared_in_words(still_open) == words


def test_closing_a_case_keeps_the_note_and_who_wrote_it(cast: Cast, desk: Tab, case: int) -> None:
    state = run(after(desk, BooksState.close, form={"case_id": str(case), "note": "Refunded there"}))

    assert (state.said, state.refusal, state.cases, state.closing_id) == (CLOSED, Refusal(), [], 0)
    with read() as tx:
        row = tx.exec(select(ReconciliationCase)).one()
    assert (row.closed_by_id, row.closing_note) == (cast.devi.person_id, "Refunded there")


def test_a_case_without_a_note_stays_open_and_says_why(desk: Tab, case: int) -> None:
    state = run(after(desk, BooksState.close, form={"case_id": str(case), "note": "  "}))

    assert state.refusal == Refusal(case, "Say what was done, in 3 to 300 characters.")
    assert (state.said, state.closing_id, open_cases()) == ("", 0, [case])


def test_a_case_that_does_not_exist_is_refused(desk: Tab, case: int) -> None:
    state = run(after(desk, BooksState.close, form={"case_id": "999", "note": "Refunded there"}))

    assert (state.refusal.case_id, state.said, open_cases()) == (999, "", [case])


NOTE = {"case_id": "1", "note": "Refunded there"}


@pytest.mark.parametrize(
    "form",
    [
        {**NOTE, "case_id": "0"},
        {**NOTE, "case_id": "one"},
        {**NOTE, "note": "x" * 401},
        {**NOTE, "admin": "1"},
        {"note": "Refunded there"},
        None,
    ],
)
def test_a_form_of_another_shape_is_refused(desk: Tab, case: int, form: object) -> None:
    assert run(desk.send(BooksState, BooksState.close, form=form)).refused
    assert open_cases() == [case]


HANDLERS: list[tuple[str, dict[str, Any]]] = [
    ("load", {}),
    ("count", {}),
    ("compare", {}),
    ("close", {"form": NOTE}),
]


@pytest.mark.parametrize("who", ["asha", "nobody"])
@pytest.mark.parametrize(("handler", "payload"), HANDLERS)
def test_nobody_but_an_admin_reads_counts_compares_or_closes(
    cast: Cast, case: int, who: str, handler: str, payload: dict[str, Any]
) -> None:
    invariants.keep(now=utc_now())
    token = "" if who == "nobody" else signed_in(cast.asha)
    tab = Tab("/admin/books/", token=token)

    went = run(tab.send(BooksState, getattr(BooksState, handler), **payload))

    state = run(tab.state(BooksState))
    forbidden = "&problem=forbidden" if who == "asha" else ""
    assert went.redirects == [f"/sign-in/?next=%2Fadmin%2Fbooks%2F{forbidden}"]
    assert (went.refused, state.promises, state.cases, state.said) == (True, Promises(), [], "")
    assert open_cases() == [case]


def test_a_count_that_ends_after_signing_out_shows_nothing(cast: Cast, desk: Tab, case: int) -> None:
    async def story() -> BooksState:
        state = await opened(desk)
        authentication.close_session(token=desk.token, now=utc_now())
        begun: Any = BooksState.count  # while she was signed in
        await begun.fn(state)
        return state

    state = run(story())
    assert (state.promises, state.cases, state.loaded, state.counting) == (Promises(), [], False, False)
    assert kept() == 10


def test_leaving_forgets_what_was_shown(desk: Tab, case: int) -> None:
    async def story() -> BooksState:
        await after(desk, BooksState.count)
        await desk.send(BooksState, BooksState.leave)
        return await desk.state(BooksState)

    state = run(story())
    assert (state.promises, state.cases, state.loaded) == (Promises(), [], False)
