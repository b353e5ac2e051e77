"""Razorpay's door: genuine events are stored once, everything else leaves nothing behind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlmodel import select

from booking_ui.config.settings import SANDBOX_KEY_SECRET, settings
from booking_ui.db.models import WebhookEvent
from booking_ui.db.session import Database, read, use
from tests.support.api import Caller
from tests.support.cast import NOW
from tests.support.webhooks import BODY, HOOK, post, signed, stored


def test_a_genuine_event_is_stored_byte_for_byte_and_once(anybody: Caller) -> None:
    first = post(anybody, BODY, signed(BODY))
    assert first.status_code == 200
    assert first.json() == {"success": True, "message": "Stored.", "data": {"new": True}}
    again = post(anybody, BODY, signed(BODY))
    assert again.json() == {"success": True, "message": "Stored before.", "data": {"new": False}}
    assert stored() == [BODY]
    with read() as tx:
        assert tx.exec(select(WebhookEvent)).one().received_at == NOW


def test_the_same_body_under_another_id_does_not_hide_a_later_event(anybody: Caller) -> None:
    post(anybody, BODY, signed(BODY), "evt_2")
    other = BODY.replace(b"pay_1", b"pay_2")
    assert post(anybody, other, signed(other), "evt_2").json()["data"] == {"new": True}
    assert len(stored()) == 2


UNSIGNED: list[tuple[bytes, str | bytes | None]] = [
    (BODY[:-1] + b" }", signed(BODY)),
    (BODY.replace(b"pay_1", b"pay_2"), signed(BODY)),
    (BODY, None),
    (BODY, ""),
    (BODY, signed(BODY)[:-1]),
    (BODY, signed(BODY) + "0"),
    (BODY, signed(BODY).upper()),
    (BODY, signed(BODY, SANDBOX_KEY_SECRET)),
    (BODY, signed(BODY, "")),
    (BODY, "é".encode() * 32),
    (BODY, b"\xff" * 64),
    (b"", None),
    (b"", ""),
]


def test_an_event_that_is_not_signed_exactly_is_400_and_leaves_nothing(anybody: Caller) -> None:
    for body, signature in UNSIGNED:
        answer = post(anybody, body, signature)
        assert answer.status_code == 400, (body, signature)
        assert answer.json()["code"] == "bad_signature"
        assert stored() == []


@pytest.mark.parametrize(
    "body", [b"", b"not json", b"[]", b"{}", b'{"event": 5}', b"\xff\xfe", b'{"event":"x\\u0000"}']
)
def test_a_genuine_event_we_cannot_read_is_kept_all_the_same(anybody: Caller, body: bytes) -> None:
    assert post(anybody, body, signed(body)).status_code == 200
    assert stored() == [body]


def test_an_odd_event_id_is_no_reason_to_lose_an_event(anybody: Caller) -> None:
    assert post(anybody, BODY, signed(BODY), "e" * 500).status_code == 200
    assert post(anybody, BODY, signed(BODY), "").status_code == 200


def test_the_secret_before_the_present_one_still_opens(
    anybody: Caller, configured: pytest.MonkeyPatch
) -> None:
    configured.setenv("RAZORPAY_WEBHOOK_SECRET_PREVIOUS", "the-old-secret")
    settings.cache_clear()
    assert post(anybody, BODY, signed(BODY, "the-old-secret")).status_code == 200


def test_a_body_of_256_kib_passes_and_one_byte_more_is_413(anybody: Caller) -> None:
    largest = b"x" * 256 * 1024
    assert post(anybody, largest, signed(largest)).status_code == 200
    answer = post(anybody, largest + b"x", signed(largest + b"x"))
    assert answer.status_code == 413
    assert answer.json() == {
        "success": False,
        "message": "That is larger than we accept.",
        "data": None,
        "code": "too_large",
    }
    assert stored() == [largest]


def test_a_body_without_a_length_is_stopped_on_the_way(anybody: Caller) -> None:
    read_so_far = 0

    async def endless() -> Iterator[bytes]:  # type: ignore[misc]
        nonlocal read_so_far
        while read_so_far < 100 * 2**20:
            read_so_far += 2**16
            yield b"x" * 2**16

    answer = anybody.send("POST", HOOK, content=endless(), headers={"X-Razorpay-Signature": "x"})
    assert answer.status_code == 413
    assert stored() == []


def test_when_it_cannot_be_stored_razorpay_is_told_to_send_it_again(anybody: Caller, db: Database) -> None:
    broken = Database("sqlite:////nowhere/at/all.db")
    use(broken)
    answer = post(anybody, BODY, signed(BODY))
    use(db)
    assert answer.status_code == 503
    assert answer.json() == {
        "success": False,
        "message": "The event could not be stored. Please send it again.",
        "data": None,
        "code": "not_stored",
    }
    assert post(anybody, BODY, signed(BODY)).json()["data"] == {"new": True}


def test_with_a_list_of_addresses_others_are_turned_away(
    anybody: Caller, configured: pytest.MonkeyPatch
) -> None:
    configured.setenv("RAZORPAY_WEBHOOK_IPS", "52.66.75.174, 18.96.225.0/26")
    settings.cache_clear()
    assert post(anybody, BODY, signed(BODY)).status_code == 403
    assert stored() == []
    configured.setenv("RAZORPAY_WEBHOOK_IPS", "127.0.0.0/8")
    settings.cache_clear()
    assert post(anybody, BODY, signed(BODY)).status_code == 200
