"""A program that builds every page and prints the settings that were read for it, one a line."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any

from booking_ui.config import settings as config
from booking_ui.config.settings import Settings

PAGES = ("booking_ui.pages", "booking_ui.components", "booking_ui.states")
ADDS_A_PAGE = ("booking_ui.booking_ui", "_add")
BELOW = ("booking_ui.services", "booking_ui.domain")

read: set[str] = set()


class Watched(Settings):
    """Settings that note what pages read of them."""

    def __getattribute__(self, name: str) -> Any:
        if name in Settings.model_fields and _for_a_page():
            read.add(name)
        return super().__getattribute__(name)


def _for_a_page() -> bool:
    """True below a page, a component or a state, and where a service keeps a value that they may show."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        module, function = str(frame.f_globals.get("__name__")), frame.f_code.co_name
        if module.startswith(PAGES) or (module, function) == ADDS_A_PAGE:
            return True
        if function == "<module>":  # further up are only those that imported it
            return module.startswith(BELOW)
        frame = frame.f_back
    return False


def main() -> None:
    config.Settings = Watched  # type: ignore[misc]
    config.settings()  # checking the settings reads nearly all of them
    from reflex.compiler.utils import compile_state

    from booking_ui.booking_ui import app

    pages: Any = app._unevaluated_pages.values()
    for page in pages:
        page.component().render()
    assert app._state
    compile_state(app._state)  # what a page shows before its data arrives is part of it
    print(*sorted(read), sep="\n")


if __name__ == "__main__":
    main()
