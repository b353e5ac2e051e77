"""Things that happen to a payment later: a UPI app answers, a bank changes its mind, a capture window ends."""

from __future__ import annotations

from collections.abc import Callable

from booking_ui.sandbox.bank import outcomes
from booking_ui.sandbox.box import Box
from booking_ui.sandbox.rest import payments
from booking_ui.sandbox.store import Entity

_ACTIONS: dict[str, Callable[[Box, Entity], None]] = {
    "upi": outcomes.answer_upi,
    "authorize": outcomes.authorize_late,
    "lapse": outcomes.lapse,
    "expire": outcomes.expire,
}


def run_due(box: Box) -> None:
    rows = box.store.db.execute(
        "SELECT * FROM job WHERE due <= ? ORDER BY due, id", (box.clock.now(),)
    ).fetchall()
    for row in rows:
        box.store.db.execute("DELETE FROM job WHERE id=?", (row["id"],))
        _ACTIONS[row["action"]](box, payments.get(box, row["payment_id"]))


def next_due(box: Box) -> float | None:
    found = box.store.db.execute("SELECT min(due) AS due FROM job").fetchone()["due"]
    return None if found is None else float(found)
