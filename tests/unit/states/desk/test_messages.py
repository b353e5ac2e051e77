"""The ledger of mails before the desk: filtered by its address, sent again, and only by an admin."""

from __future__ import annotations

from typing import Any

import pytest
from sqlmodel import select, update

from booking_ui.components.shared.status_badge import MESSAGE
from booking_ui.db.models import AuditEntry, DeliveryStatus, Notification
from booking_ui.db.session import read, write
from booking_ui.domain.clock import utc_now
from booking_ui.services.desk.messages import MessageFilter
from booking_ui.services.mail import outbox
from booking_ui.states.desk import messages
from booking_ui.states.desk.lists import StatusChoice
from booking_ui.states.desk.messages import Listing, MessagesState
from tests.support.cast import Cast
from tests.support.tab import Tab, run, signed_in


@pytest.fixture
def desk(cast: Cast) -> Tab:
    return Tab("/admin/messages/", token=signed_in(cast.devi.person_id))


@pytest.fixture
def mails(cast: Cast) -> None:
    """Two mails that were given up: one to Asha, then one to Bilal."""
    with write() as tx:
        for person_id in (cast.asha, cast.bilal):
            outbox.add_account_mail(
                tx,
                person_id=person_id,
                code_id=None,
                kind="password_changed",
                key=str(person_id),
                now=utc_now(),
            )
        tx.flush()
        parked = {"status": DeliveryStatus.PARKED, "next_attempt_at": None, "last_error": "SMTPDataError 554"}
        tx.exec(update(Notification).values(**parked))


async def opened(tab: Tab) -> MessagesState:
    await tab.send(MessagesState, MessagesState.load)
    return await tab.state(MessagesState)


def audited() -> list[tuple[str, str]]:
    with read() as tx:
        rows = tx.exec(select(AuditEntry).where(AuditEntry.action == "sent_again")).all()
        return [(row.actor, row.before) for row in rows]


@pytest.mark.usefixtures("mails")
def test_devi_sees_what_was_not_sent_and_why(desk: Tab) -> None:
    state = run(opened(desk))
    assert [(row.recipient, row.answer) for row in state.listing.rows] == [
        ("bilal@example.com", "SMTPDataError 554."),
        ("asha@example.com", "SMTPDataError 554."),
    ]
    assert (state.listing.pager.total, state.listing.parked) == (2, 2)
    assert state.choices == [
        StatusChoice("", 2, "/admin/messages/", current=True),
        StatusChoice("waiting", 0, "/admin/messages/?status=waiting"),
        StatusChoice("done", 0, "/admin/messages/?status=done"),
        StatusChoice("ignored", 0, "/admin/messages/?status=ignored"),
        StatusChoice("parked", 2, "/admin/messages/?status=parked"),
    ]


@pytest.mark.usefixtures("mails")
def test_the_address_says_what_is_shown(desk: Tab) -> None:
    desk.go("/admin/messages/?status=parked&q=asha&page=9")
    state = run(opened(desk))
    assert [row.recipient for row in state.listing.rows] == ["asha@example.com"]
    assert (state.status, state.q) == ("parked", "asha")
    went = run(desk.send(MessagesState, MessagesState.narrow, form={"q": "bilal", "status": "done"}))
    assert went.redirects == ["/admin/messages/?status=done&q=bilal"]


def test_a_value_that_means_nothing_counts_as_not_given() -> None:
    assert messages.filter_of({"status": "lost", "page": "0"}) == MessageFilter()
    assert messages.filter_of({"status": "parked", "q": " a ", "page": "3"}) == MessageFilter(
        "parked", "a", 3
    )


@pytest.mark.usefixtures("mails")
def test_a_mail_is_sent_again_once_a_click_and_the_page_says_so(cast: Cast, desk: Tab) -> None:
    async def story() -> MessagesState:
        state = await opened(desk)
        message_id = state.listing.rows[1].id
        for _ in range(2):  # a click that is replayed after a lost connection
            await desk.send(MessagesState, MessagesState.send_again, message_id=message_id, seen=0)
        return await desk.state(MessagesState)

    state = run(story())
    assert state.said == (
        "Password changed, to asha@example.com: it leaves within seconds, if it is still true then."
    )
    assert [(row.recipient, row.status, row.sent_again) for row in state.listing.rows] == [
        ("bilal@example.com", "parked", 0),
        ("asha@example.com", "waiting", 1),
    ]
    assert (state.busy_id, audited()) == (0, [(f"admin:{cast.devi.person_id}", "parked")])


def test_a_mail_that_is_gone_is_said_to_be(desk: Tab) -> None:
    async def story() -> MessagesState:
        await opened(desk)
        await desk.send(MessagesState, MessagesState.send_again, message_id=999, seen=0)
        return await desk.state(MessagesState)

    state = run(story())
    assert (state.said, state.trouble[:27], state.busy_id) == ("", "We couldn't find that. It m", 0)


HANDLERS: list[tuple[str, dict[str, Any]]] = [
    ("load", {}),
    ("narrow", {"form": {"q": "asha"}}),
    ("send_again", {"message_id": 1, "seen": 0}),
]


@pytest.mark.usefixtures("mails")
@pytest.mark.parametrize("who", ["asha", "nobody"])
@pytest.mark.parametrize(("handler", "payload"), HANDLERS)
def test_nobody_but_an_admin_reads_or_sends(
    cast: Cast, who: str, handler: str, payload: dict[str, Any]
) -> None:
    tab = Tab("/admin/messages/", token="" if who == "nobody" else signed_in(cast.asha))
    went = run(tab.send(MessagesState, getattr(MessagesState, handler), **payload))
    state = run(tab.state(MessagesState))
    assert (went.refused, state.listing, state.loaded, audited()) == (True, Listing(), False, [])


@pytest.mark.usefixtures("mails")
def test_leaving_forgets_what_was_shown(desk: Tab) -> None:
    async def story() -> MessagesState:
        await opened(desk)
        await desk.send(MessagesState, MessagesState.leave)
        return await desk.state(MessagesState)

    state = run(story())
    assert (state.listing, state.choices, state.loaded) == (Listing(), [], False)


def test_every_state_of_a_mail_has_a_look() -> None:
    assert set(MESSAGE) == {status.value for status in DeliveryStatus}
