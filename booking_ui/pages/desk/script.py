"""The desk's keys and copy buttons: loaded where a desk page is, nowhere else."""

from __future__ import annotations

import reflex as rx


def script() -> rx.Component:
    return rx.el.script(src="/admin.js", async_=True)
