"""Revision 0011: the way back forgets disputes, sends nothing, and leaves rows that the version of before can read."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from booking_ui.db.models import DeliveryStatus, WebhookEvent
from booking_ui.db.session import database, read, write
from booking_ui.domain.payment import Source
from booking_ui.domain.webhook_outcome import OutcomeCode
from booking_ui.services.booking import cancel
from booking_ui.services.cases import reconciliation_cases
from booking_ui.services.payments import apply, disputes
from tests.support.cast import FEE, NOW, Cast
from tests.support.databases import to_revision
from tests.support.disputes import DISPUTED, dispute, hear, kept
from tests.support.facts import held
from tests.support.refunds import CAPTURED, ORDER

REFUND = "SELECT status, next_attempt_at FROM refund"
CAUSES = "SELECT count(*) FROM audit_entry WHERE cause = 'dispute_lost'"
OUTCOME = "SELECT outcome_code FROM webhook_event"
CASES = "SELECT count(*) FROM reconciliation_case"


def rows(query: str) -> list[Any]:
    with read() as tx:
        return [tuple(row) for row in tx.execute(sa.text(query))]


def disputed(cast: Cast) -> None:
    """A cancelled visit whose refund waits for a dispute, and the message about that dispute."""
    view = held(cast, cast.asha, order=ORDER)
    apply.apply(fact=CAPTURED, source=Source.WEBHOOK, now=NOW)
    hear(dispute("open"))
    cancel.cancel_by_policy(patient_id=cast.asha, appointment_id=view.id, now=NOW)
    with write() as tx:
        tx.add(
            WebhookEvent(
                body_sha256="0" * 64,
                body=b"{}",
                event="payment.dispute.created",
                status=DeliveryStatus.DONE,
                outcome_code=OutcomeCode.DISPUTE_OPEN,
                received_at=NOW,
            )
        )


def back_and_forth() -> None:
    to_revision(database().url, "downgrade", "0010")
    to_revision(database().url, "upgrade", "head")


def test_a_refund_that_waited_is_the_desks_on_the_way_back_and_nothing_sends_it(cast: Cast) -> None:
    disputed(cast)
    back_and_forth()
    assert rows(REFUND) == [("pending", None)]
    assert (rows(OUTCOME), rows(CASES), kept()) == ([("no_use",)], [(0,)], [])


def test_a_lost_dispute_loses_its_cause_and_is_found_again(cast: Cast) -> None:
    disputed(cast)
    hear(dispute("lost"), 5)
    assert rows(CAUSES) != [(0,)]
    back_and_forth()
    assert (rows(REFUND), rows(CAUSES)) == ([("failed", None)], [(0,)])
    disputes.record(fact=dispute("lost"), source=Source.COMPARISON, now=NOW)
    assert [(row.gateway_dispute_id, row.deducted_paise) for row in kept()] == [(DISPUTED, FEE)]
    assert rows("SELECT deducted_paise FROM payment_attempt") == [(FEE,)]
    assert [case.subject for case in reconciliation_cases.open_cases()] == [DISPUTED]
