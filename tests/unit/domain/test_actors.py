from __future__ import annotations

from types import SimpleNamespace

import pytest

from booking_ui.domain import actors
from booking_ui.domain.payment import Source


def test_an_actor_is_its_kind_and_which_one_of_it() -> None:
    assert actors.patient(7) == "patient:7"
    assert actors.account(7) == "person:7"
    assert actors.signed_in(SimpleNamespace(role="admin", person_id=3)) == "admin:3"


@pytest.mark.parametrize(
    ("actor", "parts"),
    [
        ("patient:7", ("patient", "7")),
        (Source.WEBHOOK.actor, ("razorpay", "webhook")),
        (actors.SWEEP, ("system", "sweep")),
        (actors.WORKER, ("worker", "")),
        (actors.ANONYMOUS, ("anonymous", "")),
    ],
)
def test_an_actor_splits_into_its_parts(actor: str, parts: tuple[str, str]) -> None:
    assert actors.split(actor) == parts
