"""The sandbox as a process, and an endpoint that receives its webhooks."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

import httpx

from tests.support.servers import ROOT, free_port, wait_until

Doc = dict[str, Any]
KEY_ID, KEY_SECRET = "rzp_test_localsandbox01", "sandbox-key-secret-not-a-real-one"
WEBHOOK_SECRET = "sandbox-webhook-secret-not-a-real-one"


@dataclass(frozen=True)
class Hook:
    """One request as it arrived."""

    headers: Mapping[str, str]
    body: bytes

    @property
    def event_id(self) -> str | None:
        return self.headers.get("x-razorpay-event-id")

    @property
    def signature(self) -> str | None:
        return self.headers.get("x-razorpay-signature")

    @property
    def event(self) -> Doc:
        return cast(Doc, json.loads(self.body))

    @property
    def name(self) -> str:
        return str(self.event["event"])

    @property
    def payment_id(self) -> str:
        return str(self.event["payload"]["payment"]["entity"]["id"])


def signed(body: bytes, secret: str = WEBHOOK_SECRET) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


@dataclass
class Endpoint:
    """Answers with the statuses in `script` first, then 200; -1 keeps the sender waiting until `let_go`."""

    url: str = ""
    hooks: list[Hook] = field(default_factory=list)
    script: deque[int] = field(default_factory=deque)
    let_go: threading.Event = field(default_factory=threading.Event)

    def about(self, payment_id: str, name: str | None = None) -> list[Hook]:
        return [h for h in list(self.hooks) if h.payment_id == payment_id and name in (None, h.name)]

    def await_names(self, payment_id: str, *names: str) -> list[Hook]:
        """The hooks about the payment, once all these names are among them."""

        def complete() -> list[Hook] | None:
            found = self.about(payment_id)
            return found if set(names) <= {hook.name for hook in found} else None

        return wait_until(complete, seconds=10, what=f"{names} for {payment_id}")


@contextmanager
def listening() -> Iterator[Endpoint]:
    endpoint = Endpoint()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            endpoint.hooks.append(Hook({k.lower(): v for k, v in self.headers.items()}, body))
            status = endpoint.script.popleft() if endpoint.script else 200
            if status < 0:
                endpoint.let_go.wait(20)
                self.close_connection = True
                return
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name is the base class's
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    endpoint.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield endpoint
    finally:
        endpoint.let_go.set()
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class Sandbox:
    url: str
    process: subprocess.Popen[str]
    api: httpx.Client
    control: httpx.Client

    def order(self, **fields: object) -> Doc:
        return self.ask("POST", "/v1/orders", {"amount": 50000, "currency": "INR", **fields})

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> Doc:
        """The answer of a request that must succeed."""
        answer = self.api.request(method, path, json=body, headers=headers)
        assert answer.status_code == 200, answer.text
        return cast(Doc, answer.json())

    def refusal(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, Doc]:
        answer = self.api.request(method, path, json=body, headers=headers)
        assert answer.status_code >= 400, answer.text
        return answer.status_code, cast(Doc, answer.json()["error"])

    def pay(self, order: Doc, **script: object) -> Doc:
        """A payment without a browser, by the control API."""
        return cast(Doc, self.command(f"orders/{order['id']}/pay", **script)["payment"])

    def command(self, path: str, /, **body: object) -> Doc:
        answer = self.control.post(f"/_sandbox/{path}", json=body)
        assert answer.status_code == 200, answer.text
        return cast(Doc, answer.json())

    def payment(self, payment_id: str) -> Doc:
        return self.ask("GET", f"/v1/payments/{payment_id}")

    def events(self, **query: str) -> list[Doc]:
        return cast("list[Doc]", self.control.get("/_sandbox/events", params=query).json())


def _alive(client: httpx.Client) -> Callable[[], bool]:
    def ask() -> bool:
        try:
            return client.get("/v1/checkout.js").status_code == 200
        except httpx.TransportError:
            return False

    return ask


@contextmanager
def running(**environment: str) -> Iterator[Sandbox]:
    """A sandbox on a free port; the environment takes the SANDBOX_ names without their prefix."""
    port = environment.pop("PORT", None) or str(free_port())
    env = {k: v for k, v in os.environ.items() if not k.startswith("SANDBOX_")}
    env |= {"SANDBOX_PORT": port} | {f"SANDBOX_{name}": value for name, value in environment.items()}
    url = f"http://127.0.0.1:{port}"
    with (
        httpx.Client(base_url=url, auth=(KEY_ID, KEY_SECRET), trust_env=False) as api,
        httpx.Client(base_url=url, trust_env=False) as control,
        subprocess.Popen(
            [sys.executable, "-m", "booking_ui", "sandbox"],
            cwd=ROOT,
            env=env,
            stdout=subprocess.PIPE,
            text=True,
        ) as process,
    ):
        try:
            wait_until(_alive(control), what="the sandbox")
            yield Sandbox(url, process, api, control)
        finally:
            process.terminate()
            process.wait(10)
