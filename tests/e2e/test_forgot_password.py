"""A forgotten password: from the sign-in page through the mailbox and back."""

from __future__ import annotations

import email
import email.policy
import re

from playwright.sync_api import Page, Route, WebSocket, expect

from tests.support.browser import newcomer, ready, with_email
from tests.support.servers import App, wait_until

OTHER = "violet otter Shimla"


def mailed(app: App, address: str, subject: str) -> str:
    """The text of the newest mail of that subject to that address, once the worker has sent it."""

    def look() -> str:
        files = sorted((app.data_dir / "mail").glob("*.eml"), key=lambda p: p.stat().st_mtime, reverse=True)
        for path in files:
            found = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            if found["To"] == address and found["Subject"] == subject:
                body = found.get_body(("plain",))
                return body.get_content() if body else ""
        return ""

    return wait_until(look, what=f"the mail {subject!r}")


def listen(page: Page) -> list[str]:
    """Records all requested addresses, Referer headers and socket frames from now on."""
    said: list[str] = []

    def hear(socket: WebSocket) -> None:
        socket.on("framesent", lambda frame: said.append(str(frame)))

    page.on("websocket", hear)
    page.on("request", lambda r: said.append(f"{r.url} {r.headers.get('referer', '')}"))
    return said


def test_a_forgotten_password_is_replaced_through_the_mailbox(running_app: App, page: Page) -> None:
    meera = newcomer(running_app)
    page.goto("/sign-in/")
    ready(page)
    with_email(page)
    page.get_by_role("link", name="Forgot your password?").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Forgot your password?")
    page.get_by_label("Email").fill(meera.email)
    page.get_by_role("button", name="Send me a link").click()
    expect(page.get_by_text("a link is on its way")).to_be_visible()

    link = re.search(r"http\S+", mailed(running_app, meera.email, "Choose a new password"))
    assert link
    token = link[0].partition("#")[2]
    said = listen(page)
    page.goto(link[0])
    ready(page)
    assert page.evaluate("location.href").endswith("/reset/new/")

    page.get_by_label("New password").fill("password1")
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_text("among the first anyone would try")).to_be_visible()
    ready(page)
    page.get_by_label("New password").fill(OTHER)
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_text("Your password is changed")).to_be_visible()
    assert said
    assert not [one for one in said if token in one]

    ready(page)
    with_email(page)
    page.get_by_label("Email").fill(meera.email)
    page.get_by_label("Password").fill(OTHER)
    page.get_by_role("button", name="Sign in", exact=True).last.click()
    page.wait_for_url(re.compile(r"^(?!.*sign-in).*$"))
    mailed(running_app, meera.email, "Your password was changed")


def test_the_secret_of_a_link_has_left_the_address_before_any_other_script_runs(
    running_app: App, page: Page
) -> None:
    late: list[Route] = []
    page.route("**/clinic.js", lambda route: late.append(route))  # noqa: PLW0108 - Playwright marks what it is given, a builtin can't be
    said = listen(page)
    token = "t" * 43
    page.goto(f"/reset/new/#{token}", wait_until="commit")
    ready(page)
    assert page.evaluate("location.href").endswith("/reset/new/")
    assert said
    assert not [one for one in said if token in one]
    late[0].continue_()
    page.wait_for_load_state("load")


def test_a_code_from_the_mailbox_signs_in(running_app: App, page: Page) -> None:
    meera = newcomer(running_app)
    page.goto("/sign-in/?next=/appointments/")
    ready(page)
    with_email(page)
    page.get_by_role("link", name="Sign in with a code").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in with a code")
    page.get_by_label("Email").fill(meera.email)
    page.get_by_role("button", name="Send me a code").click()
    page.wait_for_url(re.compile(r"sent=1"))
    ready(page)
    code = re.search(r"\b\d{3} \d{3}\b", mailed(running_app, meera.email, "Your sign-in code"))
    assert code
    expect(page.get_by_label("Email")).to_have_value(meera.email)
    page.get_by_label("Code").fill(code[0])
    page.get_by_role("button", name="Sign in", exact=True).last.click()
    page.wait_for_url(re.compile(r"/appointments/?$"))
