"""Stored webhooks before the desk: asked about, replayed, and only by an admin."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest
from sqlmodel import select, update

from booking_ui.components.desk.webhooks import EVENTS
from booking_ui.components.shared.status_badge import DELIVERY
from booking_ui.config.settings import SANDBOX_WEBHOOK_SECRET, settings
from booking_ui.db.models import AuditEntry, DeliveryStatus, Payment, WebhookEvent
from booking_ui.db.session import read, write
from booking_ui.domain.clock import utc_now
from booking_ui.domain.errors import NotFound
from booking_ui.domain.webhook_outcome import OutcomeCode
from booking_ui.gateways import wire
from booking_ui.services.accounts import authentication
from booking_ui.services.booking import appointments, claim
from booking_ui.services.payments import webhook_inbox
from booking_ui.services.views import AppointmentView
from booking_ui.states.desk import webhooks
from booking_ui.states.desk.lists import StatusChoice
from booking_ui.states.desk.webhooks import Answer, Door, Listing, Replay, WebhooksState
from tests.support.cast import FEE, Cast
from tests.support.tab import Tab, run, signed_in

ORDER = "order_TVCpvdEADkAoMJ"


def captured(order_id: str = ORDER) -> bytes:
    payment = {
        "id": "pay_TVCsKe6a4pkI5j", "entity": "payment", "amount": FEE, "currency": "INR", "status": "captured",
        "order_id": order_id, "method": "netbanking", "captured": True, "notes": [],
    }  # fmt: skip
    return json.dumps({"event": "payment.captured", "payload": {"payment": {"entity": payment}}}).encode()


def deliver(body: bytes, event_id: str = "TVCtA0000000aa") -> int:
    """A signed message is stored; its row's id."""
    signature = hmac.new(SANDBOX_WEBHOOK_SECRET.encode(), body, hashlib.sha256).hexdigest()
    webhook_inbox.receive(body=body, signature=signature, event_id=event_id, now=utc_now())
    with read() as tx:
        return tx.exec(select(WebhookEvent.id).where(WebhookEvent.event_id == event_id)).one() or 0


def work() -> None:
    webhook_inbox.process_due(now=utc_now())


@pytest.fixture
def held(cast: Cast) -> AppointmentView:
    view = claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=utc_now())
    with write() as tx:
        tx.exec(update(Payment).values(gateway_order_id=ORDER))
    return view


@pytest.fixture
def desk(cast: Cast) -> Tab:
    return Tab("/admin/webhooks/", token=signed_in(cast.devi.person_id))


async def opened(tab: Tab) -> WebhooksState:
    await tab.send(WebhooksState, WebhooksState.load)
    return await tab.state(WebhooksState)


async def replayed(tab: Tab, event_id: int) -> WebhooksState:
    await opened(tab)
    await tab.send(WebhooksState, WebhooksState.open_replay, event_id=event_id)
    await tab.send(WebhooksState, WebhooksState.replay)
    return await tab.state(WebhooksState)


def phase(cast: Cast, visit: AppointmentView) -> str:
    return appointments.find(patient_id=cast.asha, appointment_id=visit.id, now=utc_now()).phase


def audited() -> list[tuple[str, str, str]]:
    with read() as tx:
        rows = tx.exec(select(AuditEntry).where(AuditEntry.action == "replay")).all()
        return [(row.actor, row.before, row.reason) for row in rows]


def test_devi_sees_what_came_in_words_with_its_booking_and_counts(desk: Tab, held: AppointmentView) -> None:
    deliver(captured())
    deliver(b"not json", "b")
    work()

    state = run(opened(desk))

    shown = [(row.event, row.status, row.words, row.reference) for row in state.listing.rows]
    assert shown[0][:2] == ("unreadable", "parked")
    assert shown[0][2].startswith("Can't be read: ")
    assert shown[1] == ("payment.captured", "done", "Booking confirmed", held.reference)
    assert (state.listing.stored, state.listing.pager.total, state.listing.parked) == (2, 2, 1)
    assert state.choices == [
        StatusChoice("", 2, "/admin/webhooks/", current=True),
        StatusChoice("waiting", 0, "/admin/webhooks/?status=waiting"),
        StatusChoice("done", 1, "/admin/webhooks/?status=done"),
        StatusChoice("ignored", 0, "/admin/webhooks/?status=ignored"),
        StatusChoice("parked", 1, "/admin/webhooks/?status=parked"),
    ]


