"""Webhooks on their way: genuine signed bytes, and what the internet does to them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from booking_ui.domain.errors import BadSignature
from booking_ui.sandbox.box import Box
from booking_ui.sandbox.signing import webhook_signature
from booking_ui.sandbox.webhooks import queue
from booking_ui.services.payments import webhook_inbox
from tests.simulation.stage import Stage


@dataclass(frozen=True)
class Letter:
    """A webhook with its headers."""

    event_id: str
    name: str
    body: bytes
    signature: str | None

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.body).hexdigest()


@dataclass
class Post:
    """Carries what the sandbox has queued to the inbox."""

    box: Box
    stage: Stage
    lost_acks: float
    acknowledged: set[tuple[str, str]] = field(default_factory=set)
    """(event id, sha256 of the body) of every webhook that we answered with 2xx and so may not lose."""

    def due(self) -> list[int]:
        return [delivery_id for delivery_id, _, _ in queue.due(self.box, 500, by=self.box.clock.now())]

    def deliver(self, delivery_id: int) -> str:
        """Make one attempt; by our answer Razorpay decides whether it is repeated."""
        delivery = queue.load(self.box, delivery_id)
        outcome = "ConnectError"
        try:
            outcome = self.hand_over(self._letter(delivery))
        finally:
            with self.box.store.transaction():
                queue.note_attempt(self.box, delivery, outcome, 0)
        return outcome

    def hand_over(self, letter: Letter) -> str:
        """Post it as our route does: receive, then answer."""
        stage = self.stage
        stage.point("before a webhook is received")
        try:
            webhook_inbox.receive(
                body=letter.body, signature=letter.signature, event_id=letter.event_id, now=stage.now
            )
        except BadSignature:
            return "400"
        stage.point("before the acknowledgement")
        if self.lost_acks and stage.chance.random() < self.lost_acks:
            stage.fault("webhook: acknowledgement lost")
            return "timeout"
        self.acknowledged.add((letter.event_id, letter.digest))
        return "200"

    def letters(self) -> list[Letter]:
        """Everything that was ever posted, oldest first."""
        rows = self.box.store.db.execute("SELECT id, name, body, secret FROM event ORDER BY seq").fetchall()
        return [
            Letter(row["id"], row["name"], bytes(row["body"]), webhook_signature(row["body"], row["secret"]))
            for row in rows
        ]

    def _letter(self, delivery: queue.Delivery) -> Letter:
        name = self.box.store.db.execute("SELECT name FROM event WHERE id=?", (delivery.event_id,))
        faults = delivery.header_fault.split(",")
        signature: str | None = webhook_signature(delivery.body, delivery.secret)
        if "wrong" in faults or "old" in faults:
            signature = webhook_signature(delivery.body, "another secret")
        if "none" in faults:
            signature = None
        event_id = "" if "no_event_id" in faults else delivery.event_id
        return Letter(event_id, str(name.fetchone()["name"]), delivery.body, signature)
