"""The tables from the brief to the tests can't rot: what they name exists, and their counts are counted."""

from __future__ import annotations

import ast
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache

from tests.support.servers import ROOT

ORDER = ("met", "differently", "operator", "not met")


@dataclass(frozen=True)
class Row:
    id: str
    requirement: str
    state: str
    built: str
    shown: str

    @property
    def files(self) -> list[str]:
        return re.findall(r"`([^`]+)`", self.built)

    @property
    def tests(self) -> list[str]:
        return re.findall(r"`([\w/]+\.py::\w+)`", self.shown)

    @property
    def remark(self) -> str:
        return re.sub(r"(?:<br>)?`[\w/]+\.py::\w+`(?:<br>)?", "", self.shown).strip()


def rows() -> list[Row]:
    text = "\n".join((ROOT / "docs" / name).read_text() for name in ("traceability.md", "go-live.md"))
    lines = re.findall(r"^\| ([PGCL]-\d+) \| (.+?) \| ([^|]+) \| ([^|]+) \| (.+) \|$", text, re.MULTILINE)
    return [Row(*line) for line in lines]


@cache
def functions(path: str) -> set[str]:
    """The tests that a file has."""
    tree = ast.parse((ROOT / "tests" / path).read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def quoted() -> Counter[str]:
    """The guide's sections that journeys quote."""
    texts = [file.read_text() for file in (ROOT / "tests/e2e").glob("test_*.py")]
    return Counter(title for text in texts for title in re.findall(r'"""Guide: "(.+?)"\.', text))


def test_every_row_has_an_id_of_its_own_and_a_known_state() -> None:
    ids = [row.id for row in rows()]
    assert len(ids) > 150
    assert [name for name, times in Counter(ids).items() if times > 1] == []
    assert {row.state for row in rows()} <= set(ORDER)


def test_the_counts_at_the_top_are_those_of_the_tables() -> None:
    states = Counter(row.state for row in rows())
    met, other, operator, missing = (states[name] for name in ORDER)
    sentence = (
        f"{len(rows())} requirements: {met} met, {other} met differently, {operator} for the operator, "
        f"{missing} not met."
    )
    assert sentence in (ROOT / "docs/traceability.md").read_text().splitlines()


def faults(row: Row) -> list[str]:
    """What a row promises and does not keep."""
    found = [path for path in row.files if not (ROOT / path).exists()]
    found += [name for name in row.tests if name.partition("::")[2] not in functions(name.partition("::")[0])]
    if row.state in ("met", "differently") and not (row.files and row.tests):
        found.append("without a file or a test")
    if row.state != "met" and len(row.remark) < 10:
        found.append("without a reason")
    return [f"{row.id}: {fault}" for fault in found]


def test_what_the_rows_name_exists_and_nothing_is_left_empty() -> None:
    assert [fault for row in rows() for fault in faults(row)] == []


def test_every_section_of_the_guides_tests_is_quoted_by_exactly_one_journey() -> None:
    sections = {
        row.requirement: row.tests
        for row in rows()
        if row.id.startswith("G-") and re.match(r"Step [2-9]|Test(ing)? |Razorpay Dash", row.requirement)
    }
    assert {title: times for title, times in quoted().items() if times != 1} == {}
    assert set(sections) <= set(quoted())
    assert [
        title for title, tests in sections.items() if len(tests) != 1 or not tests[0].startswith("e2e/")
    ] == []
