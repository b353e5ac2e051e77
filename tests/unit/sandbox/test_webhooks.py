from __future__ import annotations

import json
import re
import threading

import pytest

from tests.support.sandbox import (
    WEBHOOK_SECRET,
    Doc,
    Endpoint,
    Hook,
    Sandbox,
    listening,
    running,
    signed,
)
from tests.support.servers import wait_until

FULL_LADDER = 16
DAY = 86400


def _attempts(sandbox: Sandbox, payment_id: str, name: str) -> list[str]:
    event = next(e for e in sandbox.events(subject=payment_id) if e["event"] == name)
    return [attempt["outcome"] for delivery in event["deliveries"] for attempt in delivery["attempts"]]


def _states(sandbox: Sandbox, payment_id: str) -> list[str]:
    return [d["state"] for e in sandbox.events(subject=payment_id) for d in e["deliveries"]]


def test_a_payment_is_told_in_three_events(sandbox: Sandbox, endpoint: Endpoint) -> None:
    payment = sandbox.pay(sandbox.order(receipt="r7"), method="netbanking")
    hooks = endpoint.await_names(payment["id"], "payment.authorized", "payment.captured", "order.paid")
    assert [hook.name for hook in hooks] == ["payment.authorized", "payment.captured", "order.paid"]
    authorized, captured, paid = (hook.event for hook in hooks)
    assert list(paid) == ["entity", "account_id", "event", "contains", "payload", "created_at"]
    assert (authorized["contains"], paid["contains"]) == (["payment"], ["payment", "order"])
    seen = [event["payload"]["payment"]["entity"] for event in (authorized, captured, paid)]
    assert [(p["status"], p["captured"], p["fee"]) for p in seen] == [
        ("authorized", False, None), ("captured", True, 1180), ("captured", True, 1180),
    ]  # fmt: skip
    assert list(seen[0])[-1] == "created_at"
    assert list(seen[1])[-2:] == ["reward", "base_amount"]
    assert list(seen[2])[-1] == "reward"
    order = paid["payload"]["order"]["entity"]
    assert (order["status"], order["amount_due"], order["receipt"]) == ("paid", 0, "r7")
    assert list(order)[-2:] == ["description", "checkout"]


def test_headers_and_signature_are_the_real_ones(sandbox: Sandbox, endpoint: Endpoint) -> None:
    payment = sandbox.pay(sandbox.order())
    hook = endpoint.await_names(payment["id"], "order.paid")[-1]
    assert hook.headers["user-agent"] == "Razorpay-Webhook/v1"
    assert hook.headers["content-type"] == "application/json"
    assert hook.headers["accept-encoding"] == "gzip"
    assert re.fullmatch(r"[A-Za-z0-9]{14}", hook.event_id or "")
    assert hook.headers["request-id"] == hook.event_id
    assert hook.signature == signed(hook.body)


def test_a_receiver_that_writes_the_json_anew_fails_the_signature(
    sandbox: Sandbox, endpoint: Endpoint
) -> None:
    payment = sandbox.pay(sandbox.order())
    body = endpoint.await_names(payment["id"], "order.paid")[-1].body
    assert b"\\/" in body
    assert "नमस्ते".encode() in body
    for escape_letters in (True, False):
        anew = json.dumps(json.loads(body), separators=(",", ":"), ensure_ascii=escape_letters).encode()
        assert signed(anew) != signed(body)


def test_empty_notes_stay_an_empty_list(sandbox: Sandbox, endpoint: Endpoint) -> None:
    payment = sandbox.pay(sandbox.order())
    hooks = endpoint.await_names(payment["id"], "payment.captured")
    captured = next(hook.event for hook in hooks if hook.name == "payment.captured")
    assert captured["payload"]["payment"]["entity"]["notes"] == []


def test_refund_events_have_sorted_keys_and_the_extra_ones(sandbox: Sandbox, endpoint: Endpoint) -> None:
    payment = sandbox.pay(sandbox.order())
    sandbox.ask("POST", f"/v1/payments/{payment['id']}/refund")
    hooks = endpoint.await_names(payment["id"], "refund.created", "refund.processed")
    for hook in hooks:
        if hook.name.startswith("refund."):
            assert hook.event["contains"] == ["refund", "payment"]
            assert _sorted_throughout(hook.event)
            shown = hook.event["payload"]["payment"]["entity"]
            assert (shown["gateway_provider"], shown["source_channel"]) == ("Razorpay", "online")
            assert (shown["captured"], shown["status"]) == (True, "refunded")


def _sorted_throughout(value: object) -> bool:
    if isinstance(value, dict):
        return list(value) == sorted(value) and all(map(_sorted_throughout, value.values()))
    return True


def test_razorpays_own_refund_says_captured_false(sandbox: Sandbox, endpoint: Endpoint) -> None:
    order = sandbox.order()
    sandbox.pay(order)
    second = sandbox.pay(order, outcome="second_late")
    hooks = endpoint.await_names(second["id"], "refund.processed")
    assert hooks[-1].event["payload"]["payment"]["entity"]["captured"] is False
    assert "payment.captured" not in {hook.name for hook in hooks}


