"""Places in a doctor's page that the server fills before it sends it (edge/found): what is known of the doctor at once.

React leaves them as they came: it knows them as empty, and is told not to compare. They stand in the waiting page only, so
what was sent is gone when the page's own data is there.
"""

from __future__ import annotations

import json

import reflex as rx


def sent_facts(name: str) -> rx.Component:
    """An empty place; `name` is essentials or about."""
    return rx.el.div(
        id=f"sent-{name}",
        custom_attrs={"suppressHydrationWarning": True, "dangerouslySetInnerHTML": {"__html": ""}},
    )


def sent(name: str, otherwise: str) -> rx.Var[str]:
    """A text of the head that the server has sent, title or description; `otherwise` on a page reached by a click."""
    place = 'globalThis.document?.getElementById("sent-essentials")'
    return rx.Var(f"({place}?.dataset.{name} ?? {json.dumps(otherwise)})", _var_type=str)
