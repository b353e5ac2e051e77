"""Texts to telephones: accepted, refused for good or for now, and never in a log."""

from __future__ import annotations

import io
import logging
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

import pytest
import requests
import structlog

from booking_ui.config.settings import settings
from booking_ui.domain.channel import Channel
from booking_ui.domain.mail_refusal import Refusal
from booking_ui.edge import logs
from booking_ui.gateways import texts
from booking_ui.gateways.texts import Text, TextError
from tests.support.servers import free_port
from tests.support.text_provider import ACCEPTED, LIE, Answer, Provider, text_provider

TEXT = Text(
    to="+919845012301",
    body="Your code is 482913.",
    channel=Channel.SMS,
    template="1107",
    language="hi",
    values={"code": "482913", "doctor": "Dr. Rao & Sons/+1"},
    key="sign_in_code:7",
)


@pytest.fixture
def provider(configured: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Provider]:
    with text_provider() as found:
        configured.setenv("DATA_DIR", str(tmp_path))
        use(configured, found.address)
        yield found


def use(configured: pytest.MonkeyPatch, address: str, name: str = "SMS_URL") -> None:
    configured.setenv(name, address)
    settings.cache_clear()


def refused() -> TextError:
    with pytest.raises(TextError) as caught:
        texts.send(TEXT)
    return caught.value


def test_a_text_reaches_the_provider_with_its_number_template_language_and_key(provider: Provider) -> None:
    texts.send(TEXT)
    (one,) = provider.taken
    assert one.text == "Your code is 482913."
    assert one.key == "sign_in_code:7"
    assert {name: one.body[name] for name in ("phone", "template", "language")} == {
        "phone": "+919845012301", "template": "1107", "language": "hi",
    }  # fmt: skip


def test_places_of_the_address_are_filled_and_quoted(
    provider: Provider, configured: pytest.MonkeyPatch
) -> None:
    address = f"json://127.0.0.1:{provider.port}/to/{{phone}}/{{language}}?:name={{doctor}}&:tpl={{template}}&-q={{code}}"
    use(configured, address)
    texts.send(TEXT)
    (one,) = provider.taken
    assert one.path == "/to/919845012301/hi?q=482913"
    assert (one.body["name"], one.body["tpl"]) == ("Dr. Rao & Sons/+1", "1107")


def test_whatsapp_has_an_address_of_its_own(provider: Provider, configured: pytest.MonkeyPatch) -> None:
    use(configured, f"json://127.0.0.1:{provider.port}/whatsapp", "WHATSAPP_URL")
    texts.send(Text("+919845012301", "x", Channel.WHATSAPP, "", "en", key="w"))
    assert [one.path for one in provider.taken] == ["/whatsapp"]
    assert texts.configured() == (Channel.SMS, Channel.WHATSAPP)


@pytest.mark.parametrize(
    ("status", "refusal", "for_good"),
    [
        (400, Refusal.CONTENT, True),
        (404, Refusal.CONTENT, True),
        (422, Refusal.CONTENT, True),
        (401, Refusal.SIGN_IN, False),
        (403, Refusal.SIGN_IN, False),
        (429, Refusal.SERVER, False),
        (500, Refusal.SERVER, False),
        (503, Refusal.SERVER, False),
    ],
)
def test_an_error_is_for_good_or_passing(
    provider: Provider, status: int, refusal: Refusal, for_good: bool
) -> None:
    provider.script.append(Answer(status))
    error = refused()
    assert (error.refusal, error.for_good, str(error)) == (refusal, for_good, f"HTTP {status}")


@pytest.mark.parametrize(
    "body",
    [
        LIE.body,
        '{"status": "error", "error": "no balance"}',
        '{"success": false}',
        '{"error": {"code": 131026}}',
        '{"errors": [{"code": 7}]}',
        '{"status": 401, "message": "key"}',
        '{"data": [{"result": "FAILED"}]}',
        '{"response": {"status": "failure"}}',
        '{"error_code": 30003}',
        "error | 105 | invalid number",
        "<Error>no balance</Error>",
        "<response><status>error</status><code>7</code></response>",
        '{"return": false, "status_code": 411, "message": "Invalid numbers"}',
        '{"messages": [{"status": "4", "error-text": "Bad credentials"}]}',
    ],
)
def test_a_200_that_tells_of_an_error_is_a_failure(provider: Provider, body: str) -> None:
    provider.script.append(Answer(body=body))
    error = refused()
    assert (error.refusal, error.for_good, str(error)) == (Refusal.SERVER, False, "HTTP 200 with an error")


@pytest.mark.parametrize(
    "body",
    [
        "",
        "success | 919845012301 | 4563",
        '{"type": "success", "message": "3763646c3058373530393938"}',
        '{"status": "queued", "error_code": null, "error_message": null, "sid": "SM1"}',
        '{"messages": [{"id": "wamid.1", "message_status": "accepted"}]}',
        '{"status": 200, "errors": [], "success": true}',
        '{"SMSMessage": {"Status": "queued", "DetailedStatusCode": null}}',
        '{"ErrorCode": "000", "ErrorMessage": "Success", "JobId": "20047"}',
        '{"return": true, "request_id": "lwdtp7cjyqxvfe9", "message": ["Message sent"]}',
        "<response><status>success</status><error>0</error></response>",
    ],
)
def test_a_200_that_accepts_is_no_failure(provider: Provider, body: str) -> None:
    provider.script.append(Answer(body=body))
    texts.send(TEXT)
    assert len(provider.taken) == 1


