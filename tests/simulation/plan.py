"""The plan of a story: the steps that a seed stands for, and the conditions under which they happen."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tests.simulation.stage import Step

WEIGHTS = {
    "book": 18, "claim": 5, "open": 5, "pay": 8, "come_back": 5, "forge": 2, "look": 3, "try_again": 6,
    "let_go": 2, "cancel": 8,
    "mark": 4, "conclude": 1, "settle_refund": 2, "decide": 2, "dashboard_refund": 2, "second_capture": 1,
    "decide_payment": 2, "desk_cancel": 2, "change_doctor": 1, "erase": 1,
    "webhooks_arrive": 14, "one_webhook_arrives": 8, "webhook_again": 3, "old_body_new_id": 2,
    "webhook_trouble": 4, "refund_mode": 4, "refund_ends": 4,
    "apply_webhooks": 14, "send_refunds": 9, "sweep_holds": 8, "ask_quiet": 9, "send_mails": 7, "compare_books": 2,
    "wait": 18,
}  # fmt: skip
MEANWHILE = (
    "apply_webhooks", "send_refunds", "sweep_holds", "ask_quiet", "send_mails", "compare_books", "webhooks_arrive",
    "open", "book",
    "claim", "come_back", "look", "try_again", "let_go", "cancel", "mark", "desk_cancel", "decide_payment", "pay",
)  # fmt: skip
KINDS = {
    "webhooks off": ("webhooks_arrive", "one_webhook_arrives", "webhook_again", "old_body_new_id"),
    "nobody comes back": ("come_back", "look"),
    "no desk": (
        "mark",
        "conclude",
        "settle_refund",
        "decide",
        "decide_payment",
        "desk_cancel",
        "dashboard_refund",
        "second_capture",
        "change_doctor",
    ),
}
"""Steps that may be absent from a story; each kind is absent from one story in five."""
DISPUTED = (4, 6, 7)
"""The remainders by 11 of the seeds in whose stories banks dispute payments."""
SCENES = (
    ("book", "come_back", "dispute", "webhooks_arrive", "apply_webhooks", "cancel", "desk_cancel", "send_refunds"),
    ("book", "come_back", "cancel", "dispute", "send_refunds", "webhooks_arrive", "apply_webhooks"),
    ("book", "webhooks_arrive", "apply_webhooks", "dispute", "compare_books", "desk_cancel", "send_refunds"),
    ("dispute", "webhooks_arrive", "apply_webhooks", "cancel", "send_held", "send_refunds", "dispute_ends", "refund_ends"),
    ("dispute_moves", "webhooks_arrive", "apply_webhooks", "dispute_ends", "send_refunds"),
    ("dispute_ends", "compare_books", "send_refunds"),
    ("dispute", "compare_books", "cancel", "dashboard_refund", "dispute_ends", "settle_refund"),
    ("second_capture", "dispute", "webhooks_arrive", "apply_webhooks", "send_refunds", "dispute_ends"),
)  # fmt: skip
"""What may happen around a dispute; each of its steps but the bank's is left out of it one time in four."""
HEARD = ("apply_webhooks", "ask_quiet", "look", "come_back", "webhooks_arrive")
"""The steps by which one fact may reach us twice at once."""


@dataclass(frozen=True)
class Theme:
    """The theme of a story: steps that are more frequent in it, and conditions that it sets."""

    often: tuple[str, ...] = ()
    conditions: Mapping[str, Any] = field(default_factory=dict)
    deaths: float | None = None
    bustle: float | None = None
    meanwhile: tuple[str, ...] = MEANWHILE
    absent: str = ""  # one of KINDS


THEMES = {
    "anything": Theme(),
    "a crowd": Theme(
        ("book", "pay", "try_again", "sweep_holds", "wait"), {"crowd": True, "money": "late"}, bustle=0.15
    ),
    "told twice": Theme(("book", "webhooks_arrive", *HEARD), {"money": "good"}, bustle=0.9, meanwhile=HEARD),
    "strange money": Theme(("pay", "second_capture", "dashboard_refund", "decide"), {"money": "strange"}),
    "refunds in trouble": Theme(
        ("book", "cancel", "send_refunds", "refund_mode", "refund_ends", "settle_refund", "apply_webhooks"),
        {"money": "good", "gateway_trouble": 0.4},
    ),
    "a frail worker": Theme(
        ("book", "cancel", "send_refunds", "send_mails", "apply_webhooks"), {"money": "good"}, deaths=0.6
    ),
    "hands at the desk": Theme(
        (
            "book",
            "pay",
            "mark",
            "decide_payment",
            "cancel",
            "desk_cancel",
            "dashboard_refund",
            "apply_webhooks",
        ),
        {"gateway_trouble": 0.4},
    ),
    "a slow bank": Theme(
        ("book", "come_back", "cancel", "send_refunds", "wait"),
        {"money": "good", "refunds": "pending"},
        absent="webhooks off",
    ),
}
"""Half of the stories are about anything, the others about one of these."""


