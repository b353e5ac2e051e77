"""Fixtures of the journeys.

running_app       one clinic for the whole session (`tests.support.servers.App`): base_url, sandbox_url, data_dir, database_url
page, context     pytest-playwright's, pointed at it: `page.goto("/")`
person            `person()` opens another person's browser: own cookies, own trace

A failed journey leaves trace and screenshot under test-results/, and shows what the clinic printed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect

from tests.support.servers import USED, App, clinic

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
HERE = Path(__file__).parent
_clinics: list[App] = []

expect.set_options(timeout=10_000)


def _starts(program: str | Path) -> bool:
    """True when this browser runs here; Playwright's own may lack libraries of the system."""
    with suppress(OSError, subprocess.TimeoutExpired):
        return (
            subprocess.run([program, "--version"], capture_output=True, timeout=30, check=False).returncode
            == 0
        )
    return False


def _on_path() -> str | None:
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def _playwrights_own(playwright: Playwright) -> str | None:
    own = playwright.chromium.executable_path
    if not Path(own).exists():
        with suppress(subprocess.TimeoutExpired):
            subprocess.run(
                [sys.executable, "-m", "playwright", "install", "chromium"], timeout=300, check=False
            )
    return own if Path(own).exists() and _starts(own) else None


def _system_package() -> str | None:
    if os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for step in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", "chromium"]):
            subprocess.run(["apt-get", *step], env=quiet, timeout=600, check=False)
    return _on_path()


def find_chromium(playwright: Playwright) -> str:
    """CHROMIUM_PATH, else one on the PATH, else Playwright's own, else the system's package."""
    places: list[tuple[str, Callable[[], str | None]]] = [
        ("CHROMIUM_PATH", lambda: os.environ.get("CHROMIUM_PATH")),
        ("on the PATH", _on_path),
        ("Playwright's own", lambda: _playwrights_own(playwright)),
        ("the system's package", _system_package),
    ]
    for name, look in places:
        if found := look():
            USED["Chromium"] = f"{found} ({name})"
            return found
    pytest.exit("No Chromium: install one, or set CHROMIUM_PATH to its program.", returncode=1)


@pytest.fixture(scope="session")
def browser_type_launch_args(
    playwright: Playwright, browser_type_launch_args: dict[str, Any]
) -> dict[str, Any]:
    flags = ["--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]
    if os.geteuid() == 0:
        flags.append("--no-sandbox")  # Chromium's own sandbox refuses root
    return {**browser_type_launch_args, "executable_path": find_chromium(playwright), "args": flags}


@pytest.fixture(scope="session")
def running_app() -> Iterator[App]:
    with clinic() as app:
        _clinics.append(app)
        yield app
        _clinics.remove(app)


@pytest.fixture(scope="session")
def base_url(running_app: App) -> str:
    return running_app.base_url


@pytest.fixture
def person(browser: Browser, new_context: Callable[..., BrowserContext]) -> Callable[..., Page]:
    return lambda **options: new_context(**options).new_page()


def _is_journey(item: pytest.Item) -> bool:
    return HERE in item.path.parents


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # Journeys come last: the browser's driver keeps an event loop running in this thread, in which no coroutine test could start.
    items.sort(key=_is_journey)
    for item in filter(_is_journey, items):
        item.add_marker(pytest.mark.timeout(360))  # the first journey waits until the pages are built


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed:
        report.sections.extend(("what the clinic printed", app.last_words()) for app in _clinics)
    return report
