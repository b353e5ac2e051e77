"""The SDK's traps, each with a test against a real HTTP server."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import ClassVar

import pytest

from booking_ui.config.settings import SANDBOX_KEY_ID, SANDBOX_KEY_SECRET
from booking_ui.domain.errors import GatewayError, GatewayRejected, GatewayUnavailable, GatewayUnknown
from booking_ui.gateways import razorpay as module
from booking_ui.gateways import wire
from booking_ui.gateways.razorpay import Razorpay, gateway
from tests.support.sandbox_control import ask, capture_now, control, pay

PAYMENT = {"id": "pay_TVCsKe6a4pkI5j", "status": "captured", "amount": 100, "currency": "INR"}


pytestmark = pytest.mark.usefixtures("sandbox")


def order(amount: int = 50_000, receipt: str = "r1") -> str:
    return gateway().create_order(
        amount_paise=amount, currency="INR", receipt=receipt, notes={"booking": receipt}
    )


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("401", GatewayRejected),
        ("429", GatewayUnavailable),
        ("500", GatewayUnknown),
        ("502", GatewayUnknown),
        ("reset", GatewayUnknown),
        ("drop", GatewayUnknown),
    ],
)
def test_every_failure_of_a_post_becomes_one_of_our_errors(
    sandbox: str, kind: str, expected: type[GatewayError]
) -> None:
    control(sandbox, "faults/http", {"kind": kind, "times": 0, "method": "POST"})
    with pytest.raises(GatewayError) as raised:
        order(receipt=f"fault-{kind}")
    assert type(raised.value) is expected


@pytest.mark.parametrize("kind", ["429", "500", "502", "reset"])
def test_a_question_that_fails_is_only_unavailable(sandbox: str, kind: str) -> None:
    order_id = order(receipt=f"q-{kind}")
    control(sandbox, "faults/http", {"kind": kind, "times": 0, "method": "GET"})
    with pytest.raises(GatewayUnavailable):
        gateway().payments_of(order_id)


def test_a_hanging_gateway_costs_bounded_time_and_the_outcome_is_unknown(
    sandbox: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "READ_SECONDS", 0.3)
    control(sandbox, "faults/http", {"kind": "hang", "times": 1, "seconds": 60})
    began = time.monotonic()
    with pytest.raises(GatewayUnknown):
        order(receipt="hang")
    assert time.monotonic() - began < 30


def test_nobody_listening_is_unavailable_even_for_a_post(dead_gateway: str) -> None:
    with pytest.raises(GatewayUnavailable):
        order()


def test_nothing_is_printed_when_the_network_fails(
    dead_gateway: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(GatewayUnavailable):
        gateway().payments_of("order_00000000000001")
    assert capsys.readouterr().out == ""


def test_a_wrong_key_is_a_refusal_that_names_itself(sandbox: str) -> None:
    stranger = Razorpay(key_id=SANDBOX_KEY_ID, key_secret="wrong", api_url=sandbox)
    with pytest.raises(GatewayRejected) as raised:
        stranger.payments_of("order_00000000000001")
    assert raised.value.http_status == 401


def test_an_environment_proxy_does_not_swallow_calls_to_the_sandbox(
    sandbox: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert wire.is_id("order", order(receipt="proxy"))


def test_the_base_url_may_end_with_a_slash(sandbox: str) -> None:
    slashed = Razorpay(key_id=SANDBOX_KEY_ID, key_secret=SANDBOX_KEY_SECRET, api_url=sandbox + "/")
    assert slashed.payments_of(order(receipt="slash")).facts == []


@pytest.mark.parametrize(
    "bad",
    [
        "../orders/x",
        "order_short",
        "pay_00000000000001",
        "order_0000000000000?",
        "",
        "order_00000000000001\n",
    ],
)
def test_malformed_ids_never_reach_a_url(sandbox: str, bad: str) -> None:
    with pytest.raises(GatewayRejected):
        gateway().payments_of(bad)


def test_many_captures_at_once_each_send_their_own_amount(sandbox: str) -> None:
    amounts = [10_000 + 100 * n for n in range(16)]
    orders = [order(amount, receipt=f"cap-{amount}") for amount in amounts]
    paid = [pay(sandbox, o, "authorized")["payment"]["id"] for o in orders]

    def capture(pair: tuple[str, int]) -> int:
        return gateway().capture(pair[0], amount_paise=pair[1], currency="INR").amount_paise

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(capture, zip(paid, amounts, strict=True))) == amounts


def test_already_captured_is_a_success_and_a_wrong_amount_is_not(sandbox: str) -> None:
    order_id = order(receipt="twice")
    payment_id = pay(sandbox, order_id)["payment"]["id"]
    capture_now(sandbox)
    assert gateway().capture(payment_id, amount_paise=50_000, currency="INR").status == "captured"
    with pytest.raises(GatewayRejected):
        gateway().capture(payment_id, amount_paise=40_000, currency="INR")


def test_the_same_refund_key_pays_once_and_another_amount_under_it_is_refused(sandbox: str) -> None:
    order_id = order(receipt="refund")
    payment_id = pay(sandbox, order_id)["payment"]["id"]
    capture_now(sandbox)
    first = gateway().refund(payment_id, amount_paise=20_000, key="rf-0000000001")
    again = gateway().refund(payment_id, amount_paise=20_000, key="rf-0000000001")
    assert (again.refund_id, first.key) == (first.refund_id, "rf-0000000001")
    theirs = ask(sandbox, f"payments/{payment_id}/refunds")["items"][0]["created_at"]
    assert first.created_at is not None
    assert first.created_at.timestamp() == theirs
    with pytest.raises(GatewayRejected):
        gateway().refund(payment_id, amount_paise=10_000, key="rf-0000000001")
    assert ask(sandbox, f"payments/{payment_id}")["amount_refunded"] == 20_000


class _Conflict(BaseHTTPRequestHandler):
    """An account where every refund meets its own key, told in words that no version of Razorpay has used yet."""

    known: ClassVar[list[dict[str, object]]] = []

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        refusal = {
            "code": "BAD_REQUEST_ERROR",
            "description": "Bitte warten.",
            "reason": "NA",
            "source": "NA",
        }
        self._answer(409, {"error": refusal})

    def do_GET(self) -> None:
        self._answer(200, {"entity": "collection", "count": len(self.known), "items": self.known})

    def _answer(self, status: int, answer: dict[str, object]) -> None:
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        pass


class _Used(_Conflict):
    known: ClassVar[list[dict[str, object]]] = [
        {
            "id": "rfnd_00000000000001", "payment_id": PAYMENT["id"], "amount": 200, "currency": "INR",
            "status": "processed", "receipt": "rf-0000000001",
        }
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("account", "expected"), [(_Conflict, GatewayUnavailable), (_Used, GatewayRejected)], ids=["busy", "used"]
)
def test_a_conflict_of_keys_is_understood_without_its_words(
    account: type[_Conflict], expected: type[GatewayError]
) -> None:
    """A refund whose first request is in progress is sent again later, and never given up for how that was said."""
    with account_at(account) as razorpay, pytest.raises(GatewayError) as raised:
        razorpay.refund("pay_TVCsKe6a4pkI5j", amount_paise=100, key="rf-0000000001")
    assert (type(raised.value), raised.value.http_status) == (expected, 409)


def test_the_sandbox_answers_a_twin_of_a_refund_in_progress_alike(sandbox: str) -> None:
    payment_id = pay(sandbox, order(receipt="twin"))["payment"]["id"]
    capture_now(sandbox)
    control(sandbox, "switches", {"refund_seconds": 2})

    def refund(_: int) -> str:
        try:
            return gateway().refund(payment_id, amount_paise=20_000, key="rf-0000000002").key or ""
        except GatewayUnavailable as busy:
            return str(busy.http_status)

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(refund, range(2))) == ["409", "rf-0000000002"]


def test_the_same_receipt_gives_the_same_order(sandbox: str) -> None:
    assert order(receipt="same") == order(receipt="same")


def test_a_float_or_tiny_amount_is_refused(sandbox: str) -> None:
    for amount in (99, 0, -1):
        with pytest.raises(GatewayRejected):
            order(amount, receipt=f"a{amount}")


def test_signatures_are_checked_strictly_over_bytes() -> None:
    message, secret = '{"a":"é\\/"}'.encode(), "s"
    assert not wire.signed_by(message, "0" * 64, (secret,))
    genuine = hmac.new(b"s", message, hashlib.sha256).hexdigest()
    assert wire.signed_by(message, genuine, ("other", secret))
    for bad in (None, "", genuine.upper(), genuine + "0", genuine[:-1], "é" * 64, " " + genuine):
        assert not wire.signed_by(message, bad, (secret,))
    empty = hmac.new(b"", message, hashlib.sha256).hexdigest()
    assert not wire.signed_by(message, empty, ("",))
    assert not wire.signed_by(message, empty, ())


def test_a_gateway_without_key_or_secret_is_never_opened() -> None:
    for key_id, secret in (("", "s"), ("rzp_test_x", "")):
        with pytest.raises(ValueError, match="without key or secret"):
            Razorpay(key_id=key_id, key_secret=secret, api_url="http://127.0.0.1:1")


class _ManyShops(BaseHTTPRequestHandler):
    """An account that is also another shop's, which sells in a currency with small coins."""

    def do_GET(self) -> None:
        strange = {**PAYMENT, "id": "pay_00000000000001", "amount": 50, "currency": "USD"}
        body = json.dumps({"entity": "collection", "count": 2, "items": [strange, PAYMENT]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        pass


class _Nonsense(_ManyShops):
    """Answers every question with 200 and this body."""

    body: ClassVar[bytes] = b""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)


class _Refusing(_Conflict):
    """Refuses every order, and lists what no order looks like."""

    known: ClassVar[list[dict[str, object]]] = [None, "order", {"receipt": None}]  # type: ignore[list-item]

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._answer(400, {"error": {"code": "BAD_REQUEST_ERROR", "reason": "no more orders"}})


class _Proxy(BaseHTTPRequestHandler):
    """What stands between and lets nobody through."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b"<html>403 Forbidden</html>"
        self.send_response(403)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST  # noqa: N815 - the base class's names

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        pass


@contextmanager
def account_at(handler: type[BaseHTTPRequestHandler]) -> Iterator[Razorpay]:
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}"
        yield Razorpay(key_id="rzp_test_x", key_secret="s", api_url=url)
        server.shutdown()


def test_one_entity_that_cannot_be_read_hides_no_other_of_its_list() -> None:
    with account_at(_ManyShops) as account:
        found = [
            account.payments_between(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 5, tzinfo=UTC)),
            account.payments_of("order_TVCpvdEADkAoMJ"),
        ]
    assert [fact.payment_id for told in found for fact in told.facts] == [PAYMENT["id"], PAYMENT["id"]]
    assert [[one.entity_id for one in told.unreadable] for told in found] == [["pay_00000000000001"]] * 2


def test_refunds_that_cannot_be_read_are_not_taken_for_none() -> None:
    """Whoever finds hers missing sends it again."""
    with account_at(_ManyShops) as account, pytest.raises(GatewayUnavailable):
        account.refunds_of("pay_TVCsKe6a4pkI5j")


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b'{"items": null}',
        b'{"items": 5}',
        b'{"items": {"a": 1}}',
        b'{"items": "none"}',
        b'{"error": {"code": "SERVER_ERROR"}}',
        b"[" * 100_000,
        b'{"items": ' + b"1" * 5000 + b"}",
    ],
    ids=["empty", "null", "number", "object", "text", "error", "brackets", "digits"],
)
def test_a_good_answer_that_holds_no_list_is_not_taken_for_an_empty_one(body: bytes) -> None:
    """Refunds that are taken for none would be sent a second time, and payments for none would be missing."""
    start, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 5, tzinfo=UTC)
    with account_at(type("Nonsense", (_Nonsense,), {"body": body})) as account:
        for question in (
            lambda: account.refunds_of("pay_TVCsKe6a4pkI5j"),
            lambda: account.payments_of("order_TVCpvdEADkAoMJ"),
            lambda: account.payments_between(start, end),
            lambda: account.refunds_between(start, end),
            lambda: account.disputes_between(start, end),
            lambda: account.newest_payments(20),
            lambda: account.settled_on(start.date()),
            account.downtimes,
        ):
            with pytest.raises(GatewayUnavailable):
                question()


def test_an_order_is_not_looked_for_among_what_are_no_orders() -> None:
    with account_at(_Refusing) as account, pytest.raises(GatewayRejected) as raised:
        account.create_order(amount_paise=100, currency="INR", receipt="r", notes={})
    assert raised.value.reason == "no more orders"


def test_a_proxys_refusal_is_not_razorpays() -> None:
    """A refund must not be given up, nor a payment be called missing, because of a page that is not Razorpay's."""
    with account_at(_Proxy) as account:
        with pytest.raises(GatewayUnknown):
            account.refund("pay_TVCsKe6a4pkI5j", amount_paise=100, key="rf-0000000001")
        with pytest.raises(GatewayUnavailable):
            account.payment("pay_TVCsKe6a4pkI5j")


@pytest.mark.parametrize(
    "entity",
    [
        {**PAYMENT, "notes": []},
        {
            **PAYMENT,
            "notes": {"a": 1},
            "vpa": None,
            "email": "void@razorpay.com",
            "order_id": None,
            "surprise": {},
        },
        {**PAYMENT, "error_code": "", "fee": None, "card": None},
    ],
)
def test_payments_are_read_tolerantly(entity: dict[str, object]) -> None:
    assert wire.payment_fact(entity).amount_paise == 100
    bearers = (None, "platform", "customer")
    told = [wire.payment_fact({**entity, "fee_bearer": one}).customer_bears_fee for one in bearers]
    assert told == [False, False, True]


@pytest.mark.parametrize(
    "entity",
    [None, [], {}, {**PAYMENT, "id": "x"}, {**PAYMENT, "amount": "a lot"}, {**PAYMENT, "status": "new"}],
)
def test_what_is_not_a_payment_is_unreadable(entity: object) -> None:
    with pytest.raises(wire.Unreadable):
        wire.payment_fact(entity)
