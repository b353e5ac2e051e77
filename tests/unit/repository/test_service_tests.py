"""Each module of the services has its test under its own name, where a reader looks for it."""

from __future__ import annotations

from pathlib import Path

from tests.support.servers import ROOT

SERVICES, TESTS = ROOT / "booking_ui/services", ROOT / "tests/unit/services"
VIEWS = "views"  # values without behaviour; the tests of the services that make them show them


def test_each_service_has_a_test_of_its_name() -> None:
    modules = [
        file.relative_to(SERVICES)
        for file in sorted(SERVICES.glob("*/*.py"))
        if file.stem != "__init__" and file.parent.name != VIEWS
    ]
    assert len(modules) > 50
    assert [module.as_posix() for module in modules if not (TESTS / named(module)).exists()] == []


def named(module: Path) -> Path:
    """`mail/test_outbox.py` for `mail/outbox.py`."""
    return module.with_name(f"test_{module.name}")
