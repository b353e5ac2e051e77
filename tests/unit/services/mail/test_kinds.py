"""Each kind of mail has words by which the desk knows it."""

from __future__ import annotations

from booking_ui.domain.channel import TEXTED, Channel
from booking_ui.services.mail import account_mails, kinds, outbox, visit_mails, visit_texts


def test_every_kind_has_words_of_its_own() -> None:
    assert set(kinds.LABELS) == {
        *visit_mails.BODIES,
        *visit_texts.BODIES,
        *account_mails.BODIES,
        outbox.ALERT,
    }
    assert len(set(kinds.LABELS.values())) == len(kinds.LABELS)


def test_every_kind_about_a_visit_has_a_text_for_each_channel_that_carries_it() -> None:
    about_visits = {*visit_mails.BODIES, *visit_texts.BODIES}
    assert {kind for kind in about_visits if kinds.goes_by(kind, Channel.MAIL)} == set(visit_mails.BODIES)
    for channel in TEXTED:
        assert {kind for kind in about_visits if kinds.goes_by(kind, channel)} == set(visit_texts.BODIES)
