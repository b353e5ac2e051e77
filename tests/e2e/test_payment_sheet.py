"""The sandbox's payment sheet in a real browser, on a page that only has a pay button."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from tests.support.sandbox import KEY_ID, KEY_SECRET, Sandbox, running, signed
from tests.support.servers import wait_until

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Shop</title><button id="pay">Open payment</button>
<script src="%s/v1/checkout.js"></script><script>
window.heard = [];
window.prepare = (order, extra, modal) => {
  const razorpay = new Razorpay({ key: "%s", order_id: order, name: "Saanjh Clinics", prefill: { name: "Asha Rao" },
    handler: (answer) => heard.push(["handler", answer]), ...extra,
    modal: { ondismiss: (...given) => heard.push(["dismissed", given]), ...modal } });
  razorpay.on("payment.failed", (answer) => heard.push(["failed", answer]));
  document.getElementById("pay").onclick = () => razorpay.open();
};</script>"""


class Shop:
    """A page with a pay button, and the forms that Razorpay's redirect posted to it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.posted: list[tuple[str, str, dict[str, list[str]]]] = []


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    with running() as found:
        yield found


@pytest.fixture(scope="module")
def shop(box: Sandbox) -> Iterator[Shop]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(PAGE % (box.url, KEY_ID))

        def do_POST(self) -> None:
            form = self.rfile.read(int(self.headers["Content-Length"])).decode()
            found.posted.append((self.path, self.headers["Origin"], parse_qs(form)))
            self._answer("<!doctype html><title>Back</title><h1>Back at the shop</h1>")

        def _answer(self, html: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name is the base class's
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    found = Shop(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield found
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def opened(page: Page, shop: Shop, box: Sandbox) -> Any:
    """Opens the sheet for a new order and returns it."""

    def open_(order: str | None = None, *, modal: object = None, **options: object) -> FrameLocator:
        page.goto(shop.url)
        page.evaluate(
            "([order, extra, modal]) => prepare(order, extra, modal)",
            [order or box.order()["id"], options, modal or {}],
        )
        page.get_by_role("button", name="Open payment").click()
        return page.frame_locator("iframe[title='Payment sheet']")

    return open_


def heard(page: Page) -> list[tuple[str, Any]]:
    return [(name, value) for name, value in page.evaluate("heard")]


def closed(page: Page) -> None:
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_two_clicks_after_the_test_card_pay(opened: Any, page: Page, box: Sandbox) -> None:
    order = box.order()["id"]
    sheet = opened(order)
    expect(page.get_by_role("dialog", name="Pay Saanjh Clinics (test payments)")).to_be_visible()
    expect(sheet.get_by_text("Test payments")).to_be_visible()
    sheet.get_by_role("button", name="Use test card").click()
    sheet.get_by_role("button", name="Pay ₹500").click()
    sheet.get_by_role("button", name="Success").click()
    closed(page)
    [(name, answer)] = heard(page)
    message = f"{order}|{answer['razorpay_payment_id']}".encode()
    assert (name, answer["razorpay_signature"]) == ("handler", signed(message, KEY_SECRET))
    expect(page.get_by_role("button", name="Open payment")).to_be_focused()


def test_a_failure_says_why_and_can_be_tried_again(opened: Any, page: Page, box: Sandbox) -> None:
    order = box.order()["id"]
    sheet = opened(order)
    sheet.get_by_text("More test cards").click()
    sheet.get_by_role("button", name="Card declined").click()
    sheet.get_by_role("button", name="Pay ₹500").click()
    sheet.get_by_role("button", name="Failure").click()
    expect(sheet.get_by_role("alert")).to_contain_text("Your bank declined this card.")
    sheet.get_by_role("button", name="Pay ₹500").click()
    sheet.get_by_role("button", name="Success").click()
    closed(page)
    (failed, error), (done, _) = heard(page)
    assert (failed, error["error"]["reason"], done) == ("failed", "card_declined", "handler")
    assert box.ask("GET", f"/v1/orders/{order}")["attempts"] == 2


@pytest.mark.parametrize(
    ("address", "end"), [("success@razorpay", "handler"), ("failure@razorpay", "failed")]
)
def test_upi_resolves_by_itself(opened: Any, page: Page, address: str, end: str) -> None:
    sheet = opened()
    sheet.get_by_role("tab", name="UPI").click()
    sheet.get_by_role("button", name=f"Use {address}").click()
    sheet.get_by_role("button", name="Pay ₹500").click()
    expect(sheet.get_by_role("heading", name="Waiting for your UPI app")).to_be_visible()
    wait_until(lambda: [name for name, _ in heard(page)] == [end], seconds=8)


def test_netbanking_asks_for_the_bank_first(opened: Any, page: Page) -> None:
    sheet = opened()
    sheet.get_by_role("tab", name="Netbanking").click()
    sheet.get_by_role("button", name="Pay ₹500").click()
    expect(sheet.get_by_text("Choose your bank.")).to_be_visible()
    sheet.get_by_label("Bank", exact=True).select_option(label="HDFC Bank")
    sheet.get_by_role("button", name="Pay ₹500").click()
    expect(sheet.get_by_role("heading", name="HDFC Bank")).to_be_focused()
    sheet.get_by_role("button", name="Success").click()
    closed(page)


def test_it_works_without_a_mouse(opened: Any, page: Page) -> None:
    sheet = opened()
    expect(sheet.get_by_role("tab", name="Card")).to_be_focused()
    for label, typed in (("Card number", "4100280000001007"), ("Expiry", "1234"), ("CVV", "123")):
        sheet.get_by_label(label, exact=True).press_sequentially(typed)
    expect(sheet.get_by_label("Card number")).to_have_value("4100 2800 0000 1007")
    expect(sheet.get_by_label("Expiry")).to_have_value("12/34")
    page.keyboard.press("Enter")
    expect(sheet.get_by_role("heading", name="Your card’s bank")).to_be_focused()  # it takes the focus once
    sheet.get_by_label("One-time password").press("Enter")
    closed(page)
    assert [name for name, _ in heard(page)] == ["handler"]


def test_focus_stays_inside_and_comes_round(opened: Any, page: Page) -> None:
    sheet = opened()
    first = sheet.get_by_role("tab", name="Card")
    expect(first).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(sheet.get_by_role("button", name="Close payment")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(sheet.get_by_role("button", name="Pay ₹500")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(first).to_be_focused()


def test_esc_closes_unless_told_otherwise(opened: Any, page: Page) -> None:
    expect(opened().get_by_role("tab", name="Card")).to_be_focused()
    page.keyboard.press("Escape")
    closed(page)
    assert heard(page) == [("dismissed", [])]
    sheet = opened(modal={"escape": False})
    expect(sheet.get_by_role("tab", name="Card")).to_be_focused()
    page.keyboard.press("Escape")
    expect(sheet.get_by_role("tab", name="Card")).to_be_visible()


def test_confirm_close_asks_first(opened: Any, page: Page) -> None:
    sheet = opened(modal={"confirm_close": True})
    sheet.get_by_role("button", name="Close payment").click()
    sheet.get_by_role("button", name="Keep paying").click()
    expect(sheet.get_by_role("tab", name="Card")).to_be_visible()
    sheet.get_by_role("button", name="Close payment").click()
    sheet.get_by_role("button", name="Yes, leave").click()
    closed(page)


def test_leaving_the_banks_page_cancels_the_payment(opened: Any, page: Page, box: Sandbox) -> None:
    order = box.order()["id"]
    sheet = opened(order)
    sheet.get_by_role("button", name="Use test card").click()
    sheet.get_by_role("button", name="Pay ₹500").click()
    expect(sheet.get_by_role("button", name="Success")).to_be_visible()
    page.keyboard.press("Escape")
    closed(page)

    def cancelled() -> bool:
        [payment] = box.ask("GET", f"/v1/orders/{order}/payments")["items"]
        return bool(payment["error_reason"] == "payment_cancelled")

    wait_until(cancelled)


def test_without_retry_a_failure_closes_the_sheet(opened: Any, page: Page) -> None:
    sheet = opened(retry={"enabled": False})
    sheet.get_by_role("button", name="Use test card").click()
    sheet.get_by_role("button", name="Pay ₹500").click()
    sheet.get_by_role("button", name="Failure").click()
    closed(page)
    assert [name for name, _ in heard(page)] == ["failed", "dismissed"]


def test_the_sheet_closes_when_its_time_is_over(opened: Any, page: Page) -> None:
    opened(timeout=1)
    closed(page)
    assert [name for name, _ in heard(page)] == ["dismissed"]


def test_callback_url_gets_the_success_as_a_form_from_razorpays_origin(
    opened: Any, page: Page, shop: Shop, box: Sandbox
) -> None:
    sheet = opened(callback_url=f"{shop.url}/back?visit=7")
    sheet.get_by_role("button", name="Use test card").click()
    sheet.get_by_role("button", name="Pay ₹500").click()
    sheet.get_by_role("button", name="Failure").click()
    expect(sheet.get_by_role("alert")).to_be_visible()
    sheet.get_by_role("button", name="Pay ₹500").click()
    sheet.get_by_role("button", name="Success").click()
    expect(page.get_by_role("heading", name="Back at the shop")).to_be_visible()
    path, origin, form = shop.posted[-1]
    assert (path, origin) == ("/back?visit=7", box.url)
    assert list(form) == ["razorpay_payment_id", "razorpay_order_id", "razorpay_signature"]


def test_with_redirect_a_failure_is_posted_too(opened: Any, page: Page, shop: Shop) -> None:
    sheet = opened(callback_url="/back", redirect=True)
    sheet.get_by_role("button", name="Use test card").click()
    sheet.get_by_role("button", name="Pay ₹500").click()
    sheet.get_by_role("button", name="Failure").click()
    expect(page.get_by_role("heading", name="Back at the shop")).to_be_visible()
    form = shop.posted[-1][2]
    assert form["error[reason]"] == ["gateway_technical_error"]
    assert set(json.loads(form["error[metadata]"][0])) == {"payment_id", "order_id"}


def test_a_paid_order_cannot_be_opened_again(opened: Any, page: Page, box: Sandbox) -> None:
    order = box.order()
    box.pay(order)
    sheet = opened(order["id"])
    expect(sheet.get_by_text("already paid")).to_be_visible()
    sheet.get_by_role("button", name="Close", exact=True).click()
    closed(page)


def test_a_forged_message_moves_nothing(opened: Any, page: Page) -> None:
    sheet = opened()
    expect(sheet.get_by_role("tab", name="Card")).to_be_visible()
    page.evaluate(
        "postMessage({ sandbox: 'guess', type: 'success', data: { answer: {}, payment: {} } }, '*')"
    )
    expect(sheet.get_by_role("tab", name="Card")).to_be_visible()
    assert heard(page) == []
