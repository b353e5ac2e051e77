"""Links that Reflex's router does not take over."""

from __future__ import annotations

import reflex as rx
from reflex_components_core.el.elements.inline import A


def plain_link(*children: rx.Component | str | rx.Var, **props: object) -> rx.Component:
    """A link that the browser follows by itself: fragments, mail, phone, downloads, other sites."""
    return A.create(*children, **props)
