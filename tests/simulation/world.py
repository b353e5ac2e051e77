"""The surroundings of one story, put in place of the real ones while it is played."""

from __future__ import annotations

import logging
import random
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar
from unittest.mock import patch

import structlog

from booking_ui.db import session
from booking_ui.domain.mail_refusal import Refusal
from booking_ui.gateways import mail, razorpay
from booking_ui.sandbox import store as sandbox_store
from booking_ui.services.booking import claim
from booking_ui.services.journal import changes
from tests.simulation.account import Account
from tests.simulation.configured import configured
from tests.simulation.plan import Plan
from tests.simulation.post import Post
from tests.simulation.stage import Stage, Step
from tests.simulation.storage import Cast, Storage
from tests.support.cast import FEE

Thing = TypeVar("Thing")
Perform = Callable[["World", Step], None]


@dataclass
class Tab:
    """A checkout that is open in a patient's browser; it outlives our processes."""

    patient_id: int
    appointment_id: int
    reference: str
    order_id: str
    signed: dict[str, str] = field(default_factory=dict)


class World:
    """One story's people, database, Razorpay, post and mailbox."""

    def __init__(self, plan: Plan, storage: Storage, perform: Perform) -> None:
        self.plan, self.storage = plan, storage
        self.stage = Stage(lambda step: perform(self, step))
        self.account = Account(self.stage, plan.conditions)
        self.post = Post(self.account.box, self.stage, plan.conditions.lost_acks)
        self.mailbox = Mailbox(self.stage, plan.conditions.mail_trouble)
        self._seen = (-1, -1)
        self.tabs: list[Tab] = []
        self.bookings: dict[int, int] = {}  # appointment id → patient id, as the patients know them
        self.paid_in_cash: set[int] = set()  # bookings marked as captured with cash in the till behind it
        self.closed: dict[int, datetime] = {}  # slot id → the instant from which its day is closed
        self.let_go: dict[str, int] = {}  # bookings that their patient let go → our newest audit row then
        self.fees: list[tuple[datetime, int]] = [
            (self.stage.now, FEE)
        ]  # each with the instant from which it is the fee
        self.gone: dict[str, int] = {}  # payments that went back at the dashboard → our newest audit row then
        self.ended: dict[str, datetime] = {}  # disputes → the instant when the bank decided
        self.sent_all_the_same: set[str] = (
            set()
        )  # keys of refunds that the desk did not let wait for a dispute
        self.past_us = False  # true once something happened at Razorpay that only a webhook can tell

    @property
    def cast(self) -> Cast:
        return self.storage.cast

    @property
    def chance(self) -> random.Random:
        return self.stage.chance

    def pick(self, things: Sequence[Thing]) -> Thing:
        return self.stage.chance.choice(things)

    def advance(self, seconds: float) -> None:
        """Move time on, running Razorpay's own jobs when they are due."""
        goal = self.stage.now + timedelta(seconds=seconds)
        box = self.account.box
        while due := _next_job(box.store.db):
            if due > goal.timestamp():
                break
            wait = max(0.0, due - self.stage.now.timestamp())
            # A float's rounding must not leave the job a microsecond ahead.
            self.stage.now = min(goal, self.stage.now + timedelta(seconds=wait, microseconds=1))
            self.account.let_pass()
        self.stage.now = goal

    def changed(self) -> bool:
        """True when our database or Razorpay's was written to since the last call."""
        seen = (self.storage.writes(), self.account.box.store.db.total_changes)
        before, self._seen = self._seen, seen
        return seen != before

    def calm(self) -> None:
        """End all faults."""
        self.account.wire.trouble = 0.0
        self.account.box.switches.refunds, self.account.box.switches.refund_seconds = "processed", 0.0
        self.account.box.webhook_faults.planned.clear()
        self.post.lost_acks = self.mailbox.trouble = 0.0


def _next_job(db: sqlite3.Connection) -> float | None:
    found = db.execute("SELECT min(due) AS due FROM job").fetchone()["due"]
    return None if found is None else float(found)


@dataclass
class Mailbox:
    """The mails that were sent. One without a committed row told its reader of something that never happened."""

    stage: Stage
    trouble: float
    keys: list[str] = field(default_factory=list)

    def send(self, message: mail.Message) -> None:
        self.stage.point("before a mail")
        self.stage.pause()
        if self.trouble and self.stage.chance.random() < self.trouble:
            self.stage.fault("mail: server refuses")
            raise mail.MailError("450 try again later", Refusal.RECIPIENT)
        self.keys.append(message.key)
        self.stage.point("after a mail")


class _Tokens:
    """Replaces `secrets`: ids and references come from the story's seed, each only once."""

    def __init__(self, seed: int) -> None:
        self.choice = random.Random(f"ids of {seed}").choice


@contextmanager
def opened(plan: Plan, storage: Storage, perform: Perform) -> Iterator[World]:
    """The world of a story, with the product's services in it; everything is restored at the end."""
    storage.reset()
    world = World(plan, storage, perform)
    with ExitStack() as stack:
        stack.callback(world.account.close)
        stack.enter_context(configured(plan.conditions.grace_seconds))
        stack.enter_context(_quiet())
        stack.enter_context(patch.object(mail, "send", world.mailbox.send))
        tokens = _Tokens(plan.seed)
        for module in (sandbox_store, claim):
            stack.enter_context(patch.object(module, "secrets", tokens))
        session.use(storage.database)
        stack.callback(session.use, None)
        razorpay.use(world.account.gateway)
        stack.callback(razorpay.use, None)
        storage.database.stage = world.stage
        stack.callback(setattr, storage.database, "stage", None)
        yield world


@contextmanager
def _quiet() -> Iterator[None]:
    """The services' log would drown the story."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    try:
        yield
    finally:
        structlog.configure(**before)


def forget() -> None:
    """Lose what a process loses when it dies."""
    changes.silence()
