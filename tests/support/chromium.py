"""A Chromium that starts here, from wherever one can be had."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from tests.support.servers import USED

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def _starts(program: str | Path) -> bool:
    """True when the program runs here; Playwright's own may lack libraries of the system."""
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
