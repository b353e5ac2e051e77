"""Doctors and their times may be asked for cheaply, and are never shown from a cache unasked."""

from __future__ import annotations

import pytest

from tests.support.api import Caller
from tests.support.cast import Cast


def paths(cast: Cast) -> tuple[str, ...]:
    return (
        "/api/doctors",
        f"/api/doctors/{cast.chandra}",
        f"/api/availability?doctorId={cast.chandra}&days=3",
    )


def test_the_same_answer_is_304_without_a_body(anybody: Caller, cast: Cast) -> None:
    for path in paths(cast):
        first = anybody.get(path) if "?" not in path else anybody.send("GET", path)
        again = anybody.send("GET", path, headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        for answer in (first, again):
            assert answer.headers["cache-control"] == "private, no-cache"
            assert answer.headers["etag"] == first.headers["etag"]


@pytest.mark.parametrize("known", ["{tag}", 'W/{tag}, "x"', '"x", {tag}', "*"])
def test_every_way_to_name_what_one_has_is_understood(anybody: Caller, known: str) -> None:
    tag = anybody.get("/api/doctors").headers["etag"]
    headers = {"If-None-Match": known.format(tag=tag)}
    assert anybody.send("GET", "/api/doctors", headers=headers).status_code == 304


@pytest.mark.parametrize("known", ['"x"', "", "nonsense", '"'])
def test_who_has_something_else_gets_everything(anybody: Caller, known: str) -> None:
    answer = anybody.send("GET", "/api/doctors", headers={"If-None-Match": known})
    assert (answer.status_code, answer.json()["success"]) == (200, True)


def test_a_time_that_was_taken_is_told_at_once(anybody: Caller, asha: Caller, cast: Cast) -> None:
    path = f"/api/availability?doctorId={cast.chandra}&days=3"
    tag = anybody.send("GET", path).headers["etag"]
    asha.post("/api/appointments", {"availabilityId": cast.slots[0]})
    changed = anybody.send("GET", path, headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert [slot["status"] for slot in changed.json()["data"]] == ["held", "free", "free", "free"]


def test_a_refusal_carries_no_tag_and_is_not_kept(anybody: Caller) -> None:
    answer = anybody.get("/api/doctors/999")
    assert (answer.status_code, answer.headers["cache-control"]) == (404, "no-store")
    assert "etag" not in answer.headers
