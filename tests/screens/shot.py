"""One picture: who looks, and how the page is reached."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

from tests.support.servers import App

NOBODY, ASHA, BILAL = "", "asha@example.com", "bilal@example.com"
DEVI, CHANDRA = "devi@example.com", "chandra@example.com"


@dataclass(frozen=True)
class Shot:
    """`who` signs in first, unless the way there says who it is. `zoom` is the browser's own, as a factor."""

    name: str
    who: str
    reach: Callable[[App, Page], None]
    zoom: int = 1


def at(path: str) -> Callable[[App, Page], None]:
    def reach(_app: App, page: Page) -> None:
        page.goto(path)

    return reach
