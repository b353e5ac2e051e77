"""What a page says on its websocket is heard, anything else ends the connection before it costs a page of log."""

from __future__ import annotations

import json

import pytest

from booking_ui import booking_ui as app_module
from booking_ui.edge.socket_filter import BURST, BYTES_PER_SECOND, LARGEST, STALE, Ear, Verdict, verdict_on
from tests.support.security.socket import NOTICE

assert app_module.app  # importing the app registers the handlers that a page may name


def event(**more: object) -> str:
    said = {"name": NOTICE, "payload": {}, "router_data": {"pathname": "/", "asPath": "/", "query": {}}}
    return f"42/_event,{json.dumps(['event', {**said, **more}])}"


def test_what_a_page_sends_is_heard() -> None:
    boot = json.dumps({"event": {"name": NOTICE, "payload": {}, "router_data": {}}, "state_schema": "x"})
    told = (
        '42/_event,["client_error",{"message":"x"}]',
        '42/_event,["ping"]',
        "40/_event,",
        f"40/_event,{boot}",
    )
    for frame in ("2", "3", "2probe", "5", "40/_event", "41/_event", event(), event(token="t"), *told):
        assert verdict_on(frame) is Verdict.PASS, frame


def test_an_event_that_nobody_handles_is_passed_over() -> None:
    assert verdict_on(event(name="state.of_yesterday.load")) is Verdict.SKIP
    assert verdict_on(event(name="state.__class__")) is Verdict.SKIP


UNREADABLE = (
    "", "x", "4", "42", "4xxxx", "43/_event,1[]", "44/_event,{}", '451-/_event,["event",{"_placeholder":true}]',
    "42/elsewhere,[]", "42/_event,", "42/_event,5", "42/_event,[]", '42/_event,["event"]', '42/_event,["event",null]',
    '42/_event,["event","{}"]', '42/_event,["event",{}]', '42/_event,["event",{},{}]', '42/_event,["event",{',
    '42/_event,["nothing",1]', '42/_event,["disconnect"]', '42/_event,["ping",1]', "41/_event,{}",
    "42/_event," + "[" * 5000, '42/_event,["event",' + "9" * 5000 + "]", "40/_event,5", '40/_event,{"event":"hydrate"}',
    event(name=5), event(payload="x"), event(payload=None), event(router_data="x"), event(router_data={"pathname": 5}),
    event(router_data={"query": []}),
)  # fmt: skip


@pytest.mark.parametrize("frame", UNREADABLE, ids=lambda frame: repr(frame[:40]))
def test_what_no_page_sends_ends_the_connection(frame: str) -> None:
    assert verdict_on(frame) is Verdict.HANG_UP


def test_bytes_are_not_spoken_here() -> None:
    assert Ear().hear(event().encode()) is Verdict.HANG_UP
    assert Ear().hear(None) is Verdict.HANG_UP


def padded(size: int, filler: str = "x", name: str = NOTICE) -> str:
    """An event of `size` bytes."""
    bare = len(event(name=name, payload={"text": ""}))
    frame = event(name=name, payload={"text": ""})
    text = filler * ((size - bare) // len(filler.encode()))
    return frame.replace('"text": ""', f'"text": "{text}"')


def test_a_frame_of_64_kib_is_heard_and_a_larger_one_ends_the_connection() -> None:
    assert len(padded(LARGEST)) == LARGEST == 64 * 1024
    assert Ear().hear(padded(LARGEST)) is Verdict.PASS
    assert Ear().hear(padded(LARGEST + 1)) is Verdict.HANG_UP
    in_hindi = padded(LARGEST + 100, "\N{DEVANAGARI LETTER A}")
    assert len(in_hindi) < LARGEST < len(in_hindi.encode())
    assert Ear().hear(in_hindi) is Verdict.HANG_UP


def test_a_connection_that_says_too_much_is_ended_and_one_that_pauses_is_not() -> None:
    now = 0.0
    ear = Ear(lambda: now)
    frame = padded(LARGEST)
    assert [ear.hear(frame) for _ in range(BURST // LARGEST)] == [Verdict.PASS] * (BURST // LARGEST)
    for _ in range(100):
        now += LARGEST / BYTES_PER_SECOND
        assert ear.hear(frame) is Verdict.PASS
    assert ear.hear("3") is Verdict.HANG_UP


def test_a_busy_page_is_far_from_the_budget() -> None:
    """The gate takes 60 events at once and 20 a second of a tab; each has about 1 KiB."""
    now = 0.0
    ear = Ear(lambda: now)
    assert all(ear.hear(padded(1024)) is Verdict.PASS for _ in range(60))
    for _ in range(600):
        now += 1 / 20
        assert ear.hear(padded(1024)) is Verdict.PASS


def test_a_page_of_yesterday_is_passed_over_and_one_that_goes_on_is_ended() -> None:
    ear = Ear()
    old = event(name="state.of_yesterday.load")
    assert [ear.hear(old) for _ in range(STALE)] == [Verdict.SKIP] * STALE
    assert ear.hear(event()) is Verdict.PASS
    assert ear.hear(old) is Verdict.HANG_UP


def test_nobody_tells_reflex_who_is_calling() -> None:
    """Reflex's own `connect` takes an event of that name for the handshake: token, address and headers by the caller's word."""
    forged = {"QUERY_STRING": "token=hers", "asgi.scope": {"client": ["10.0.0.1", 1], "headers": []}}
    assert verdict_on(f"42/_event,{json.dumps(['connect', forged])}") is Verdict.HANG_UP
