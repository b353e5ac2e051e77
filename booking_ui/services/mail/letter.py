"""The two bodies of a mail, plain text and HTML, made of one Letter: the same facts in the same order.

The HTML is laid out in tables of 600 px at most with its styles in line, which Outlook and Gmail need, and names colours for
both schemes. It loads nothing: no image, no font, no style sheet.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from booking_ui.config.settings import settings
from booking_ui.languages import _, spoken


@dataclass(frozen=True)
class Fact:
    """One line of the card. `link`, if any, belongs to the value and is called `verb`."""

    name: str
    value: str
    link: str = ""
    verb: str = ""


@dataclass(frozen=True)
class Action:
    """A button, and the line of plain text for it."""

    verb: str
    link: str
    line: str = ""


@dataclass(frozen=True)
class Letter:
    """`text` is in paragraphs. Where it names the link of the first action, the HTML has the button in that place."""

    text: str
    actions: tuple[Action, ...] = ()
    facts: tuple[Fact, ...] = ()
    footer: tuple[str, ...] = ()


def plain(letter: Letter) -> str:
    facts = "\n".join(line for fact in letter.facts for line in _fact_lines(fact))
    actions = "\n".join(one.line or _line(one.verb, one.link) for one in _after(letter))
    parts = (letter.text, facts, actions, "\n".join((*letter.footer, settings().merchant_name)))
    return "\n\n".join(filter(None, parts)) + "\n"


def _after(letter: Letter) -> list[Action]:
    """The actions without the first one if the text names that."""
    named = bool(letter.actions) and letter.actions[0].link in letter.text
    return list(letter.actions[1:] if named else letter.actions)


def _fact_lines(fact: Fact) -> list[str]:
    link = [_line(fact.verb, fact.link)] if fact.link else []
    return [_line(fact.name, fact.value), *link]


def _line(name: str, value: str) -> str:
    return _("{name}: {value}", name=name, value=value)


# ── HTML ──────────────────────────────────────────────────────────────────────────────────────────────────────────

_STYLE = (
    ":root{color-scheme:light dark;supported-color-schemes:light dark}"
    "@media (prefers-color-scheme:dark){"
    ".back{background:#0c0a09!important}.card{background:#1c1917!important;border-color:#44403c!important}"
    ".ink,.ink th,.ink td{color:#f5f5f4!important}.muted,.ink .muted{color:#c7c2bd!important}"
    ".line{border-color:#44403c!important}.link{color:#86efac!important}"
    ".second{border-color:#a8a29e!important}.second a{color:#f5f5f4!important}}"
)
_FONT = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans Devanagari',Arial,sans-serif"
_TABLE = '<table role="presentation" cellpadding="0" cellspacing="0" border="0"'
_OUTLOOK = (
    '<!--[if mso]><table role="presentation" width="600" align="center"><tr><td><![endif]-->',
    "<!--[if mso]></td></tr></table><![endif]-->",
)
"""Outlook on Windows knows no greatest width, so it gets a table around ours."""


def html(letter: Letter) -> str:
    rest = "".join((_facts(letter), _buttons(letter)))
    card = f"{_text(letter)}{rest}"
    clinic = escape(settings().merchant_name)
    return (
        f'<!doctype html><html lang="{spoken()}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">'
        f"<title>{clinic}</title><style>{_STYLE}</style></head>"
        f'<body class="back" style="margin:0;padding:0;background:#f5f5f4">{_preheader(letter)}'
        f'{_TABLE} width="100%" class="back" style="background:#f5f5f4"><tr><td align="center" style="padding:16px 8px">'
        f'{_OUTLOOK[0]}{_TABLE} width="100%" style="max-width:600px;margin:0 auto;text-align:left;{_FONT}">'
        f'<tr><td style="background:{settings().theme_color};color:#ffffff;font-size:18px;font-weight:700;'
        f'padding:16px 24px;border-radius:12px 12px 0 0">{clinic}</td></tr>'
        '<tr><td class="card ink" style="background:#ffffff;color:#1c1917;font-size:16px;line-height:1.5;padding:24px;'
        f'border:1px solid #e7e5e4;border-top:0;border-radius:0 0 12px 12px">{card}</td></tr>'
        f"{_footer(letter)}</table>{_OUTLOOK[1]}</td></tr></table></body></html>"
    )


def _preheader(letter: Letter) -> str:
    """The line that a mailbox shows beside the subject; the clinic's name would stand there otherwise."""
    return f'<div style="display:none;max-height:0;overflow:hidden">{escape(letter.text.partition(chr(10))[0])}</div>'


