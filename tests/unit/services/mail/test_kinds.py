"""Each kind of mail has words by which the desk knows it."""

from __future__ import annotations

from booking_ui.services.mail import account_mails, kinds, outbox, visit_mails


def test_every_kind_has_words_of_its_own() -> None:
    assert set(kinds.LABELS) == {*visit_mails.BODIES, *account_mails.BODIES, outbox.ALERT}
    assert len(set(kinds.LABELS.values())) == len(kinds.LABELS)