def test_the_address_says_what_is_shown(desk: Tab, cast: Cast) -> None:
    for number in range(26):
        deliver(captured("order_00000000000000"), f"event-{number}")
    work()
    desk.go("/admin/webhooks/?status=ignored&page=9")

    found = run(opened(desk)).listing.pager

    assert (found.first, found.last, found.total, found.pages) == (26, 26, 26, 2)
    assert (found.previous, found.next) == ("/admin/webhooks/?status=ignored", "")
    desk.go("/admin/webhooks/?status=parked")
    assert run(opened(desk)).listing == Listing(stored=26)


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        ({}, ("", 1)),
        ({"status": "parked", "page": "3"}, ("parked", 3)),
        ({"status": "lost", "page": "0"}, ("", 1)),
        ({"page": "-1"}, ("", 1)),
        ({"page": "²"}, ("", 1)),
        ({"page": "9" * 20}, ("", 1)),
    ],
)
def test_a_value_that_means_nothing_counts_as_not_given(
    query: dict[str, str], meant: tuple[str, int]
) -> None:
    assert webhooks.status_and_page(query) == meant


def test_before_the_first_webhook_the_page_knows_where_razorpay_must_send_it(desk: Tab) -> None:
    state = run(opened(desk))

    address = f"{settings().base_url}/api/appointments/razorpay-webhook"
    assert (state.listing, state.loaded) == (Listing(), True)
    assert state.door == Door(address, sandbox=True)


def test_asking_what_it_would_do_says_so_beside_that_row_and_changes_nothing(
    cast: Cast, desk: Tab, held: AppointmentView
) -> None:
    event_id = deliver(captured())

    async def story() -> WebhooksState:
        await opened(desk)
        await desk.send(WebhooksState, WebhooksState.foresee, event_id=event_id)
        return await desk.state(WebhooksState)

    state = run(story())
    assert state.answer == Answer(event_id, "It would confirm the booking.")
    assert (state.busy_id, phase(cast, held), audited()) == (0, "holding", [])


def test_replaying_what_was_applied_is_harmless_and_says_so(
    cast: Cast, desk: Tab, held: AppointmentView
) -> None:
    event_id = deliver(captured())
    work()

    state = run(replayed(desk, event_id))

    assert state.replaying.foreseen == "It would change nothing: it says nothing new."
    assert (state.replaying.result, state.replaying.failed, state.busy_id) == (
        "Replayed. It changed nothing: it says nothing new.",
        False,
        0,
    )
    assert [(row.status, row.words) for row in state.listing.rows] == [
        ("done", "Booking confirmed. Replayed: nothing new")
    ]
    assert phase(cast, held) == "confirmed"
    assert audited() == [(f"admin:{cast.devi.person_id}", "done", "applied: confirm")]


def test_replaying_a_parked_message_applies_it(cast: Cast, desk: Tab, held: AppointmentView) -> None:
    event_id = deliver(captured())
    with write() as tx:
        parked = {
            "status": DeliveryStatus.PARKED,
            "outcome_code": OutcomeCode.BROKEN,
            "next_attempt_at": None,
        }
        tx.exec(update(WebhookEvent).values(**parked))
    desk.go("/admin/webhooks/?status=parked")

    state = run(replayed(desk, event_id))

    assert (state.replaying.event.id, state.replaying.result) == (event_id, "Replayed: booking confirmed.")
    assert (state.listing.rows, state.listing.parked) == ([], 0)
    assert phase(cast, held) == "confirmed"


