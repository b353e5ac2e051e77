"""Fixtures of the journeys.

running_app       one clinic for the whole session (`tests.support.servers.App`): base_url, sandbox_url, data_dir, database_url
page, context     pytest-playwright's, pointed at it: `page.goto("/")`
person            `person()` opens another person's browser: own cookies, own trace

A failed journey leaves trace and screenshot under test-results/, and shows what the clinic printed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect

from tests.support.chromium import find_chromium
from tests.support.servers import App, clinic

HERE = Path(__file__).parent
_clinics: list[App] = []

expect.set_options(timeout=10_000)


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


# Last, because pytest itself gathers the tests that share a browser, wherever the first one stands.
@pytest.hookimpl(trylast=True)
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
