"""The actions that need no person: time, webhooks, Razorpay's refunds, and the worker's jobs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from booking_ui.sandbox.faults import WebhookFault
from booking_ui.sandbox.rest import refunds
from booking_ui.sandbox.webhooks import queue
from booking_ui.services.booking import hold_expiry
from booking_ui.services.payments import orders, reconciliation, webhook_inbox
from booking_ui.services.refunds import send as our_refunds
from booking_ui.services.upkeep import delivery
from tests.simulation.account import documents
from tests.simulation.people import NOTHING
from tests.simulation.post import Letter
from tests.simulation.world import World

DAY = 86_400
WAITS = (1, 1, 2, 5, 10, 30, 61, 61, 150, 400, 901, 901, 1800, 3700, 3700, 30_000, 90_000, 200_000)
"""Seconds, from a moment to days."""

JOBS: dict[str, tuple[str, Callable[[datetime], int]]] = {
    "apply_webhooks": ("applies webhooks", lambda now: webhook_inbox.process_due(now=now)),
    "send_refunds": ("sends refunds", lambda now: our_refunds.send_due(now=now)),
    "sweep_holds": ("sweeps holds", lambda now: hold_expiry.expire_due(now=now)),
    "ask_quiet": ("asks about quiet orders", lambda now: orders.ask_quiet(now=now)),
    "send_mails": ("sends mails", lambda now: delivery.deliver_due(now=now)),
}


def _job(name: str) -> Callable[[World], str]:
    words, run = JOBS[name]

    def work(w: World) -> str:
        w.stage.say(f"the worker {words}")
        return f"{run(w.stage.now)} done"

    return work


def compare_books(w: World) -> str:
    """The daily comparison. It is not among JOBS, since its number is that of open cases, not of work done."""
    w.stage.say("the worker compares our books with Razorpay's")
    return f"{reconciliation.compare(now=w.stage.now)} cases open"


def wait(w: World) -> str:
    slow = w.plan.conditions.refunds == "pending"  # a story about a bank that takes its days
    seconds = w.pick(WAITS[-5:] if slow else WAITS)
    w.stage.say(f"{seconds} s pass")
    while seconds > DAY:  # even a clinic where nothing else runs compares its books daily
        w.advance(DAY)
        reconciliation.compare(now=w.stage.now)
        seconds -= DAY
    w.advance(seconds)
    return ""


def webhooks_arrive(w: World) -> str:
    due = w.post.due()
    if w.chance.random() < 0.3:
        w.chance.shuffle(due)
        w.stage.tally.faults["webhook: reordered"] += 1
    if not due:
        return NOTHING
    w.stage.say(f"{len(due)} webhooks arrive")
    return ", ".join(w.post.deliver(delivery_id) for delivery_id in due)


def one_webhook_arrives(w: World) -> str:
    due = w.post.due()
    if not due:
        return NOTHING
    w.stage.say("one webhook arrives, ahead of others" if len(due) > 1 else "a webhook arrives")
    return w.post.deliver(w.pick(due))


def webhook_again(w: World) -> str:
    """Deliver known bytes under their id once more, long after they were acknowledged or lost."""
    letters = w.post.letters()
    if not letters:
        return NOTHING
    letter = w.pick(letters)
    w.stage.fault("webhook: sent again", f"{letter.name} arrives again")
    return w.post.hand_over(letter)


def old_body_new_id(w: World) -> str:
    """Deliver an old body under another id, even that of an event still on its way: the id is not signed."""
    letters = w.post.letters()
    if not letters:
        return NOTHING
    old, other = w.pick(letters), w.pick(letters[-4:])
    event_id = w.pick((other.event_id, other.event_id, "AAAAAAAAAAAAAA"))
    w.stage.fault("webhook: other event id", f"an old {old.name} arrives under the id of {other.name}")
    return w.post.hand_over(Letter(event_id, old.name, old.body, old.signature))


def webhook_trouble(w: World) -> str:
    """Plan a fault for the next events."""
    times = w.pick((1, 2, 4))
    late = float(w.pick((30, 1000, 86_400, 259_200)))
    wrong = w.pick(("wrong", "old", "none"))
    plan = w.pick(
        (
            WebhookFault(times=times, drop=True),
            WebhookFault(times=times, duplicate=2),
            WebhookFault(times=times, delay=late),
            WebhookFault(times=3, reorder=True),
            WebhookFault(times=times, signature=wrong),
            WebhookFault(times=times, no_event_id=True),
        )
    )
    w.account.box.webhook_faults.planned.append(plan)
    kinds = {
        "drop": plan.drop, "duplicate": plan.duplicate, f"delay of {late:.0f} s": plan.delay,
        "reorder": plan.reorder, f"{wrong} signature": plan.signature, "no event id": plan.no_event_id,
    }  # fmt: skip
    kind = next(name for name, chosen in kinds.items() if chosen)
    w.stage.fault(f"webhook: {kind}", f"the next {plan.times} events: {kind}")
    return ""


def refund_mode(w: World) -> str:
    switches = w.account.box.switches
    switches.refunds = w.pick(("processed", "processed", "pending", "failed", "failed", "no_balance"))
    switches.refund_seconds = w.pick((0.0, 5.0))
    w.stage.fault(f"refund: {switches.refunds}", f"refunds at Razorpay are from now on {switches.refunds}")
    return ""


def refund_ends(w: World) -> str:
    box = w.account.box
    waiting = [refund for refund in documents(box, "refund") if refund["status"] == "pending"]
    if not waiting:
        return NOTHING
    refund = w.pick(waiting)
    status = w.pick(("processed", "processed", "failed"))
    w.stage.say(f"Razorpay: {refund['id']} is {status}")
    with box.store.transaction():
        refunds.resolve(box, refunds.get(box, refund["id"]), status)
    return ""


def release_held(w: World) -> None:
    """Send the webhooks that were held back to be reordered."""
    with w.account.box.store.transaction():
        queue.release(w.account.box)


ACTIONS: dict[str, Callable[[World], str]] = {
    "wait": wait, "webhooks_arrive": webhooks_arrive, "one_webhook_arrives": one_webhook_arrives,
    "webhook_again": webhook_again, "old_body_new_id": old_body_new_id, "webhook_trouble": webhook_trouble,
    "compare_books": compare_books, "refund_mode": refund_mode, "refund_ends": refund_ends, **{name: _job(name) for name in JOBS},
}  # fmt: skip
