from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.support.sandbox import Doc, Endpoint, Sandbox

DISPUTE_KEYS = [
    "id", "entity", "payment_id", "amount", "currency", "amount_deducted", "reason_code", "respond_by", "status", "phase",
    "created_at",
]  # fmt: skip
IST = timedelta(hours=5, minutes=30)
SETTLED_AFTER = timedelta(days=2)


@pytest.fixture
def paid(sandbox: Sandbox) -> Doc:
    return sandbox.pay(sandbox.order(), method="netbanking")


def _opened(sandbox: Sandbox, payment: Doc, **more: object) -> Doc:
    return sandbox.command(f"payments/{payment['id']}/dispute", **more)


def _moved(sandbox: Sandbox, dispute: Doc, to: str) -> Doc:
    return sandbox.command(f"disputes/{dispute['id']}/move", to=to)


def _settled_on(sandbox: Sandbox, day: date) -> list[Doc]:
    query = f"year={day.year}&month={day.month}&day={day.day}&count=100"
    found: list[Doc] = sandbox.ask("GET", f"/v1/settlements/recon/combined?{query}")["items"]
    return found


def test_a_dispute_is_open_deducts_nothing_and_is_listed(sandbox: Sandbox, paid: Doc) -> None:
    dispute = _opened(sandbox, paid, phase="pre_arbitration")
    assert list(dispute) == DISPUTE_KEYS
    assert re.fullmatch(r"disp_[A-Za-z0-9]{14}", dispute["id"])
    assert (dispute["status"], dispute["phase"], dispute["amount"], dispute["amount_deducted"]) == (
        "open",
        "pre_arbitration",
        50000,
        0,
    )
    assert dispute["respond_by"] > dispute["created_at"]
    assert sandbox.ask("GET", f"/v1/disputes/{dispute['id']}") == dispute
    assert sandbox.ask("GET", "/v1/disputes?count=1")["items"] == [dispute]


def test_each_step_sends_its_message_with_payment_and_dispute(
    sandbox: Sandbox, endpoint: Endpoint, paid: Doc
) -> None:
    dispute = _opened(sandbox, paid)
    steps = {"under_review": "under_review", "action_required": "open", "won": "won"}
    assert {to: _moved(sandbox, dispute, to)["status"] for to in steps} == steps
    names = [f"payment.dispute.{to}" for to in ("created", *steps)]
    told = [hook.event for hook in endpoint.await_names(paid["id"], *names) if hook.name in names]
    assert {one["event"]: one["payload"]["dispute"]["entity"]["status"] for one in told} == dict(
        zip(names, ("open", *steps.values()), strict=True)
    )
    assert {tuple(one["contains"]) for one in told} == {("payment", "dispute")}


def test_a_lost_dispute_takes_its_amount_out_of_a_settlement(sandbox: Sandbox, paid: Doc) -> None:
    dispute = _opened(sandbox, paid, amount=20000)
    assert _moved(sandbox, dispute, "lost")["amount_deducted"] == 20000
    now = sandbox.control.get("/_sandbox/clock").json()["now"]
    sandbox.command("clock/advance", seconds=timedelta(days=3).total_seconds())
    settled = {datetime.fromtimestamp(at, UTC) + IST + SETTLED_AFTER for at in (dispute["created_at"], now)}
    lines = [line for day in sorted({at.date() for at in settled}) for line in _settled_on(sandbox, day)]
    (line,) = [one for one in lines if one["dispute_id"] == dispute["id"]]
    assert (line["type"], line["debit"], line["credit"], line["payment_id"]) == (
        "adjustment",
        20000,
        0,
        paid["id"],
    )


def test_a_dispute_that_is_over_does_not_move(sandbox: Sandbox, paid: Doc) -> None:
    dispute = _opened(sandbox, paid)
    _moved(sandbox, dispute, "closed")
    answer = sandbox.control.post(f"/_sandbox/disputes/{dispute['id']}/move", json={"to": "lost"})
    assert (answer.status_code, answer.json()["error"]["description"]) == (
        400,
        "The dispute is closed already.",
    )


@pytest.mark.parametrize("wrong", [{"amount": 50001}, {"amount": 0}, {"phase": "war"}, {"other": 1}])
def test_a_dispute_of_more_than_was_paid_or_in_unknown_words_is_refused(
    sandbox: Sandbox, paid: Doc, wrong: Doc
) -> None:
    answer = sandbox.control.post(f"/_sandbox/payments/{paid['id']}/dispute", json=wrong)
    assert answer.status_code == 400
    listed = sandbox.ask("GET", "/v1/disputes?count=100")["items"]
    assert [one for one in listed if one["payment_id"] == paid["id"]] == []


def test_money_that_was_not_captured_cannot_be_disputed(sandbox: Sandbox) -> None:
    failed = sandbox.pay(sandbox.order(), outcome="payment_failed")
    answer = sandbox.control.post(f"/_sandbox/payments/{failed['id']}/dispute", json={})
    assert answer.status_code == 400
