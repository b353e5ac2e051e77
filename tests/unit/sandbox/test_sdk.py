"""The official SDK against the sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import razorpay  # noqa: TID251  # the sandbox must satisfy the real client
import requests
from razorpay import errors  # noqa: TID251

from tests.support.sandbox import KEY_ID, KEY_SECRET, WEBHOOK_SECRET, Endpoint, Sandbox

_Client: Any = razorpay.Client  # the SDK ships no types


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[Any]:
    with requests.Session() as session:
        session.trust_env = False
        yield _Client(auth=(KEY_ID, KEY_SECRET), session=session, base_url=sandbox.url)


def test_an_order_from_creation_to_refund(client: Any, sandbox: Sandbox, endpoint: Endpoint) -> None:
    order = client.order.create({"amount": 50000, "currency": "INR", "receipt": "sdk-1"})
    assert client.order.fetch(order["id"]) == order
    done = sandbox.command(f"orders/{order['id']}/pay", method="upi")
    assert client.utility.verify_payment_signature(done["checkout"])
    payment = client.payment.fetch(done["payment"]["id"])
    assert payment["status"] == "captured"
    assert client.order.payments(order["id"])["items"] == [payment]

    hook = endpoint.await_names(payment["id"], "order.paid")[-1]
    assert client.utility.verify_webhook_signature(hook.body.decode(), hook.signature, WEBHOOK_SECRET)

    refund = client.payment.refund(
        payment["id"], {"amount": 20000}, headers={"X-Refund-Idempotency": f"rf-{order['id']}"}
    )
    again = client.payment.refund(
        payment["id"], {"amount": 20000}, headers={"X-Refund-Idempotency": f"rf-{order['id']}"}
    )
    assert again == refund
    assert client.payment.fetch_multiple_refund(payment["id"])["items"] == [refund]
    assert client.refund.fetch(refund["id"]) == refund
    assert client.refund.edit(refund["id"], {"notes": {"why": "moved"}})["notes"] == {"why": "moved"}
    assert client.refund.create({"payment_id": payment["id"]})["amount"] == 30000


def test_a_manual_capture(client: Any, sandbox: Sandbox) -> None:
    order = client.order.create({"amount": 50000, "currency": "INR", "payment": {"capture": "manual"}})
    payment = sandbox.pay(order)
    assert client.payment.capture(payment["id"], 50000, {"currency": "INR"})["captured"] is True


def test_a_changed_signature_is_refused(client: Any, sandbox: Sandbox) -> None:
    done = sandbox.command(f"orders/{sandbox.order()['id']}/pay")["checkout"]
    other = done | {"razorpay_order_id": sandbox.order()["id"]}
    with pytest.raises(errors.SignatureVerificationError):
        client.utility.verify_payment_signature(other)


def test_errors_become_the_sdks_errors(client: Any, sandbox: Sandbox) -> None:
    with pytest.raises(errors.BadRequestError, match="The id provided does not exist"):
        client.order.fetch("order_AAAAAAAAAAAAAA")
    with pytest.raises(errors.BadRequestError, match="The request body must be a JSON object"):
        client.payment.refund(sandbox.pay(sandbox.order())["id"], 50000)
    sandbox.command("faults/http", kind="500")
    with pytest.raises(errors.ServerError):
        client.order.fetch("order_AAAAAAAAAAAAAA")
    sandbox.command("faults/http", kind="502")
    with pytest.raises(requests.exceptions.JSONDecodeError):
        client.order.fetch("order_AAAAAAAAAAAAAA")


def test_a_wrong_secret_is_a_bad_request_to_the_sdk(sandbox: Sandbox) -> None:
    with requests.Session() as session:
        session.trust_env = False
        stranger = _Client(auth=(KEY_ID, "wrong"), session=session, base_url=sandbox.url)
        with pytest.raises(errors.BadRequestError, match="Authentication failed"):
            stranger.order.create({"amount": 50000, "currency": "INR"})
