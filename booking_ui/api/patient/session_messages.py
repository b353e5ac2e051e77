"""The form of the account page about messages."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from booking_ui.api.http import forms
from booking_ui.api.http.identity import Now, same_origin
from booking_ui.api.patient.session import Form
from booking_ui.api.patient.session_account import Visitor
from booking_ui.domain.channel import Channel
from booking_ui.domain.errors import BookingError
from booking_ui.edge.threads import call, call_quick
from booking_ui.languages import to
from booking_ui.services.accounts import message_choices
from booking_ui.services.limits import rate_limits

router = APIRouter(prefix="/api/session", dependencies=[Depends(same_origin)], include_in_schema=False)


@router.post("/messages")
async def choose_messages(form: Form, who: Visitor, now: Now) -> Response:
    """Each channel is a box of its own name; one that is not ticked is not sent."""
    if who is None:
        return forms.see_other(to("/sign-in/"), next=to("/account/"))
    try:
        await call_quick(rate_limits.limit_person, name="person", person_id=who.person_id)
        await call(
            message_choices.choose,
            person_id=who.person_id,
            wanted=[channel.value for channel in Channel if channel.value in form],
            language=form.get("language", "")[:8],
            now=now,
        )
    except BookingError as exc:
        return forms.back_to_form(to("/account/"), exc)
    return forms.see_other(to("/account/"), done="messages")
