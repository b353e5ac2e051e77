"""A whole sentence of the catalogue in which links and other parts stand."""

from __future__ import annotations

import re

import reflex as rx

_PLACE = re.compile(r"\{(\w+)\}")


def with_parts(sentence: str, **parts: rx.Component | rx.Var | str) -> list[rx.Component | rx.Var | str]:
    """The children of an element that says `sentence`, its {places} filled by `parts`.

    `with_parts(_("Need a hand? Call {phone}."), phone=phone_link())`: each language puts the part where it belongs.
    Values that are text or numbers need no part: `_("Pay {fee}", fee=visit.fee_label)` takes a Var too.
    """
    said: list[rx.Component | rx.Var | str] = []
    for number, piece in enumerate(_PLACE.split(sentence)):
        part = parts[piece] if number % 2 else piece
        if isinstance(part, str) and said and isinstance(said[-1], str):
            said[-1] += part  # one text, not two
        elif not isinstance(part, str) or part:
            said.append(part)
    return said


def heard(sentence: str, **parts: rx.Component | rx.Var) -> list[rx.Component | rx.Var]:
    """As `with_parts`, but only the parts are seen: the words around them are for screen readers."""
    return [
        rx.el.span(piece, class_name="sr-only") if isinstance(piece, str) else piece
        for piece in with_parts(sentence, **parts)
    ]
