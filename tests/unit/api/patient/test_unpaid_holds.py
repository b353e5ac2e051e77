"""Limits on unpaid holds, as callers of the API and people at the forms meet them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from booking_ui.config.settings import settings
from booking_ui.services.booking import claim
from tests.support.api import Caller, Clock, Door, Json, bookings, claimed, refusal, sent_to, signed_in
from tests.support.cast import NOW, Cast
from tests.support.holding import times
from tests.support.races import crowd
from tests.support.servers import free_port

PASSWORD = "correct horse, battery"


@pytest.fixture
def strangers_address(configured: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The caller's address is no trusted one."""
    configured.setenv("RATE_LIMIT_TRUSTED_IPS", "")
    settings.cache_clear()
    return configured


@pytest.fixture
def with_mail(configured: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A clinic whose mails leave for their address."""
    configured.setenv("SMTP_URL", f"smtp://127.0.0.1:{free_port()}")
    settings.cache_clear()
    return configured


def registered(anybody: Caller, number: int) -> Caller:
    body: Json = {
        "name": f"Meera {chr(65 + number)}",
        "email": f"meera{number}@example.com",
        "phone": "9876543210",
        "password": PASSWORD,
    }
    token = anybody.post("/api/auth/register", body).json()["data"]["accessToken"]
    return Caller(anybody.door, {"Authorization": f"Bearer {token}"})


@pytest.mark.usefixtures("strangers_address")
def test_eight_new_accounts_of_one_address_do_not_hold_24_times(
    anybody: Caller, door: Door, cast: Cast, clock: Clock
) -> None:
    accounts, slots = [registered(anybody, n) for n in range(8)], times(cast, 24)
    answers = [
        accounts[n % 8].post("/api/appointments", {"availabilityId": one}) for n, one in enumerate(slots)
    ]
    assert [answer.status_code for answer in answers] == [201] * 12 + [429] * 12
    assert len(bookings()) == 12
    last = answers[-1]
    assert refusal(last) == (429, "rate_limited")
    assert last.json()["message"].startswith("Many times are held from your network")
    assert last.headers["retry-after"] == "900"
    clock.now = NOW + timedelta(minutes=16)
    renewed = [
        signed_in(door, one.patient_id, clock.now).post(f"/api/appointments/{one.id}/try-again")
        for one in bookings()
    ]
    assert [answer.status_code for answer in renewed] == [200] * 8 + [429] * 4


def test_a_trusted_address_is_not_counted(anybody: Caller, door: Door, cast: Cast) -> None:
    patients = [signed_in(door, one) for one in crowd()[:8]]
    for n, slot in enumerate(times(cast, 24)):
        claimed(patients[n % 8], slot)


@pytest.mark.usefixtures("strangers_address")
def test_booking_in_one_call_counts_too_and_a_key_repeats_the_same_hold(
    cast: Cast, door: Door, dead_gateway: str
) -> None:
    del dead_gateway
    patients, slots = crowd(), times(cast, 13)
    for patient, slot in zip(patients, slots[:11], strict=False):
        claim.claim(patient_id=patient, slot_id=slot, now=NOW, host="127.0.0.1")
    keyed = {"Idempotency-Key": "a-key-of-this-booking"}
    for _ in range(2):
        answer = signed_in(door, cast.asha).post("/api/appointments", {"availabilityId": slots[11]}, **keyed)
        assert answer.status_code == 201
    refused = signed_in(door, cast.bilal).post("/api/appointments/book", {"availabilityId": slots[12]})
    assert refusal(refused) == (429, "rate_limited")


@pytest.mark.usefixtures("with_mail")
def test_an_unconfirmed_patient_is_told_to_confirm(asha: Caller, cast: Cast) -> None:
    claimed(asha, cast.slots[0])
    answer = asha.post("/api/appointments", {"availabilityId": cast.slots[1]})
    assert refusal(answer) == (409, "too_many_holds")
    assert "Open the link in our email to confirm it" in answer.json()["message"]


@pytest.mark.usefixtures("with_mail")
def test_at_the_form_the_address_names_what_to_say(anybody: Caller, cast: Cast) -> None:
    registered(anybody, 0)
    login = {"email": "meera0@example.com", "password": PASSWORD}
    anybody.form("/api/session/sign-in", {**login, "slot_id": str(cast.slots[0])})
    answer = anybody.form("/api/session/sign-in", {**login, "slot_id": str(cast.slots[1])})
    assert sent_to(answer) == "/appointments/?problem=unconfirmed_holds"


@pytest.mark.usefixtures("strangers_address")
def test_at_the_form_a_full_network_is_named(anybody: Caller, cast: Cast) -> None:
    for patient, slot in zip(crowd(), times(cast, 12), strict=False):
        claim.claim(patient_id=patient, slot_id=slot, now=NOW, host="127.0.0.1")
    registered(anybody, 0)
    login = {"email": "meera0@example.com", "password": PASSWORD}
    answer = anybody.form("/api/session/sign-in", {**login, "slot_id": str(cast.slots[0])})
    assert sent_to(answer) == "/appointments/?problem=network_holds"
    assert all(one.slot_id != cast.slots[0] for one in bookings())


def test_a_patient_whose_holds_run_out_again_and_again_is_told_until_when(
    door: Door, cast: Cast, clock: Clock
) -> None:
    slots = times(cast, 7)
    for n, slot in enumerate(slots[:6]):
        claim.claim(patient_id=cast.asha, slot_id=slot, now=NOW + (n // 3) * timedelta(minutes=16))
    clock.now = NOW + timedelta(minutes=32)
    answer = signed_in(door, cast.asha, clock.now).post("/api/appointments", {"availabilityId": slots[6]})
    assert refusal(answer) == (429, "holds_paused")
    assert answer.headers["retry-after"] == "540"
    assert answer.json()["message"].endswith("You can hold another one from 10:41 am.")
