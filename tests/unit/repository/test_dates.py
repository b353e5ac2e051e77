"""Dates and times are written in one place."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.support.servers import ROOT

# The sandbox is a stranger that imports nothing of ours: its settlements have a day in their ids.
ELSEWHERE = ("booking_ui/domain/clock.py", "booking_ui/sandbox/")
_FORMAT = re.compile(r"%-?[A-Za-z]")


def own_dates(path: Path) -> Iterator[str]:
    """The lines on which a module writes a date or a time by itself."""
    for node in ast.walk(ast.parse(path.read_text())):
        by_hand = isinstance(node, ast.Attribute) and node.attr in ("strftime", "ctime")
        by_babel = isinstance(node, ast.ImportFrom) and node.module == "babel.dates"
        parts = node.values if isinstance(node, ast.JoinedStr) else []
        specs = [
            ast.unparse(one.format_spec)
            for one in parts
            if isinstance(one, ast.FormattedValue) and one.format_spec
        ]
        if by_hand or by_babel or any(_FORMAT.search(spec) for spec in specs):
            yield f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"


def test_no_module_writes_a_date_but_the_clock() -> None:
    modules = sorted((ROOT / "booking_ui").rglob("*.py"))
    elsewhere = [path for path in modules if not str(path.relative_to(ROOT)).startswith(ELSEWHERE)]
    assert [line for path in elsewhere for line in own_dates(path)] == []


def test_a_date_written_by_hand_is_noticed() -> None:
    assert len(list(own_dates(ROOT / "booking_ui/domain/clock.py"))) == 1
    assert len(list(own_dates(ROOT / "booking_ui/sandbox/rest/settlements.py"))) == 1
