"""A failed refund settled and a refunded visit decided on, before the desk: by an admin, with a reason."""

from __future__ import annotations

from typing import Any

import pytest
from sqlmodel import select, update

from booking_ui.db.models import Appointment, Payment, Refund
from booking_ui.db.session import read, write
from booking_ui.domain.clock import utc_now
from booking_ui.domain.payment import AttemptStatus, PaymentFact, RefundFact, RefundStatus, Source
from booking_ui.services.booking import cancel, claim
from booking_ui.services.cases import reconciliation_cases
from booking_ui.services.payments import apply, disputes
from booking_ui.services.refunds import send
from booking_ui.services.views import AppointmentView
from booking_ui.states.desk.booking import BookingState
from booking_ui.states.desk.books import DECIDED, BooksState
from tests.support.cast import FEE, Cast
from tests.support.disputes import dispute
from tests.support.tab import Tab, run, signed_in

ORDER, PAID, SECOND = "order_00000000000001", "pay_00000000000001", "pay_00000000000002"
BY_HAND = {"refund_id": "1", "way": "by_hand", "reason": "In cash", "reference": "12"}
KEEP = {"case_id": "1", "decision": "keep", "note": "A courtesy"}


@pytest.fixture
def visit(cast: Cast) -> AppointmentView:
    """Asha's paid visit."""
    view = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=utc_now())
    with write() as tx:
        tx.exec(update(Payment).values(gateway_order_id=ORDER))
    captured(PAID)
    return view


def captured(payment_id: str) -> None:
    fact = PaymentFact(payment_id, ORDER, AttemptStatus.CAPTURED, FEE, "INR")
    apply.apply(fact=fact, source=Source.WEBHOOK, now=utc_now())


def refund(payment_id: str, status: RefundStatus, key: str = "") -> None:
    send.settle(fact=RefundFact(f"rfnd{payment_id[3:]}", payment_id, status, FEE, key), now=utc_now())


@pytest.fixture
def desk(cast: Cast, visit: AppointmentView) -> Tab:
    """Devi looks at the visit; it was paid twice and the second payment's refund failed."""
    captured(SECOND)
    with read() as tx:
        key = tx.exec(select(Refund.idempotency_key)).one()
    refund(SECOND, RefundStatus.FAILED, key)
    return Tab(f"/admin/?ref={visit.reference}", token=signed_in(cast.devi.person_id))


def statuses() -> list[str]:
    with read() as tx:
        return [str(r.status) for r in tx.exec(select(Refund).order_by(Refund.id)).all()]  # type: ignore[arg-type]  # a column


async def after(tab: Tab, state: Any, handler: Any, **form: Any) -> Any:
    await tab.send(state, state.load)
    await tab.send(state, handler, form=form)
    return await tab.state(state)


def test_a_failed_refund_offers_to_be_settled_and_then_does_not(desk: Tab) -> None:
    async def story() -> None:
        await desk.send(BookingState, BookingState.load)
        before = await desk.state(BookingState)
        assert [(one.status, one.can_settle) for one in before.booking.refunds] == [("failed", True)]
        state = await after(desk, BookingState, BookingState.settle, **BY_HAND)
        assert (state.said, state.problem, state.marks_made) == ("₹500 counts as given back.", "", 1)
        assert [(one.status, one.can_settle) for one in state.booking.refunds] == [
            ("failed", False),
            ("processed", False),
        ]

    run(story())


def test_settling_twice_settles_once_and_says_why_not_again(desk: Tab) -> None:
    async def story() -> None:
        await after(desk, BookingState, BookingState.settle, **BY_HAND)
        state = await after(desk, BookingState, BookingState.settle, **BY_HAND)
        assert (state.said, state.problem) == ("", "This refund needs nothing any more.")

    run(story())
    assert statuses() == ["failed", "processed"]


@pytest.mark.parametrize(
    "form",
    [{**BY_HAND, "way": "twice"}, {**BY_HAND, "refund_id": "one"}, {**BY_HAND, "reason": "x" * 401}, {}],
)
def test_a_settlement_of_another_shape_is_refused(desk: Tab, form: dict[str, str]) -> None:
    assert run(desk.send(BookingState, BookingState.settle, form=form)).refused
    assert statuses() == ["failed"]


def test_a_refund_that_waits_for_a_bank_is_sent_all_the_same(cast: Cast, visit: AppointmentView) -> None:
    disputes.record(fact=dispute("open"), source=Source.WEBHOOK, now=utc_now())
    cancel.cancel_by_policy(patient_id=cast.asha, appointment_id=visit.id, now=utc_now())
    tab = Tab(f"/admin/?ref={visit.reference}", token=signed_in(cast.devi.person_id))
    form = {"refund_id": "1", "reason": "Agreed by phone"}

    async def story() -> None:
        await tab.send(BookingState, BookingState.load)
        before = await tab.state(BookingState)
        assert [(one.waits, one.can_settle) for one in before.booking.refunds] == [(True, False)]
        assert [one.phase for one in before.booking.disputes] == ["chargeback"]
        state = await after(tab, BookingState, BookingState.send_held, **form)
        assert (state.said[:16], state.problem, state.marks_made) == ("₹500 is sent now", "", 1)
        assert [one.waits for one in state.booking.refunds] == [False]
        state = await after(tab, BookingState, BookingState.send_held, **form)
        assert (state.said, state.problem) == ("", "This refund does not wait for a dispute any more.")

    run(story())


@pytest.mark.parametrize("decision", ["cancel", "keep"])
def test_a_refunded_visit_is_decided_on(cast: Cast, visit: AppointmentView, decision: str) -> None:
    refund(PAID, RefundStatus.PROCESSED)
    tab = Tab("/admin/books/", token=signed_in(cast.devi.person_id))
    state = run(after(tab, BooksState, BooksState.decide, **{**KEEP, "decision": decision}))
    assert (state.said, state.cases, state.closing_id) == (DECIDED[decision], [], 0)
    with read() as tx:
        stands = tx.exec(select(Appointment.status)).one() == "confirmed"
    assert stands is (decision == "keep")


def test_a_refunded_visit_is_not_closed_like_another_case(cast: Cast, visit: AppointmentView) -> None:
    refund(PAID, RefundStatus.PROCESSED)
    tab = Tab("/admin/books/", token=signed_in(cast.devi.person_id))
    state = run(after(tab, BooksState, BooksState.close, case_id="1", note="Looked at it"))
    assert state.refusal.sentence == "Choose one of the two ways to end this case."
    assert [case.decision for case in state.cases] == ["visit"]


@pytest.mark.parametrize("who", ["asha", "nobody"])
def test_nobody_but_an_admin_settles_or_decides(
    cast: Cast, desk: Tab, visit: AppointmentView, who: str
) -> None:
    refund(PAID, RefundStatus.PROCESSED)
    token = "" if who == "nobody" else signed_in(cast.asha)
    for path, state, handler, form in (
        ("/admin/", BookingState, BookingState.send_held, {"refund_id": "1", "reason": "By phone"}),
        ("/admin/", BookingState, BookingState.settle, BY_HAND),
        ("/admin/books/", BooksState, BooksState.decide, KEEP),
    ):
        assert run(Tab(path, token=token).send(state, handler, form=form)).refused
    assert (statuses()[0], len(reconciliation_cases.open_cases())) == ("failed", 1)
