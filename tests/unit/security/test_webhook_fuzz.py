"""The webhook's door under a small storm of broken, forged and poisoned messages; `make fuzz` is the large one."""

from __future__ import annotations

import hmac
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as pace
from hypothesis import strategies as st

from bench import fuzz_webhook
from bench.bent_webhooks import PREVIOUS
from booking_ui.config.settings import settings
from booking_ui.db.session import Database
from booking_ui.domain.clock import utc_now
from booking_ui.gateways import wire
from tests.support.security.stage import HELD_ORDER, captured, set_stage, signed


@pytest.fixture
def rotated(configured: pytest.MonkeyPatch) -> None:
    """Two secrets are good: the present one and the one before it."""
    configured.setenv("RAZORPAY_WEBHOOK_SECRET_PREVIOUS", PREVIOUS)
    settings.cache_clear()


def test_whatever_comes_the_signature_decides_and_the_worker_parks_what_it_cannot_read(
    db: Database, rotated: None, dead_gateway: str
) -> None:
    set_stage(utc_now())
    result = fuzz_webhook.fuzz(500, seed=1)
    assert result.findings == {}
    assert set(result.answers) <= {200, 400, 413}
    assert min(result.answers[200], result.answers[400]) > 100  # both ways were really tried
    assert fuzz_webhook.left_waiting() == 0


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)
NAMES = ("payment.captured", "payment.failed", "order.paid", "refund.processed", "refund.failed", "else")
ENTITY = st.dictionaries(
    st.sampled_from(
        [
            "id",
            "order_id",
            "status",
            "amount",
            "currency",
            "card",
            "created_at",
            "fee",
            "payment_id",
            "receipt",
        ]
    ),
    JSON | st.sampled_from(["pay_" + "A" * 14, "rfnd_" + "A" * 14, "captured", "processed", "INR", 50_000]),
)
EVENT = st.fixed_dictionaries(
    {"event": st.sampled_from(NAMES) | JSON},
    optional={"payload": JSON | st.dictionaries(st.sampled_from(["payment", "refund"]), st.fixed_dictionaries({"entity": ENTITY | JSON}))},
)  # fmt: skip


def read(body: bytes) -> wire.Event | None:
    try:
        return wire.event(body)
    except wire.Unreadable:
        return None


@pace(max_examples=150, deadline=None)
@given(body=st.binary(max_size=300) | EVENT.map(lambda e: json.dumps(e).encode()))
def test_a_message_is_read_or_unreadable_and_nothing_else(body: bytes) -> None:
    read(body)
    assert len(wire.event_name(body)) <= 60


@pytest.mark.parametrize(
    "change",
    [
        {"created_at": 10**18}, {"created_at": -1}, {"amount": 0}, {"amount": 99}, {"amount": True}, {"amount": -50_000}, {"amount": 2**31},
        {"amount": 2**63}, {"amount": None}, {"currency": "RUPEES"}, {"currency": ""}, {"fee": 2**40},
        {"amount_refunded": -1}, {"id": "pay_../../orders"}, {"status": "paid"}, {"card": []},
    ],
)  # fmt: skip
def test_values_that_no_column_takes_are_unreadable(change: dict[str, Any]) -> None:
    """Fuzzing found a genuine message that was answered with 500, and would have been sent again for a day."""
    assert read(captured(HELD_ORDER)) is not None
    assert read(captured(HELD_ORDER, **change) if "id" not in change else _with_id(change["id"])) is None


def _with_id(payment_id: str) -> bytes:
    return captured(HELD_ORDER, payment_id)


@pace(max_examples=150, deadline=None)
@given(body=st.binary(max_size=100), signature=st.text(max_size=80), secret=st.text(max_size=40))
def test_no_made_up_signature_opens_and_an_empty_secret_never_does(
    body: bytes, signature: str, secret: str
) -> None:
    assert not wire.signed_by(body, signature, (secret,))
    assert not wire.signed_by(body, signed(body, ""), ("",))
    assert wire.signed_by(body, signed(body, secret), ("another", secret)) is bool(secret)


def test_signatures_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[str, str]] = []

    def compare(mine: str, theirs: str) -> bool:
        compared.append((mine, theirs))
        return False

    monkeypatch.setattr(hmac, "compare_digest", compare)
    assert not wire.signed_by(b"body", "0" * 64, ("secret", "before"))
    assert compared == [(signed(b"body", secret), "0" * 64) for secret in ("secret", "before")]
