"""Each module of the services has its test under its own name, where a reader looks for it."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.support.servers import ROOT

SERVICES, TESTS = ROOT / "booking_ui/services", ROOT / "tests/unit/services"
VIEWS = "views"  # values without behaviour; the tests of the services that make them show them


def test_each_service_has_a_test_of_its_name() -> None:
    assert len(services()) > 50
    assert [module.as_posix() for module in services() if not (TESTS / named(module)).exists()] == []


def services() -> list[Path]:
    return [
        file.relative_to(SERVICES)
        for file in sorted(SERVICES.glob("*/*.py"))
        if file.stem != "__init__" and file.parent.name != VIEWS
    ]


def named(module: Path) -> Path:
    """`mail/test_outbox.py` for `mail/outbox.py`."""
    return module.with_name(f"test_{module.name}")


def test_each_test_of_a_name_asks_the_service_of_that_name() -> None:
    strangers = [
        module.as_posix()
        for module in services()
        if not imports(TESTS / named(module), f"booking_ui.services.{module.parent.name}", module.stem)
    ]
    assert strangers == []


def imports(test: Path, room: str, service: str) -> bool:
    """True when the test imports the service, or something of it."""
    found = [node for node in ast.walk(ast.parse(test.read_text())) if isinstance(node, ast.ImportFrom)]
    return any(
        node.module == f"{room}.{service}"
        or (node.module == room and any(alias.name == service for alias in node.names))
        for node in found
    )