def test_an_answer_that_is_lost_may_have_been_a_yes(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider.script.append(Answer(hang_up=True))
    assert refused().refusal is Refusal.LOST
    monkeypatch.setattr(texts, "ANSWER_SECONDS", 0.2)
    provider.script.append(Answer(delay=5))
    assert refused().refusal is Refusal.LOST
    monkeypatch.setattr(texts, "ALL_SECONDS", 0.3)
    monkeypatch.setattr(texts, "ANSWER_SECONDS", 5)
    provider.script.append(Answer(delay=5))
    assert str(refused()) == "no answer within 0.3 s"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_and_is_no_acceptance(provider: Provider, status: int) -> None:
    provider.script.append(Answer(status, location="/elsewhere"))
    error = refused()
    assert (error.refusal, error.for_good, str(error)) == (
        Refusal.SERVER,
        False,
        f"HTTP {status}",
    )
    assert [one.path for one in provider.taken] == ["/texts"]


@pytest.mark.parametrize(("status", "outcome"), [(200, nullcontext()), (302, pytest.raises(TextError))])
def test_of_an_answer_without_end_only_its_beginning_is_read(
    provider: Provider, status: int, outcome: AbstractContextManager[object]
) -> None:
    provider.script.append(Answer(status, location="/elsewhere", endless=True))
    with outcome:
        texts.send(TEXT)
    assert provider.let_go.wait(10)  # set once the provider can write no more
    assert provider.written < 20_000_000


def test_nobody_there_is_known_to_have_got_nothing(configured: pytest.MonkeyPatch) -> None:
    use(configured, f"json://127.0.0.1:{free_port()}/texts")
    error = refused()
    assert (error.refusal, error.for_good) == (Refusal.AWAY, False)


def test_a_number_that_the_provider_can_not_take_is_refused_for_good(configured: pytest.MonkeyPatch) -> None:
    use(configured, "kavenegar://ABCDEFKEY/{phone}")
    with pytest.raises(TextError) as caught:
        texts.send(Text("+12", "x", Channel.SMS, "", "en", key="n"))
    assert (caught.value.refusal, caught.value.for_good) == (Refusal.NO_ADDRESS, True)


def test_without_an_address_a_text_is_a_file_that_only_we_may_read(
    configured: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    configured.setenv("DATA_DIR", str(tmp_path))
    settings.cache_clear()
    texts.send(TEXT)
    texts.send(TEXT)
    (name,) = texts.names()
    found = texts.content(name)
    assert (found.to, found.channel, found.body) == ("+919845012301", "sms", "Your code is 482913.")
    assert (tmp_path / "messages" / name).stat().st_mode & 0o777 == 0o600
    texts.delete_files([TEXT.key])
    assert texts.names() == []


def test_other_requests_are_not_listened_to(provider: Provider) -> None:
    texts.send(TEXT)
    provider.script.append(Answer(500))
    url = f"http://127.0.0.1:{provider.port}/"
    assert (
        requests.post(url, json={"message": ""}, headers={"Idempotency-Key": "x"}, timeout=5).status_code
        == 500
    )
    texts.send(TEXT)


@contextmanager
def everything_logged() -> Iterator[io.StringIO]:
    """All lines of all loggers at DEBUG, as the process would write them."""
    lines = io.StringIO()
    handler = logging.StreamHandler(lines)
    handler.setLevel(1)
    root = logging.getLogger()
    known = [
        root,
        *(one for one in logging.root.manager.loggerDict.values() if isinstance(one, logging.Logger)),
    ]
    levels = {one: one.level for one in known}
    root.addHandler(handler)
    try:
        for one in known:
            one.setLevel(1)
        yield lines
    finally:
        root.removeHandler(handler)
        for one, level in levels.items():
            one.setLevel(level)


def test_no_log_at_any_level_has_a_number_a_code_or_the_address(
    provider: Provider, configured: pytest.MonkeyPatch
) -> None:
    use(
        configured,
        f"json://key:pass-word@127.0.0.1:{provider.port}/to/{{phone}}?-code={{code}}&:name={{doctor}}",
    )
    texts.send(TEXT)  # apprise and its loggers are there
    with everything_logged() as lines:
        for answer in (ACCEPTED, LIE, Answer(400), Answer(503), Answer(hang_up=True)):
            provider.script.append(answer)
            try:
                texts.send(TEXT)
            except TextError as exc:
                structlog.get_logger().warning("text.postponed", reason=str(exc))
        requests.get(f"http://127.0.0.1:{provider.port}/alive", timeout=5)  # the control: lines are seen
    said = lines.getvalue()
    assert "/alive" in said
    for secret in ("9845012301", "482913", "pass-word", "/to/", "Rao", "code="):
        assert secret not in said
    assert len(provider.taken) == 6


def test_an_indian_number_is_masked_whoever_logs_it() -> None:
    for number in (
        "+919845012301",
        "919845012301",
        "9845012301",
        "%2B919845012301",
        "0091 98450 12301",
        "+91-98450-12301",
    ):
        said = logs.redact(f"to={number}, sent")
        assert not any(part in said for part in ("98450", "12301")), said
    assert (
        logs.redact("order_1198450123011984501230 took 919 ms") == "order_1198450123011984501230 took 919 ms"
    )


def test_a_process_that_sends_nothing_does_not_load_apprise() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import sys, booking_ui.gateways.texts; print('apprise' in sys.modules)"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "False"
