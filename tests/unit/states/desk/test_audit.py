"""The desk's audit page: for admins alone, from the address."""

from __future__ import annotations

from sqlmodel import col, update

from booking_ui.db.models import AuditEntry
from booking_ui.db.session import write
from booking_ui.domain.clock import utc_now
from booking_ui.services.booking import claim
from booking_ui.states.desk.audit import AuditState, Trail
from tests.support.cast import Cast
from tests.support.tab import Tab, run, signed_in


def a_hold(cast: Cast, number: int = 0) -> str:
    return claim.claim(patient_id=cast.asha, slot_id=cast.slots[number], now=utc_now()).reference


async def trail(tab: Tab) -> AuditState:
    await tab.send(AuditState, AuditState.load)
    return await tab.state(AuditState)


def test_the_desk_reads_a_bookings_trail_and_that_it_holds(cast: Cast) -> None:
    reference = a_hold(cast)
    a_hold(cast, 1)
    tab = Tab(f"/admin/audit/?ref={reference.lower()}", token=signed_in(cast.devi.person_id))

    state = run(trail(tab))

    assert [(row.reference, row.verified) for row in state.trail.rows] == [(reference, True)] * 2
    assert (state.trail.pager.total, state.trail.broken, state.filtered) == (2, "", True)


def test_a_forged_row_is_named(cast: Cast) -> None:
    reference = a_hold(cast)
    with write() as tx:
        tx.exec(
            update(AuditEntry)
            .where(col(AuditEntry.seq) == 1, col(AuditEntry.subject).startswith("appointment:"))
            .values(actor="admin:1")
        )
    tab = Tab("/admin/audit/", token=signed_in(cast.devi.person_id))

    state = run(trail(tab))

    assert state.trail.broken == f"Booking {reference}"


def test_the_audit_form_leads_to_an_address_and_senseless_values_are_dropped(cast: Cast) -> None:
    tab = Tab("/admin/audit/", token=signed_in(cast.devi.person_id))
    form = {"ref": " ab12 ", "actor": "admin", "action": "teapot", "since": "2026-11-01", "until": "soon"}

    went = run(tab.send(AuditState, AuditState.narrow, form=form))

    assert went.redirects == ["/admin/audit/?ref=AB12&actor=admin&since=2026-11-01"]


def test_a_patient_reads_no_trail(cast: Cast) -> None:
    a_hold(cast)
    tab = Tab("/admin/audit/", token=signed_in(cast.asha))

    went = run(tab.send(AuditState, AuditState.load))

    assert went.redirects == ["/sign-in/?next=%2Fadmin%2Faudit%2F&problem=forbidden"]
    assert run(tab.state(AuditState)).trail == Trail()
