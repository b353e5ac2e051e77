"""Family members through the API: always the caller's own, every wrong field named."""

from __future__ import annotations

import pytest
from httpx import Response

from tests.support.api import Caller, Json, bookings, claimed, refusal
from tests.support.cast import Cast

KIRAN: Json = {"name": "Kiran Menon", "relation": "child", "bornOn": "2019-03-04"}


def added(who: Caller, **more: object) -> int:
    answer = who.post("/api/dependents", {**KIRAN, **more})
    assert answer.status_code == 201, answer.text
    found: int = answer.json()["data"]["dependentId"]
    return found


def listed(who: Caller) -> list[Json]:
    found: list[Json] = who.get("/api/dependents").json()["data"]
    return found


def patch(who: Caller, dependent_id: object, body: object) -> Response:
    return who.send("PATCH", f"/api/dependents/{dependent_id}", json=body)


def test_a_dependent_is_added_edited_and_removed(asha: Caller, bilal: Caller) -> None:
    kiran = added(asha)
    assert listed(asha) == [{"dependentId": kiran, **KIRAN}]
    assert listed(bilal) == []
    changed = patch(asha, kiran, {"relation": "grandchild"})
    assert changed.json() == {
        "success": True,
        "message": "Kiran Menon is saved.",
        "data": {"dependentId": kiran, **KIRAN, "relation": "grandchild"},
    }
    assert patch(asha, kiran, {"bornOn": None}).json()["data"]["bornOn"] is None
    gone = asha.send("DELETE", f"/api/dependents/{kiran}")
    assert gone.json() == {"success": True, "message": "Removed.", "data": None}
    assert listed(asha) == []
    assert refusal(asha.send("DELETE", f"/api/dependents/{kiran}")) == (404, "not_found")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"), ({"name": "x" * 81}, "name"), ({"name": 5}, "name"), ({"name": "\x00"}, "name"),
        ({"relation": "friend"}, "relation"), ({"relation": None}, "relation"),
        ({"bornOn": "2026-01-06"}, "bornOn"), ({"bornOn": "yesterday"}, "bornOn"), ({"bornOn": 5}, "bornOn"),
        ({"bornOn": "1850-01-01"}, "bornOn"), ({"bornOn": "2026-02-31"}, "bornOn"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named_and_nobody_is_added_or_changed(asha: Caller, wrong: Json, field: str) -> None:
    answer = asha.post("/api/dependents", {**KIRAN, **wrong})
    assert refusal(answer) == (422, "validation")
    assert [one["field"] for one in answer.json()["errors"]] == [field]
    assert listed(asha) == []
    kiran = added(asha)
    if wrong != {"relation": None}:  # left out and null are the same to an edit
        assert refusal(patch(asha, kiran, wrong)) == (422, "validation")
    assert listed(asha) == [{"dependentId": kiran, **KIRAN}]


def test_an_eleventh_is_refused(asha: Caller) -> None:
    for n in range(10):
        added(asha, name=f"Child {n}")
    assert refusal(asha.post("/api/dependents", KIRAN)) == (409, "too_many_dependents")
    assert len(listed(asha)) == 10


def test_somebody_elses_dependent_does_not_exist(asha: Caller, bilal: Caller, cast: Cast) -> None:
    kiran, unknown = added(asha), 2_147_483_647
    for one in (kiran, unknown):
        assert refusal(patch(bilal, one, {"name": "Mine"})) == (404, "not_found")
        assert refusal(bilal.send("DELETE", f"/api/dependents/{one}")) == (404, "not_found")
        for path in ("/api/appointments", "/api/appointments/book"):
            body = {"availabilityId": cast.slots[0], "dependentId": one}
            assert refusal(bilal.post(path, body)) == (404, "not_found")
    assert bookings() == []
    assert listed(asha) == [{"dependentId": kiran, **KIRAN}]


def test_a_booking_says_for_whom_it_is(asha: Caller, cast: Cast) -> None:
    kiran = added(asha)
    theirs = claimed(asha, cast.slots[0], dependentId=kiran)
    mine = claimed(asha, cast.slots[1], dependentId=None)
    assert (theirs["dependentId"], theirs["patientName"]) == (kiran, "Kiran Menon")
    assert (mine["dependentId"], mine["patientName"]) == (None, "Asha")
    for bad in (0, "1", 1.5, True):
        answer = asha.post("/api/appointments", {"availabilityId": cast.slots[2], "dependentId": bad})
        assert [one["field"] for one in answer.json()["errors"]] == ["dependentId"]


def test_the_desk_and_strangers_have_no_dependents_here(devi: Caller, anybody: Caller) -> None:
    for who, status in ((devi, 403), (anybody, 401)):
        assert who.get("/api/dependents").status_code == status
        assert who.post("/api/dependents", KIRAN).status_code == status
        assert patch(who, 1, KIRAN).status_code == status
        assert who.send("DELETE", "/api/dependents/1").status_code == status