def test_a_failed_then_late_payment_is_told_in_order(sandbox: Sandbox, endpoint: Endpoint) -> None:
    payment = sandbox.pay(sandbox.order(), outcome="upi_retry")
    hooks = endpoint.await_names(payment["id"], "order.paid")
    assert [hook.name for hook in hooks] == [
        "payment.failed", "payment.authorized", "payment.captured", "order.paid",
    ]  # fmt: skip
    failed = hooks[0].event["payload"]["payment"]["entity"]
    assert (failed["status"], failed["error_reason"], failed["vpa"]) == (
        "failed", "payment_declined", "success@razorpay",
    )  # fmt: skip


def test_a_retry_is_byte_identical_under_the_same_id(sandbox: Sandbox, endpoint: Endpoint) -> None:
    endpoint.script.extend([500, 302, 404])
    payment = sandbox.pay(sandbox.order(), outcome="payment_failed")
    hooks = wait_until(lambda: found if len(found := endpoint.about(payment["id"])) == 4 else None)
    assert len({(hook.body, hook.event_id, hook.signature) for hook in hooks}) == 1
    outcomes = wait_until(
        lambda: o if len(o := _attempts(sandbox, payment["id"], "payment.failed")) == 4 else None
    )
    assert outcomes == ["500", "302", "404", "200"]


def test_an_answer_that_takes_too_long_counts_as_failed(sandbox: Sandbox, endpoint: Endpoint) -> None:
    endpoint.script.append(-1)
    payment = sandbox.pay(sandbox.order(), outcome="payment_failed")
    wait_until(lambda: len(endpoint.about(payment["id"])) == 2)
    endpoint.let_go.set()
    outcomes = wait_until(
        lambda: o if len(o := _attempts(sandbox, payment["id"], "payment.failed")) == 2 else None
    )
    assert outcomes == ["timeout", "200"]


@pytest.fixture
def mute() -> str:
    """An address where nobody listens."""
    return "http://127.0.0.1:9/hook"


def test_the_ladder_has_sixteen_rungs_for_500_and_fifteen_for_400(endpoint: Endpoint) -> None:
    for status, expected in ((500, FULL_LADDER), (400, FULL_LADDER - 1)):
        with listening() as failing, running(WEBHOOK_URLS=failing.url) as box:
            failing.script.extend([status] * 20)
            payment = box.pay(box.order(), outcome="payment_failed")
            wait_until(lambda: failing.about(payment["id"]))  # noqa: B023  # awaited in this round
            for hours in (1, 6, 12, 4):
                box.command("clock/advance", seconds=hours * 3600)
            assert len(failing.hooks) == expected
            assert _states(box, payment["id"]) == ["exhausted"]


def test_an_address_that_fails_for_a_day_is_disabled_until_replay(mute: str) -> None:
    with listening() as other, running(WEBHOOK_URLS=f"{mute},{other.url}") as box:
        payment = box.pay(box.order(), outcome="payment_failed")
        wait_until(lambda: other.about(payment["id"]))
        box.command("clock/advance", seconds=DAY / 2)
        assert [e["disabled"] for e in box.control.get("/_sandbox/webhooks").json()] == [False, False]
        box.command("clock/advance", seconds=DAY / 2)
        assert [e["disabled"] for e in box.control.get("/_sandbox/webhooks").json()] == [True, False]
        later = box.pay(box.order(), outcome="payment_failed")
        ends = ["acknowledged", "dropped"]  # written down a moment after the address has heard
        wait_until(lambda: sorted(_states(box, later["id"])) == ends, what="both ends of the delivery")
        assert box.command("webhooks/replay") == {"replayed": 2}
        assert not any(e["disabled"] for e in box.control.get("/_sandbox/webhooks").json())


def test_every_address_gets_the_event_under_the_same_id() -> None:
    with listening() as one, listening() as two, running(WEBHOOK_URLS=f"{one.url},{two.url}") as box:
        payment = box.pay(box.order(), outcome="payment_failed")
        first = wait_until(lambda: one.about(payment["id"]))[0]
        second = wait_until(lambda: two.about(payment["id"]))[0]
        assert (first.event_id, first.body, first.signature) == (
            second.event_id,
            second.body,
            second.signature,
        )


def test_waiting_events_survive_a_kill(tmp_path_factory: pytest.TempPathFactory) -> None:
    state = str(tmp_path_factory.mktemp("state") / "razorpay.db")
    with listening() as endpoint:
        endpoint.script.extend([503] * 2)
        with running(WEBHOOK_URLS=endpoint.url, STATE=state) as box:
            order = box.order()
            payment = box.pay(order)
            wait_until(lambda: endpoint.about(payment["id"]))
            box.process.kill()
            box.process.wait(10)
        before = endpoint.about(payment["id"])[0]
        with running(WEBHOOK_URLS=endpoint.url, STATE=state) as box:
            box.command("clock/advance", seconds=60)
            hooks = endpoint.await_names(
                payment["id"], "payment.authorized", "payment.captured", "order.paid"
            )
            again = [hook for hook in hooks if hook.event_id == before.event_id]
            assert {(h.body, h.signature) for h in again} == {(before.body, before.signature)}
            assert box.ask("GET", f"/v1/orders/{order['id']}")["status"] == "paid"


