"""The two bodies of a mail: what they say, and an HTML that runs and loads nothing."""

from __future__ import annotations

import pytest

from booking_ui.config.settings import settings
from booking_ui.services.mail import letter
from booking_ui.services.mail.letter import Action, Fact, Letter

LINK = "https://x.example/?a=1&b=2"


def test_a_text_becomes_html_that_runs_and_loads_nothing() -> None:
    html = letter.page("<b>Asha</b> & Bilal\nsecond line\n\nAnother", LINK, "Go <on>")
    assert "&lt;b&gt;Asha&lt;/b&gt; &amp; Bilal<br>second line</p>" in html
    assert html.count("<p ") == 2
    assert '<a href="https://x.example/?a=1&amp;b=2"' in html
    assert ">Go &lt;on&gt;</a>" in html
    assert [word for word in ("<img", "<script", "<link", "@import", "url(") if word in html] == []
    assert "<a " not in letter.page("Without a link")


def test_the_button_stands_where_the_text_has_its_link_and_nowhere_else() -> None:
    mail = Letter(
        f"Pay to keep it: {LINK}\nElse do nothing.", (Action("Pay", LINK), Action("Other", LINK + "&c"))
    )
    html = letter.html(mail)
    before, button, after = html.partition(">Pay</a>")
    assert button
    assert "Pay to keep it:</p>" in before
    assert "Else do nothing.</p>" in after
    assert html.count(">Pay</a>") == 1
    assert ">https" not in html
    assert letter.plain(mail).count(f"{LINK}\n") == 1
    assert f"\n\nOther: {LINK}&c\n\n" in letter.plain(mail)


def test_facts_and_the_footer_stand_in_both() -> None:
    mail = Letter("Hello", facts=(Fact("Where", "<12>", LINK, "Map"),), footer=("Call +91 80 4718 2200.",))
    assert letter.plain(mail) == (
        f"Hello\n\nWhere: <12>\nMap: {LINK}\n\nCall +91 80 4718 2200.\n{settings().merchant_name}\n"
    )
    html = letter.html(mail)
    assert ">Where</th>" in html
    assert ">&lt;12&gt;<br><a " in html
    assert '<a href="tel:+918047182200"' in html


@pytest.mark.parametrize("sign", ["max-width:600px", "prefers-color-scheme:dark", "<!--[if mso]>"])
def test_it_is_laid_out_for_every_mail_program(sign: str) -> None:
    assert sign in letter.page("Hello")
