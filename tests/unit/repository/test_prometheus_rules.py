"""docs/prometheus-rules.yml can be loaded, and each number that it watches is one that /metrics has."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # it brings no types
from prometheus_client.parser import text_string_to_metric_families

from booking_ui.db.models import PromiseCount
from booking_ui.services.cases import reconciliation_cases
from booking_ui.services.cases.reconciliation_cases import CaseKind
from booking_ui.services.journal import heartbeats
from booking_ui.services.limits import metrics
from booking_ui.worker import JOBS
from tests.support.cast import NOW
from tests.support.remarks import quoted
from tests.support.rows import keep

ROOT = Path(__file__).parents[3]
RULES: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load((ROOT / "docs/prometheus-rules.yml").read_text())["groups"]
    for rule in group["rules"]
]
FUNCTIONS = {"absent", "increase", "rate", "sum", "by", "le", "histogram_quantile"}
SELECTOR = re.compile(r"([a-z_]+)(?:\{(\w+)(?:=|=~)\"([^\"]+)\"\})?")


def numbers() -> dict[str, set[tuple[str, str]]]:
    """The labels of each series that a clinic with one of everything has."""
    keep(PromiseCount(number=1, promise="x", checked=1, violated=0, first_fault="", at=NOW))
    for kind in (CaseKind.UNKNOWN_ORDER, CaseKind.HOLDS_UNPAID):
        reconciliation_cases.open_case(kind=kind, subject="pay_1", detail=quoted("x"), now=NOW)
    for job in JOBS:
        heartbeats.beat(job=job.name, now=NOW)
    metrics.BAD_SIGNATURES.labels("webhook").inc()
    metrics.REQUESTS.labels("/api/ready", "GET", "503").inc()
    metrics.SECONDS.labels("/api/ready", "GET").observe(0.1)
    found: dict[str, set[tuple[str, str]]] = {}
    for family in text_string_to_metric_families(metrics.exposition(now=NOW).decode()):
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels.items())
    return found


@pytest.mark.usefixtures("db")
def test_each_number_that_is_watched_exists_with_the_label_that_is_asked_for() -> None:
    known = numbers()
    for rule in RULES:
        asked = [
            one
            for one in SELECTOR.findall(re.sub(r"\[\w+\]", "", rule["expr"]))
            if one[0] not in FUNCTIONS and one[0] != "_"
        ]
        assert asked, rule["alert"]
        for name, label, value in asked:
            assert name in known, rule["alert"]
            if label:
                assert any(label == one and re.fullmatch(value, found) for one, found in known[name]), rule[
                    "alert"
                ]


def test_each_rule_has_the_parts_that_prometheus_takes_and_words_for_its_reader() -> None:
    names = [rule["alert"] for rule in RULES]
    assert len(set(names)) == len(names)
    for rule in RULES:
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}, rule["alert"]
        assert re.fullmatch(r"\d+[smh]", rule.get("for", "1m")), rule["alert"]
        assert rule["labels"]["severity"] in {"page", "desk"}
        assert set(rule["annotations"]) == {"summary", "description"}
        for opening, closing in ("()", "{}", "[]"):
            assert rule["expr"].count(opening) == rule["expr"].count(closing), rule["alert"]


def test_each_page_and_section_that_a_rule_names_is_there() -> None:
    runbook = (ROOT / "docs/runbook.md").read_text()
    for rule in RULES:
        _, named, section = rule["annotations"]["description"].partition("docs/runbook.md: ")
        assert not named or f"## {section.split('. ')[0].rstrip('.')}" in runbook, rule["alert"]