def test_replaying_what_cannot_be_read_says_that_it_still_cannot(desk: Tab) -> None:
    event_id = deliver(b"not json")
    work()

    state = run(replayed(desk, event_id))

    assert state.replaying.foreseen.startswith("It would change nothing: it can't be read (")
    assert state.replaying.result.startswith("Replayed, but it did not work. Can't be read: ")
    assert (state.replaying.failed, state.listing.parked) == (True, 1)


def test_choosing_what_is_not_on_the_page_opens_nothing(desk: Tab) -> None:
    async def story() -> WebhooksState:
        await opened(desk)
        with pytest.raises(NotFound):
            await desk.send(WebhooksState, WebhooksState.open_replay, event_id=999)
        return await desk.state(WebhooksState)

    state = run(story())
    assert (state.replaying, state.busy_id) == (Replay(), 0)


def test_replaying_with_nothing_chosen_changes_nothing(desk: Tab, held: AppointmentView) -> None:
    deliver(captured())

    async def story() -> None:
        await opened(desk)
        with pytest.raises(NotFound):
            await desk.send(WebhooksState, WebhooksState.replay)

    run(story())
    assert audited() == []


HANDLERS: list[tuple[str, dict[str, Any]]] = [
    ("load", {}),
    ("foresee", {"event_id": 1}),
    ("open_replay", {"event_id": 1}),
    ("replay", {}),
    ("close_replay", {}),
]


@pytest.mark.parametrize("who", ["asha", "nobody"])
@pytest.mark.parametrize(("handler", "payload"), HANDLERS)
def test_nobody_but_an_admin_reads_asks_or_replays(
    cast: Cast, held: AppointmentView, who: str, handler: str, payload: dict[str, Any]
) -> None:
    deliver(captured())
    token = "" if who == "nobody" else signed_in(cast.asha)
    tab = Tab("/admin/webhooks/", token=token)

    went = run(tab.send(WebhooksState, getattr(WebhooksState, handler), **payload))

    state = run(tab.state(WebhooksState))
    forbidden = "&problem=forbidden" if who == "asha" else ""
    assert went.redirects == [f"/sign-in/?next=%2Fadmin%2Fwebhooks%2F{forbidden}"]
    assert (went.refused, state.listing, state.answer, state.loaded) == (True, Listing(), Answer(), False)
    assert (phase(cast, held), audited()) == ("holding", [])


@pytest.mark.parametrize("event_id", [0, -1, 2**31, "x", None, [1]])
def test_an_event_of_another_shape_is_refused(desk: Tab, event_id: object) -> None:
    for handler in (WebhooksState.foresee, WebhooksState.open_replay):
        assert run(desk.send(WebhooksState, handler, event_id=event_id)).refused


def test_a_signed_out_admin_can_no_longer_replay(cast: Cast, desk: Tab, held: AppointmentView) -> None:
    event_id = deliver(captured())

    async def story() -> bool:
        await opened(desk)
        await desk.send(WebhooksState, WebhooksState.open_replay, event_id=event_id)
        authentication.close_session(token=desk.token, now=utc_now())
        return (await desk.send(WebhooksState, WebhooksState.replay)).refused

    assert run(story())
    assert (phase(cast, held), audited()) == ("holding", [])


def test_leaving_forgets_what_was_shown(desk: Tab, held: AppointmentView) -> None:
    event_id = deliver(captured())

    async def story() -> WebhooksState:
        await replayed(desk, event_id)
        await desk.send(WebhooksState, WebhooksState.leave)
        return await desk.state(WebhooksState)

    state = run(story())
    assert (state.listing, state.replaying, state.choices, state.loaded) == (Listing(), Replay(), [], False)


def test_every_status_and_every_event_that_we_use_is_known_to_the_page() -> None:
    assert set(DELIVERY) == {status.value for status in DeliveryStatus}
    assert {*wire.PAYMENT_EVENTS, *wire.REFUND_EVENTS} == set(EVENTS)
