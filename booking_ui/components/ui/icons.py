"""A few icons, inline, always beside a word: hidden from screen readers."""

from __future__ import annotations

import reflex as rx

# Drawn on a 24-px grid with one stroke; one path each.
PATHS = {
    "search": "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14Zm5-2 4.5 4.5",
    "pin": "M12 21s7-6.2 7-11.2A7 7 0 0 0 5 9.8C5 14.8 12 21 12 21Zm0-8.7a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z",
    "sliders": "M4 7h9m5 0h2M4 17h2m5 0h9M15.5 9.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Zm-7 10a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z",
    "check": "m5 12.5 4.5 4.5L19 7.5",
    "close": "m6 6 12 12M18 6 6 18",
    "clock": "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Zm0-14v5l3.5 2",
    "calendar": "M4 9.5h16M8 3v3m8-3v3M5.5 5h13A1.5 1.5 0 0 1 20 6.5v12a1.5 1.5 0 0 1-1.5 1.5h-13A1.5 1.5 0 0 1 4 18.5v-12A1.5 1.5 0 0 1 5.5 5Z",
    "bank": "m3.5 9.5 8.5-5 8.5 5h-17Zm2.5 0V17m4-7.5V17m4-7.5V17m4-7.5V17M3.5 20h17",
    "alert": "M12 8v5m0 3.5v.01M10.3 4.2 2.9 17a2 2 0 0 0 1.7 3h14.8a2 2 0 0 0 1.7-3L13.7 4.2a2 2 0 0 0-3.4 0Z",
    "undo": "M4 9h10.5a5 5 0 0 1 0 10H9M4 9l4-4M4 9l4 4",
    "user": "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8Zm-7.5 8.5c.8-3.7 3.8-6 7.5-6s6.7 2.3 7.5 6",
    "out": "M10 4H6a1.5 1.5 0 0 0-1.5 1.5v13A1.5 1.5 0 0 0 6 20h4m5-4 4-4-4-4m4 4H9.5",
    "sun": "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8Zm0-13.5v2m0 15v2M2.5 12h2m15 0h2M5.3 5.3l1.4 1.4m10.6 10.6 1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4",
    "globe": "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM3 12h18M12 3c5 5 5 13 0 18M12 3c-5 5-5 13 0 18",
    "phone": "M6.5 3.5h2.6l1.5 4-2 1.6a12 12 0 0 0 6.3 6.3l1.6-2 4 1.5v2.6a2 2 0 0 1-2.2 2C11 19 5 13 4.5 5.7a2 2 0 0 1 2-2.2Z",
    "shield": "M12 3.5 5 6v5.5c0 4.4 2.9 7.6 7 9 4.1-1.4 7-4.6 7-9V6l-7-2.5Zm-3 8.5 2.2 2.2L15.2 10",
    "arrow": "M5 12h14m-5-5 5 5-5 5",
    "chevron": "m7 10 5 5 5-5",
    "route": "M6 20.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Zm12-12a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM8.5 18H15a3.5 3.5 0 0 0 0-7H9a3.5 3.5 0 0 1 0-7h6.5",
    "file": "M14 3.5H7.5A1.5 1.5 0 0 0 6 5v14a1.5 1.5 0 0 0 1.5 1.5h9A1.5 1.5 0 0 0 18 19V7.5L14 3.5Zm0 0v4h4M9 12h6m-6 4h6",
    "print": "M7 9V4h10v5M7 17H5a1.5 1.5 0 0 1-1.5-1.5V11A1.5 1.5 0 0 1 5 9.5h14a1.5 1.5 0 0 1 1.5 1.5v4.5A1.5 1.5 0 0 1 19 17h-2M7 14h10v6.5H7V14Z",
    "table": "M4 5.5h16v13H4v-13Zm0 4.5h16M9.5 10v8.5",
    "mail": "M5.5 5.5h13A1.5 1.5 0 0 1 20 7v10a1.5 1.5 0 0 1-1.5 1.5h-13A1.5 1.5 0 0 1 4 17V7a1.5 1.5 0 0 1 1.5-1.5Zm-1 2 7.5 6 7.5-6",
    "offline": "m4 4 16 16M8.5 16.5a5 5 0 0 1 6 0M5 13a10 10 0 0 1 4-2.3m5.5.2A10 10 0 0 1 19 13M2.5 9.5a14 14 0 0 1 3.6-2.3M11 5.5a14 14 0 0 1 10.5 4M12 20v.01",
}


def icon(name: str | rx.Var, size: str = "") -> rx.Component:
    """The icon `name`, or the one whose path a var holds. `size` is a class, such as "size-8"."""
    path = PATHS[name] if isinstance(name, str) else name
    return rx.el.svg(
        rx.el.path(d=path), class_name=f"icon {size}".strip(), view_box="0 0 24 24", aria_hidden="true"
    )
