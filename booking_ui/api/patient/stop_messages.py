"""/m/…: the link in a message that stops more of them. It takes a click, since messengers open a link to show what is there."""

from __future__ import annotations

from html import escape

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from booking_ui.api.http.identity import Now
from booking_ui.config.settings import settings
from booking_ui.domain.errors import NotFound
from booking_ui.edge.threads import call
from booking_ui.languages import _, speaking, spoken, to
from booking_ui.services.accounts import message_choices
from booking_ui.services.views import StopView

router = APIRouter(include_in_schema=False)

_STYLE = (
    "body{font:18px/1.5 system-ui,'Kohinoor Devanagari','Noto Sans Devanagari',sans-serif;max-width:32rem;margin:0 auto;"
    "padding:2rem 1rem;color:#1c1917;background:#fdfcfa}h1{font-size:1.5rem;line-height:1.3}"
    "button{font:inherit;font-weight:600;width:100%;min-height:3rem;border:0;border-radius:.5rem;color:#fff;background:#14532d}"
    "a{color:#14532d}@media(prefers-color-scheme:dark){body{color:#f5f5f4;background:#171412}a{color:#86efac}}"
)
_HEADERS = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}


@router.get("/m/{code}")
async def ask(code: str) -> HTMLResponse:
    """The question, or the word that it is done; 404 for a link that we did not make."""
    try:
        found = await call(message_choices.asked_to_stop, code=code[:40])
    except NotFound:
        return _unknown()
    return _answer(found)


@router.post("/m/{code}")
async def stop(code: str, now: Now) -> HTMLResponse:
    try:
        await call(message_choices.stop, code=code[:40], now=now)
        found = await call(message_choices.asked_to_stop, code=code[:40])
    except NotFound:
        return _unknown()
    return _answer(found)


def _answer(found: StopView) -> HTMLResponse:
    with speaking(found.language):
        channel, clinic = _(found.channel_label), settings().merchant_name
        if found.stopped:
            said = _("No more messages about your visits come by {channel}.", channel=channel)
            more, account = _("You can switch them on again on your account page."), _("Account")
            return _page(said, f'<p>{escape(more)} <a href="{to("/account/")}">{escape(account)}</a></p>')
        title = _("Stop messages by {channel}?", channel=channel)
        more = _(
            "{clinic} then sends no confirmations, reminders and cancellations this way. Codes that you ask for still come.",
            clinic=clinic,
        )
        stop = _("Stop them")
        form = f'<form method="post"><button>{escape(stop)}</button></form>'
        return _page(title, f"<p>{escape(more)}</p>{form}")


def _unknown() -> HTMLResponse:
    return _page(_("This link is not complete. Copy all of it from the message."), "", status=404)


def _page(title: str, rest: str, status: int = 200) -> HTMLResponse:
    html = (
        f'<!doctype html><html lang="{spoken()}"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head>'
        f"<body><main><h1>{escape(title)}</h1>{rest}</main></body></html>"
    )
    return HTMLResponse(html, status_code=status, headers=_HEADERS)
