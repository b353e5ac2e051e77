from __future__ import annotations

import httpx
import pytest

from tests.support.sandbox import Sandbox

ORDER = {"amount": 50000, "currency": "INR"}


def _post(
    sandbox: Sandbox, receipt: str, headers: dict[str, str] | None = None, *, patience: float = 30
) -> httpx.Response:
    body = ORDER | {"receipt": receipt}
    return sandbox.api.post("/v1/orders", json=body, headers=headers, timeout=patience)


def _made(sandbox: Sandbox, receipt: str) -> int:
    return int(sandbox.ask("GET", f"/v1/orders?receipt={receipt}")["count"])


def test_an_answer_is_lost_after_the_order_was_made(sandbox: Sandbox) -> None:
    sandbox.command("faults/http", kind="drop", method="POST", path="/v1/orders")
    with pytest.raises(httpx.RemoteProtocolError):
        _post(sandbox, "drop")
    assert _made(sandbox, "drop") == 1


def test_a_connection_is_reset_before_anything_happened(sandbox: Sandbox) -> None:
    sandbox.command("faults/http", kind="reset", method="POST", path="/v1/orders")
    with pytest.raises(httpx.ReadError):
        _post(sandbox, "reset")
    assert _made(sandbox, "reset") == 0


@pytest.mark.parametrize(("when", "made"), [("before", 0), ("after", 1)])
def test_a_request_hangs(sandbox: Sandbox, when: str, made: int) -> None:
    sandbox.command("faults/http", kind="hang", method="POST", when=when)
    with pytest.raises(httpx.ReadTimeout):
        _post(sandbox, f"hang-{when}", patience=1)
    assert _made(sandbox, f"hang-{when}") == made


def test_a_hang_ends_with_a_closed_connection(sandbox: Sandbox) -> None:
    sandbox.command("faults/http", kind="hang", seconds=0.05)
    with pytest.raises(httpx.RemoteProtocolError):
        _post(sandbox, "short-hang")


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [("401", 401, "BAD_REQUEST_ERROR"), ("429", 429, "BAD_REQUEST_ERROR"), ("500", 500, "SERVER_ERROR")],
)
def test_an_error_answer_in_json(sandbox: Sandbox, kind: str, status: int, code: str) -> None:
    sandbox.command("faults/http", kind=kind)
    answer = _post(sandbox, f"error-{kind}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert _made(sandbox, f"error-{kind}") == 0


def test_the_edge_answers_in_html(sandbox: Sandbox) -> None:
    sandbox.command("faults/http", kind="502", when="after")
    answer = _post(sandbox, "edge")
    assert (answer.status_code, answer.headers["content-type"]) == (502, "text/html")
    assert answer.text.startswith("<html>")
    assert _made(sandbox, "edge") == 1


def test_a_fault_hits_the_next_n_requests_that_match(sandbox: Sandbox) -> None:
    sandbox.command("faults/http", kind="500", times=2, method="GET", path="/v1/orders/*")
    order = sandbox.order()
    path = f"/v1/orders/{order['id']}"
    assert [sandbox.api.get(path).status_code for _ in range(3)] == [500, 500, 200]


def test_a_fault_without_number_stays_until_cleared(sandbox: Sandbox) -> None:
    sandbox.command("faults/http", kind="429", times=0)
    assert {sandbox.api.get("/v1/orders").status_code for _ in range(5)} == {429}
    sandbox.control.delete("/_sandbox/faults")
    assert sandbox.api.get("/v1/orders").status_code == 200


def test_a_request_can_ask_for_its_own_fault(sandbox: Sandbox) -> None:
    assert _post(sandbox, "own", {"X-Sandbox-Fault": "502;after"}).status_code == 502
    assert _made(sandbox, "own") == 1


def test_an_unknown_fault_in_the_header_is_refused(sandbox: Sandbox) -> None:
    assert _post(sandbox, "odd", {"X-Sandbox-Fault": "flood"}).status_code == 400
    assert _made(sandbox, "odd") == 0


def test_the_page_and_the_controls_stay_reachable(sandbox: Sandbox) -> None:
    sandbox.command("faults/http", kind="500", times=0)
    assert sandbox.control.get("/v1/checkout.js").status_code == 200
    assert sandbox.control.get("/_sandbox/faults").status_code == 200


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("faults/http", {"kind": "flood"}),
        ("faults/http", {}),
        ("faults/http", {"kind": "500", "time": 2}),
        ("faults/http", {"kind": "500", "times": "2"}),
        ("faults/webhooks", {"signature": "odd"}),
        ("faults/webhooks", {"reorder": True}),
        ("switches", {"refunds": "never"}),
        ("switches", {"refund": "failed"}),
        ("clock/advance", {"seconds": -1}),
        ("clock/advance", {"secs": 1}),
        ("webhooks/secret", {"secret": ""}),
        ("webhooks/urls", {"urls": ["ftp://x"]}),
    ],
)
def test_a_misspelt_command_is_refused(sandbox: Sandbox, path: str, body: dict[str, object]) -> None:
    assert sandbox.control.post(f"/_sandbox/{path}", json=body).status_code == 400


def test_a_web_page_cannot_give_commands(sandbox: Sandbox) -> None:
    answer = sandbox.control.post(
        "/_sandbox/faults/http", json={"kind": "500"}, headers={"Origin": "http://localhost:3000"}
    )
    assert answer.status_code == 403
    assert sandbox.control.get("/_sandbox/faults").json() == {"http": [], "webhooks": []}


def test_an_unknown_script_is_refused(sandbox: Sandbox) -> None:
    order = sandbox.order()
    for body in (
        {"outcome": "riches"},
        {"method": "cheque"},
        {"amount": 1},
        {"after": -1},
        {"colour": "red"},
    ):
        answer = sandbox.control.post(f"/_sandbox/orders/{order['id']}/pay", json=body)
        assert answer.status_code == 400, body
    assert sandbox.ask("GET", f"/v1/orders/{order['id']}")["attempts"] == 0


@pytest.mark.parametrize(("kind", "named"), [("misshapen", True), ("nameless", False)])
def test_payments_come_in_a_shape_that_nobody_knows(sandbox: Sandbox, kind: str, named: bool) -> None:
    order = sandbox.order()
    payment = sandbox.pay(order)
    sandbox.command("faults/http", kind=kind, path="/v1/orders/*/payments")
    (spoilt,) = sandbox.ask("GET", f"/v1/orders/{order['id']}/payments")["items"]
    assert (spoilt["status"], spoilt.get("id")) == ("in_review", payment["id"] if named else None)
    (genuine,) = sandbox.ask("GET", f"/v1/orders/{order['id']}/payments")["items"]
    assert genuine["id"] == payment["id"]
