"""The table of docs/booking-payments.md names every scenario once, and only tests that exist."""

from __future__ import annotations

import re

from tests.support.servers import ROOT

HERE = ROOT / "tests/unit/scenarios"


def numbered(kind: str, *numbers: int) -> list[str]:
    return [f"{kind}-{n:02}" for n in numbers]


SCENARIOS = [
    *numbered("BP", *range(1, 9), 10, 11, 12, 17, 20, 36, 37),
    *numbered("ORD", *range(1, 17)),
    "Cards",
    "RFND-01",
    "SETL-01",
    *numbered("D", *range(1, 35)),
]


def table() -> list[tuple[str, str]]:
    """(id, last cell) of each row of the document's table."""
    text = (ROOT / "docs/booking-payments.md").read_text()
    rows = re.findall(r"^\| (\S+) \| [^|]+ \| ([^|]+) \|$", text.partition("## Scenarios")[2], re.MULTILINE)
    return [row for row in rows if row[0] != "id"]


def written() -> set[str]:
    """`file::name` of each test whose name begins with a scenario's id."""
    found = re.compile(r"^def (test_(?:BP|ORD|RFND|SETL|D|Cards)_\w+)", re.MULTILINE)
    return {f"{f.name}::{name}" for f in HERE.glob("test_*.py") for name in found.findall(f.read_text())}


def test_every_scenario_is_in_the_table_once() -> None:
    assert sorted(name for name, _ in table()) == sorted(SCENARIOS)


def test_the_table_names_each_scenarios_own_tests_and_all_of_them() -> None:
    named = {name: re.findall(r"`(test_\w+\.py::\w+)`", cell) for name, cell in table()}
    for name, tests in named.items():
        prefix = f"::test_{name.replace('-', '_')}_"
        assert [t for t in tests if prefix not in t] == []
    assert sorted(t for tests in named.values() for t in tests) == sorted(written())
    assert [name for name, tests in named.items() if not tests] == []
