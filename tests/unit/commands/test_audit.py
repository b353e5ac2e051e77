"""`audit verify` and `audit root`."""

from __future__ import annotations

import sqlalchemy as sa

from booking_ui.db.session import database
from booking_ui.services.booking import claim
from tests.support.cast import NOW, Cast
from tests.support.commands import run


def test_an_honest_audit_is_0_and_a_changed_one_is_1_with_a_sentence_for_each_chain(cast: Cast) -> None:
    claim.claim(patient_id=cast.asha, slot_id=cast.slots[0], now=NOW)
    root = run("audit", "root").output.strip()
    honest = run("audit", "verify", "--root", root)
    assert (honest.exit_code, honest.output) == (
        0,
        f"All 3 audit rows in 2 chains hold. Newest root: {root}\n",
    )
    with database().engine.begin() as tx:
        tx.execute(
            sa.text("UPDATE audit_entry SET actor = 'worker' WHERE subject = 'appointment:1' AND seq = 1")
        )

    changed = run("audit", "verify")

    assert changed.exit_code == 1
    assert changed.output.splitlines()[0].startswith("appointment:1: row 1 was changed; is of patient:1,")
    assert changed.output.splitlines()[1].startswith("Broken: 1 of 2 chains. Change nothing in this database")


def test_a_root_that_was_seen_must_still_be_there(cast: Cast) -> None:
    missing = run("audit", "verify", "--root", f"9-{'a' * 64}")
    assert missing.exit_code == 1
    assert missing.output.startswith("root:9: it was seen and is not there")
    assert run("audit", "verify", "--root", "yesterday").exit_code == 2