def test_retries_of_older_events_keep_the_old_secret(sandbox: Sandbox, endpoint: Endpoint) -> None:
    endpoint.script.append(503)
    old = sandbox.pay(sandbox.order(), outcome="payment_failed")
    sandbox.command("webhooks/secret", secret="a-new-secret")
    new = sandbox.pay(sandbox.order(), outcome="payment_failed")
    hooks = wait_until(lambda: h if len(h := endpoint.about(old["id"])) == 2 else None)
    fresh = wait_until(lambda: endpoint.about(new["id"]))[0]
    sandbox.command("webhooks/secret", secret=WEBHOOK_SECRET)
    assert {hook.signature for hook in hooks} == {signed(hooks[0].body)}
    assert fresh.signature == signed(fresh.body, "a-new-secret")


def _one(sandbox: Sandbox, endpoint: Endpoint, **fault: object) -> tuple[Doc, Hook]:
    sandbox.command("faults/webhooks", event="payment.failed", **fault)
    payment = sandbox.pay(sandbox.order(), outcome="payment_failed")
    return payment, wait_until(lambda: endpoint.about(payment["id"]))[0]


def test_an_event_can_be_sent_several_times(sandbox: Sandbox, endpoint: Endpoint) -> None:
    payment, first = _one(sandbox, endpoint, duplicate=4)
    hooks = wait_until(lambda: h if len(h := endpoint.about(payment["id"])) == 5 else None)
    assert {(hook.event_id, hook.body) for hook in hooks} == {(first.event_id, first.body)}


def test_a_signature_can_be_wrong_old_or_missing_and_the_retry_is_right(
    sandbox: Sandbox, endpoint: Endpoint
) -> None:
    endpoint.script.extend([400, 200])
    payment, wrong = _one(sandbox, endpoint, signature="wrong")
    assert wrong.signature != signed(wrong.body)
    again = wait_until(lambda: h if len(h := endpoint.about(payment["id"])) == 2 else None)[1]
    assert (again.signature, again.event_id) == (signed(wrong.body), wrong.event_id)

    assert _one(sandbox, endpoint, signature="none")[1].signature is None

    sandbox.command("webhooks/secret", secret="a-new-secret")
    old = _one(sandbox, endpoint, signature="old")[1]
    sandbox.command("webhooks/secret", secret=WEBHOOK_SECRET)
    assert old.signature == signed(old.body)


def test_an_event_can_come_without_its_id(sandbox: Sandbox, endpoint: Endpoint) -> None:
    hook = _one(sandbox, endpoint, no_event_id=True)[1]
    assert (hook.event_id, hook.signature) == (None, signed(hook.body))


def test_an_event_can_be_lost(sandbox: Sandbox, endpoint: Endpoint) -> None:
    sandbox.command("faults/webhooks", event="payment.captured", drop=True)
    payment = sandbox.pay(sandbox.order())
    hooks = endpoint.await_names(payment["id"], "order.paid")
    assert "payment.captured" not in {hook.name for hook in hooks}


def test_an_event_can_be_late(sandbox: Sandbox, endpoint: Endpoint) -> None:
    sandbox.command("faults/webhooks", event="payment.captured", delay=20 * 3600)
    payment = sandbox.pay(sandbox.order())
    hooks = endpoint.await_names(payment["id"], "order.paid")
    assert "payment.captured" not in {hook.name for hook in hooks}
    sandbox.command("clock/advance", seconds=3600)
    assert endpoint.about(payment["id"])[-1].name == "payment.captured"


def test_events_can_come_in_reverse(sandbox: Sandbox, endpoint: Endpoint) -> None:
    sandbox.command("faults/webhooks", times=3, reorder=True)
    payment = sandbox.pay(sandbox.order())
    hooks = wait_until(lambda: h if len(h := endpoint.about(payment["id"])) == 3 else None)
    assert [hook.name for hook in hooks] == ["order.paid", "payment.captured", "payment.authorized"]


def test_held_events_can_be_released_early(sandbox: Sandbox, endpoint: Endpoint) -> None:
    sandbox.command("faults/webhooks", times=10, reorder=True)
    payment = sandbox.pay(sandbox.order(), outcome="payment_failed")
    assert _states(sandbox, payment["id"]) == ["held"]
    sandbox.command("webhooks/release")
    wait_until(lambda: endpoint.about(payment["id"]))


def test_a_hanging_receiver_does_not_hold_up_other_payments(sandbox: Sandbox) -> None:
    with listening() as slow, running(WEBHOOK_URLS=slow.url) as box:
        slow.script.append(-1)
        stuck = box.pay(box.order(), outcome="payment_failed")
        wait_until(lambda: slow.about(stuck["id"]))
        moving = box.pay(box.order(), outcome="payment_failed")
        wait_until(lambda: slow.about(moving["id"]), seconds=3)
        assert not slow.let_go.is_set()
    assert threading.active_count() < 50
