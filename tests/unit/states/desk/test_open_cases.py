"""The number of open cases on every page of the desk: for admins, and forgotten with the page."""

from __future__ import annotations

import pytest

from booking_ui.domain.clock import utc_now
from booking_ui.services.cases import reconciliation_cases
from booking_ui.services.cases.reconciliation_cases import CaseKind
from booking_ui.states.desk.books import BooksState
from booking_ui.states.desk.open_cases import OpenCasesState
from tests.support.cast import Cast
from tests.support.remarks import quoted
from tests.support.tab import Tab, run, signed_in


@pytest.fixture
def desk(cast: Cast) -> Tab:
    for subject in ("pay_1", "pay_2"):
        reconciliation_cases.open_case(
            kind=CaseKind.UNKNOWN_ORDER, subject=subject, detail=quoted("x"), now=utc_now()
        )
    return Tab("/admin/", token=signed_in(cast.devi.person_id))


async def counted(tab: Tab) -> int:
    await tab.send(OpenCasesState, OpenCasesState.load)
    return (await tab.state(OpenCasesState)).count


def test_every_open_case_counts(desk: Tab) -> None:
    assert run(counted(desk)) == 2


def test_closing_one_counts_down_on_the_same_page(desk: Tab) -> None:
    async def story() -> int:
        await counted(desk)
        await desk.send(BooksState, BooksState.load)
        case_id = (await desk.state(BooksState)).cases[0].id
        await desk.send(BooksState, BooksState.close, form={"case_id": case_id, "note": "refunded there"})
        return (await desk.state(OpenCasesState)).count

    assert run(story()) == 1


def test_patients_and_strangers_learn_nothing(cast: Cast, desk: Tab) -> None:
    for token in ("", signed_in(cast.asha)):
        tab = Tab("/admin/", token=token)
        assert run(tab.send(OpenCasesState, OpenCasesState.load)).refused
        assert run(tab.state(OpenCasesState)).count == 0


def test_leaving_forgets_it(desk: Tab) -> None:
    async def story() -> int:
        await counted(desk)
        await desk.send(OpenCasesState, OpenCasesState.leave)
        return (await desk.state(OpenCasesState)).count

    assert run(story()) == 0