def _text(letter: Letter) -> str:
    return "".join(_paragraph(part, letter) for part in letter.text.split("\n\n"))


def _paragraph(part: str, letter: Letter) -> str:
    """The paragraph; a link that is the first action's gives way to its button, which is a block of its own."""
    first = letter.actions[0] if letter.actions else None
    before, link, after = part.partition(first.link) if first else (part, "", "")
    button = _button(first) if first and link else ""
    return "".join((_lines(before), button, _lines(after)))


def _lines(text: str) -> str:
    lines = escape(text.strip("\n")).replace("\n", "<br>").rstrip()
    return f'<p style="margin:0 0 16px">{lines}</p>' if lines else ""


def _facts(letter: Letter) -> str:
    rows = "".join(
        '<tr><th scope="row" align="left" valign="top" class="muted line" style="width:88px;padding:8px 12px 8px 0;'
        f'border-top:1px solid #e7e5e4;font-weight:400;color:#57534e">{escape(fact.name)}</th>'
        '<td valign="top" class="line" style="padding:8px 0;border-top:1px solid #e7e5e4;font-weight:600;'
        f'overflow-wrap:anywhere">{escape(fact.value)}{_fact_link(fact)}</td></tr>'
        for fact in letter.facts
    )
    if not rows:
        return ""
    return (
        '<table class="ink" width="100%" cellpadding="0" cellspacing="0" border="0" '
        f'style="margin:0 0 16px;font-size:16px;line-height:1.5;color:#1c1917">{rows}</table>'
    )


def _fact_link(fact: Fact) -> str:
    if not fact.link:
        return ""
    return (
        f'<br><a href="{escape(fact.link)}" class="link" style="display:inline-block;padding:6px 0;'
        f'color:#14532d;font-weight:400">{escape(fact.verb)}</a>'
    )


def _buttons(letter: Letter) -> str:
    return "".join(_button(one, second=one is not letter.actions[0]) for one in _after(letter))


def _button(action: Action, *, second: bool = False) -> str:
    """A cell that is coloured: Outlook knows no padding of links."""
    look, ink, kind = f"background:{settings().theme_color}", "#ffffff", ""
    if second:
        look, ink, kind = "border:1px solid #57534e", "#1c1917", ' class="second"'
    return (
        f'{_TABLE} style="margin:0 0 12px"><tr><td{kind} style="{look};border-radius:8px;mso-padding-alt:12px 20px">'
        f'<a href="{escape(action.link)}" style="display:inline-block;padding:12px 20px;color:{ink};font-weight:600;'
        f'text-decoration:none">{escape(action.verb)}</a></td></tr></table>'
    )


def _footer(letter: Letter) -> str:
    lines = "<br>".join(_telephoned(line) for line in letter.footer)
    if not lines:
        return ""
    return f'<tr><td class="muted" style="padding:16px 24px;font-size:14px;line-height:1.5;color:#57534e">{lines}</td></tr>'


def _telephoned(line: str) -> str:
    phone = settings().support_phone
    digits = "".join(c for c in phone if c in "+0123456789")
    link = f'<a href="tel:{digits}" class="link" style="color:#14532d">{escape(phone)}</a>'
    return escape(line).replace(escape(phone), link)


def page(text: str, link: str = "", verb: str = "") -> str:
    """The HTML of a text, with a button for the link."""
    return html(Letter(text, (Action(verb, link),) if link else ()))