@dataclass(frozen=True)
class Conditions:
    """Conditions that hold throughout a story."""

    webhooks: bool = True
    gateway_trouble: float = 0.0  # chance that a call fails
    mail_trouble: float = 0.0
    lost_acks: float = 0.0
    capture: str = "automatic"  # or manual
    unique_receipt: str = "honoured"  # or ignored, or refused as an unknown field
    list_lag_seconds: float = 0.0
    grace_seconds: int = 0
    crowd: bool = False  # all patients want the same slot
    money: str = "any"  # or late, good, strange: which payments are made
    fee_bearer: str = "business"  # or customer: what is paid is more than the order's amount
    disputes: bool = False  # then the list of disputes may fail too
    refunds: str = "processed"  # the status that Razorpay gives new refunds at first


@dataclass(frozen=True)
class Plan:
    seed: int
    conditions: Conditions
    steps: tuple[Step, ...]
    theme: str = "anything"


def plan(seed: int) -> Plan:
    """The plan of a seed, the same one as long as this file does not change."""
    dice = random.Random(seed)
    about = dice.choice((*["anything"] * (len(THEMES) - 1), *list(THEMES)[1:]))
    theme = THEMES[about]
    weights = {action: weight * dice.choice((0.3, 1, 1, 2.5)) for action, weight in WEIGHTS.items()}
    weights |= {often: max(weights[often] * 2.5, 8) for often in theme.often}
    absent = [kind for kind in KINDS if (dice.random() < 0.2) | (kind == theme.absent)]
    for kind in absent:
        for name in KINDS[kind]:
            weights.pop(name, None)
    conditions = replace(_conditions(dice, webhooks="webhooks off" not in absent), **theme.conditions)
    deaths, bustle = dice.choice((0.0, 0.1, 0.3)), dice.choice((0.0, 0.15, 0.4))
    pace = Pace(
        deaths if theme.deaths is None else theme.deaths,
        bustle if theme.bustle is None else theme.bustle,
        tuple(name for name in theme.meanwhile if name in weights),
    )
    steps = tuple(_step(dice, weights, pace) for _ in range(dice.randint(20, 60)))
    whole = Plan(seed, conditions, steps, about)
    return _with_disputes(whole, absent) if seed % 11 in DISPUTED else whole


def _with_disputes(whole: Plan, absent: list[str]) -> Plan:
    """The plan with disputes in it, from dice of their own: stories without any stay as they are."""
    dice = random.Random(f"disputes of {whole.seed}")
    steps = list(whole.steps)
    missing = {name for kind in absent for name in KINDS[kind]} | (
        {"send_held"} if "no desk" in absent else set()
    )
    for scene in [dice.choice(SCENES[:3]), *dice.choices(SCENES, k=dice.randint(2, 5))]:
        place = dice.randint(len(steps) // 3, len(steps))
        for name in scene:
            if name not in missing and (dice.random() < 0.75 or name.startswith("dispute")):
                steps.insert(place, Step(name, dice.getrandbits(32), dice.choice((0, 0, 0, 1, 2, 3))))
                place += 1 + dice.choice((0, 0, 0, 1))
    for _ in range(dice.randint(0, 3)):
        place = dice.randrange(len(steps))
        moved = Step(dice.choice(("dispute", "dispute_moves", "dispute_ends")), dice.getrandbits(32))
        at = (dice.choice((1, 1, 2, 2, 3, 4)), moved)
        steps[place] = replace(steps[place], meanwhile=(*steps[place].meanwhile, at))
    return replace(whole, steps=tuple(steps), conditions=replace(whole.conditions, disputes=True))


@dataclass(frozen=True)
class Pace:
    """Chances that a step's process dies and that others act meanwhile, and the steps that they may take."""

    deaths: float
    bustle: float
    meanwhile: tuple[str, ...]


def _conditions(dice: random.Random, *, webhooks: bool) -> Conditions:
    return Conditions(
        webhooks=webhooks,
        gateway_trouble=dice.choice((0.0, 0.0, 0.1, 0.4)),
        mail_trouble=dice.choice((0.0, 0.0, 0.3)),
        lost_acks=dice.choice((0.0, 0.0, 0.2)),
        capture=dice.choice(("automatic", "automatic", "automatic", "manual")),
        unique_receipt=dice.choice(("honoured", "honoured", "ignored", "refused")),
        list_lag_seconds=dice.choice((0.0, 0.0, 90.0)),
        grace_seconds=dice.choice((0, 0, 300)),
        fee_bearer=dice.choice((*["business"] * 11, "customer")),
    )


def _step(dice: random.Random, weights: dict[str, float], pace: Pace) -> Step:
    (action,) = dice.choices(list(weights), list(weights.values()))
    crash_at = dice.choice((1, 1, 2, 2, 3, 4, 5, 6, 8, 10)) if dice.random() < pace.deaths else 0
    step = Step(action, dice.getrandbits(32), crash_at)
    if dice.random() >= pace.bustle:
        return step
    others = tuple(
        (dice.choice((1, 1, 2, 2, 3, 3, 4, 5, 6)), _inner(dice, pace, step))
        for _ in range(dice.randint(1, 3))
    )
    return replace(step, meanwhile=others)


def _inner(dice: random.Random, pace: Pace, outer: Step) -> Step:
    """A step that another process takes meanwhile; often an identical one, as in a double click or with two workers."""
    if outer.action in MEANWHILE and dice.random() < 0.3:
        return Step(outer.action, outer.seed)
    crash_at = dice.choice((1, 2, 3, 4)) if dice.random() < pace.deaths / 2 else 0
    return Step(dice.choice(pace.meanwhile), dice.getrandbits(32), crash_at)
