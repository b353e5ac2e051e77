"""The shape of the desk's pages."""

from __future__ import annotations

from typing import Any

import reflex as rx

from booking_ui.components.desk.layout import desk
from booking_ui.states.desk.open_cases import OpenCasesState


def desk_page(*children: rx.Component, current: str, leave: Any, keys: bool = False) -> rx.Component:
    """`leave` runs when the page is left; `keys` loads the desk's keys and copy buttons."""
    # On a node of its own: a component's handlers for leaving run when that node goes.
    forget = [*(leave if isinstance(leave, list) else [leave]), OpenCasesState.leave]
    gone = rx.el.div(on_unmount=forget, hidden=True)
    script = rx.el.script(src="/admin.js", async_=True)
    return rx.fragment(desk(*children, current=current), gone, script if keys else rx.fragment())
