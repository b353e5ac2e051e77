"""One answer for one key: claimed, stored, taken over, given up and forgotten."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from booking_ui.config.settings import settings
from booking_ui.db.models import IdempotencyKey
from booking_ui.db.session import read
from booking_ui.domain.errors import IdempotencyConflict, IdempotencyInFlight
from booking_ui.services.limits import idempotency
from tests.support.cast import NOW

pytestmark = pytest.mark.usefixtures("db")

REQUEST = idempotency.Request("person:1", "POST /x", "key", b"body")
SECOND = timedelta(seconds=1)


def claimed(request: idempotency.Request = REQUEST) -> idempotency.Claim:
    found = idempotency.claim(request=request, now=NOW)
    assert isinstance(found, idempotency.Claim)
    return found


def kept() -> list[IdempotencyKey]:
    with read() as tx:
        return list(tx.exec(select(IdempotencyKey)).all())


def test_a_stored_answer_is_given_again_with_the_person_it_made() -> None:
    idempotency.store_answer(claim=claimed(), status=201, body=b"made", person_id=None)
    assert idempotency.claim(request=REQUEST, now=NOW) == idempotency.Answer(201, b"made", None)


def test_an_answer_is_never_written_over() -> None:
    claim = claimed()
    idempotency.store_answer(claim=claim, status=201, body=b"first")
    idempotency.store_answer(claim=claim, status=500, body=b"second")
    idempotency.release(claim=claim)
    assert idempotency.claim(request=REQUEST, now=NOW) == idempotency.Answer(201, b"first", None)


def test_another_content_is_a_conflict_even_before_the_answer() -> None:
    claimed()
    with pytest.raises(IdempotencyConflict):
        idempotency.claim(request=replace(REQUEST, content=b"another"), now=NOW)


@pytest.mark.parametrize("other", [{"scope": "person:2"}, {"route": "POST /y"}, {"key": "another"}])
def test_a_key_counts_for_its_owner_and_its_route_alone(other: dict[str, str]) -> None:
    claimed()
    claimed(replace(REQUEST, content=b"another", **other))  # type: ignore[arg-type]
    assert len(kept()) == 2


def test_a_claim_given_up_may_be_made_again_at_once() -> None:
    idempotency.release(claim=claimed())
    assert kept() == []
    claimed()


def test_a_claim_that_was_taken_over_gives_up_nothing() -> None:
    first = claimed()
    idempotency.claim(request=REQUEST, now=NOW + idempotency.LEASE)
    idempotency.release(claim=first)
    with pytest.raises(IdempotencyInFlight):
        idempotency.claim(request=REQUEST, now=NOW + idempotency.LEASE + SECOND)


def test_a_key_of_yesterday_takes_another_content_before_it_is_swept() -> None:
    idempotency.store_answer(claim=claimed(), status=201, body=b"old")
    day = idempotency.KEPT
    assert isinstance(idempotency.claim(request=REQUEST, now=NOW + day - SECOND), idempotency.Answer)
    fresh = idempotency.claim(request=replace(REQUEST, content=b"another"), now=NOW + day)
    assert isinstance(fresh, idempotency.Claim)
    (row,) = kept()
    assert (row.status, row.answer, row.created_at) == (None, b"", NOW + day)


def test_the_sweep_forgets_what_is_a_day_old_and_nothing_younger() -> None:
    for age, key in ((25, "old"), (23, "young")):
        request = idempotency.Request("person:1", "POST /x", key, b"")
        idempotency.claim(request=request, now=NOW - timedelta(hours=age))
    assert idempotency.delete_old(now=NOW) == 1
    assert [row.key for row in kept()] == ["young"]


def test_a_claim_whose_process_died_may_be_taken_over_after_a_minute_and_is_then_void() -> None:
    first = idempotency.claim(request=REQUEST, now=NOW)
    with pytest.raises(IdempotencyInFlight):
        idempotency.claim(request=REQUEST, now=NOW + timedelta(seconds=59))
    second = idempotency.claim(request=REQUEST, now=NOW + timedelta(seconds=60))
    assert isinstance(first, idempotency.Claim)
    assert isinstance(second, idempotency.Claim)
    idempotency.store_answer(claim=first, status=201, body=b"late")
    idempotency.store_answer(claim=second, status=201, body=b"mine")
    assert idempotency.claim(request=REQUEST, now=NOW + timedelta(seconds=61)) == idempotency.Answer(
        201, b"mine", None
    )


def test_of_eight_at_once_one_may_answer() -> None:
    together = threading.Barrier(8)

    def knock(_: int) -> str:
        together.wait()
        try:
            idempotency.claim(request=REQUEST, now=NOW)
        except IdempotencyInFlight:
            return "wait"
        return "claimed"

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(knock, range(8)))
    assert sorted(outcomes) == ["claimed", *["wait"] * 7]


def test_what_was_sent_is_kept_as_a_hash_that_only_our_key_makes(configured: pytest.MonkeyPatch) -> None:
    claimed(replace(REQUEST, key="one"))
    configured.setenv("SECRET_KEY", "another secret key, long enough to sign with")
    settings.cache_clear()
    claimed(replace(REQUEST, key="two"))
    first, second = (row.body_digest for row in kept())
    assert (len(first), len(second), first == second) == (64, 64, False)


def test_a_strangers_scope_is_their_address_and_does_not_show_it() -> None:
    scope = idempotency.stranger_scope("203.0.113.7")
    assert (len(scope), scope.partition(":")[0], "203" in scope) == (40, "address", False)
    assert scope == idempotency.stranger_scope("203.0.113.7")
    assert scope != idempotency.stranger_scope("203.0.113.8")
