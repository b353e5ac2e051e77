"""The one sandbox of this process, on which every operation works."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field

from booking_ui.sandbox import errors
from booking_ui.sandbox.clock import Clock
from booking_ui.sandbox.faults import HttpFaults, WebhookFaults
from booking_ui.sandbox.settings import Settings
from booking_ui.sandbox.store import Doc, Entity, Store, token

_PREFIXES = {"order": "order", "payment": "pay", "refund": "rfnd"}


@dataclass
class Switches:
    """Behaviour that the control API switches; back to this at a restart."""

    refunds: str = "processed"  # processed | pending | failed | no_balance
    refund_seconds: float = 0.0  # how long a refund request is "still in progress"
    list_lag_seconds: float = 0.0
    refuse_duplicate_receipts: bool = False
    upi_seconds: float = 1.5


@dataclass
class Box:
    settings: Settings
    store: Store
    clock: Clock
    switches: Switches = field(default_factory=Switches)
    http_faults: HttpFaults = field(default_factory=HttpFaults)
    webhook_faults: WebhookFaults = field(default_factory=WebhookFaults)
    downtimes: list[Doc] = field(default_factory=list)
    work: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def account_id(self) -> str:
        return self.store.meta("account_id", "")

    def __post_init__(self) -> None:
        self.webhook_secret = self.settings.webhook_secret
        self.previous_webhook_secret = ""

    def find(self, kind: str, entity_id: str) -> Entity:
        """The order, payment or refund of that id. Raises Refusal, in other words for an id of another shape."""
        if not re.fullmatch(rf"{_PREFIXES[kind]}_[A-Za-z0-9]{{14}}", entity_id):
            raise errors.malformed_id(entity_id)
        found = self.store.get(kind, entity_id)
        if found is None:
            raise errors.unknown_id()
        return found


def set_endpoints(store: Store, urls: tuple[str, ...]) -> None:
    """From now on events go to exactly these; what still waits for another address is dropped."""
    known = {str(row["url"]) for row in store.db.execute("SELECT url FROM endpoint")}
    for url in known - set(urls):
        store.db.execute("DELETE FROM endpoint WHERE url=?", (url,))
        store.db.execute(
            "UPDATE delivery SET state='dropped' WHERE url=? AND state IN ('pending', 'held')", (url,)
        )
    for url in urls:
        store.db.execute("INSERT OR IGNORE INTO endpoint(url) VALUES (?)", (url,))


def open_box(settings: Settings) -> Box:
    store = Store(settings.state)
    with store.transaction():
        store.set_meta("account_id", store.meta("account_id", f"acc_{token()}"))
        set_endpoints(store, settings.webhook_urls)
    clock = Clock(settings.clock, float(store.meta("clock_offset", "0")))
    return Box(settings=settings, store=store, clock=clock)
