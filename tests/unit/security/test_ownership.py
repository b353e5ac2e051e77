"""Every route of the API, called by those it is not for, who reach for Asha's things."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.routing import iter_route_contexts
from httpx import Response

from booking_ui.api.app import api
from booking_ui.config.settings import settings
from tests.support.api import Caller
from tests.support.security.stage import Stage, changed, everything
from tests.unit.security.routes import PARAMETERS, ROUTES, Rule

ATTACKERS = ("nobody", "bilal", "doctor", "desk")
WRONG_IDS = (
    "0", "-1", "1.0", "1e3", "0x1", "2147483648", "9223372036854775808", "9" * 400, "null", "true", "me", "*", "%00",
    "%2e%2e%2f1", "1%20or%201=1", "1;--", "٣", "１", "🩺", "%ff", "1%0a",
)  # fmt: skip
WRONG_BODY_IDS: tuple[object, ...] = (
    0, -1, 2**31, 2**63, 10**300, 1.5, "1", "٣", "🩺", "", "\x00", None, True, [1], {"id": 1},
)  # fmt: skip
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
ABSENT = 2_147_483_647


def routes() -> Iterator[str]:
    """ "METHOD /path" of everything that the application answers, hidden or not."""
    for context in iter_route_contexts(api.routes):
        path = re.sub(r":\w+\}", "}", str(getattr(context, "path", "")))
        if path == "/api":
            continue  # the catch-all's other spelling
        for method in METHODS if "{rest}" in path else getattr(context, "methods", None) or ():
            if method != "HEAD" or "{rest}" in path:  # elsewhere HEAD is GET without its body
                yield f"{method} {path}"


def address(path: str, stage: Stage, **instead: object) -> str:
    values = {name: value(stage) for name, value in PARAMETERS.items()} | instead
    return path.format_map(values)


def asked(who: Caller, route: str, rule: Rule, stage: Stage, *, right: bool = False) -> Response:
    method, path = route.split(" ")
    options = (rule.right_ask or rule.ask)(stage) if right else rule.ask(stage)
    return who.send(method, address(path, stage), **options)


def test_every_route_is_declared_and_nothing_else_is() -> None:
    assert sorted(set(routes())) == sorted(ROUTES)


def test_the_description_shows_no_route_that_is_not_attacked() -> None:
    described = {f"{m.upper()} {path}" for path, methods in api.openapi()["paths"].items() for m in methods}
    assert described <= set(ROUTES)


@pytest.mark.parametrize("attacker", ATTACKERS)
def test_a_wrong_caller_gets_the_documented_refusal_and_changes_nothing(
    attacker: str, callers: dict[str, Caller], stage: Stage
) -> None:
    before, wrong = everything(), list[tuple[object, ...]]()
    for route, rule in ROUTES.items():
        if rule.owner == attacker:
            continue
        answer = asked(callers[attacker], route, rule, stage)
        if answer.status_code != rule.expected(attacker) or stage.secrets_in(answer.text):
            wrong.append((route, answer.status_code, answer.text[:200]))
        # A forged signature leaves an audit row and a case, so that the desk hears of it.
        forged = rule.kind == "proven" and rule.expected(attacker) == 400
        allowed = {"audit_entry", "reconciliation_case"} if forged else rule.writes
        if "audit_entry" in allowed:
            allowed = {*allowed, "audit_chain"}  # a row's chain knows its length
        after = everything()
        wrong += [(route, "changed", one) for one in changed(before, after) if one not in allowed]
        before = after
    assert wrong == []


def test_the_rightful_caller_of_each_route_is_answered(callers: dict[str, Caller], stage: Stage) -> None:
    """The control: without it a broken route would look like a safe one."""
    answers = [
        (route, rule, asked(callers[rule.owner], route, rule, stage, right=True))
        for route, rule in ROUTES.items()
    ]
    assert [(route, one.text) for route, rule, one in answers if one.status_code not in rule.right] == []


def test_another_patients_thing_looks_like_one_that_does_not_exist(
    callers: dict[str, Caller], stage: Stage
) -> None:
    bilal = callers["bilal"]
    for route, rule in ROUTES.items():
        if rule.kind != "a patient's thing":
            continue
        method, path = route.split(" ")
        options = rule.ask(stage)
        nowhere: dict[str, Any] = {**options}
        if rule.ids:
            nowhere["json"] = {**options["json"], **dict.fromkeys(rule.ids, ABSENT)}
        ashas = bilal.send(method, address(path, stage), **options)
        nothing = bilal.send(method, address(path, stage, **dict.fromkeys(PARAMETERS, ABSENT)), **nowhere)
        assert (ashas.status_code, ashas.json()) == (nothing.status_code, nothing.json()), route


@pytest.mark.parametrize("who", [*ATTACKERS, "asha"])
def test_an_invalid_id_is_refused_and_changes_nothing(
    who: str, callers: dict[str, Caller], stage: Stage, configured: pytest.MonkeyPatch
) -> None:
    configured.setenv("RATE_LIMIT_PERSON", "3000/minute")  # every id of every route, within a few seconds
    settings.cache_clear()
    before = everything()
    for route, rule in ROUTES.items():
        method, path = route.split(" ")
        if "_id}" in path:
            for wrong in WRONG_IDS:
                place = address(path, stage, **dict.fromkeys(PARAMETERS, wrong))
                answer = callers[who].send(method, place, **rule.ask(stage))
                assert answer.status_code in {401, 403, 404, 422}, (route, wrong, answer.text)
        for field in rule.ids:
            for wrong_value in WRONG_BODY_IDS:
                sent = {**rule.ask(stage)["json"], field: wrong_value}
                answer = callers[who].send(method, address(path, stage), json=sent)
                assert answer.status_code in {401, 403, 404, 422}, (route, wrong_value, answer.text)
    assert changed(before, everything()) == []
