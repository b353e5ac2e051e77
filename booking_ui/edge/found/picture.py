"""The pictures that chats and networks show with a link: the clinic's, and one of each doctor.

A picture is drawn when it is first asked for, and again when one of its texts changes.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from functools import lru_cache

from starlette.responses import Response
from starlette.types import Scope

from booking_ui.config.settings import settings
from booking_ui.domain.listing import doctor_path
from booking_ui.edge.found.kept import Kept, answer, kept
from booking_ui.edge.threads import call
from booking_ui.gateways import pictures
from booking_ui.languages import _, spoken, to
from booking_ui.services.views import DoctorView

FILE = "picture.png"
KEPT = 128  # about 50 KiB each

# The address of a doctor's picture names its version, so that a chat asks for another one when it changes.
FOREVER = "public, max-age=31536000, immutable"
DAY = "public, max-age=86400"

_HUES = (150, 195, 240, 285, 330, 20, 60, 105)  # those of the faces, in degrees (assets/theme.css)
_drawing = asyncio.Semaphore(1)  # some 20 ms of a core each, and anybody may ask for any


def address_of(doctor: DoctorView) -> str:
    """The absolute address of the doctor's picture in the language that is spoken."""
    version = _version(_doctor(doctor))
    return f"{settings().base_url}{to(doctor_path(doctor.slug))}{FILE}?v={version}"


async def of_doctor(scope: Scope, doctor: DoctorView) -> Response:
    texts = _doctor(doctor)
    current = f"v={_version(texts)}".encode() == scope.get("query_string", b"")
    return answer(scope, await _picture("doctor", texts), caching=FOREVER if current else DAY)


async def of_clinic(scope: Scope) -> Response:
    return answer(scope, await _picture("clinic", _clinic()), caching=DAY)


async def _picture(layout: str, texts: str) -> Kept:
    async with _drawing:
        return await call(_drawn, layout, texts)


# The texts of a picture are one string: the key under which it is kept.


def _doctor(doctor: DoctorView) -> str:
    return json.dumps(
        {
            "language": spoken(),
            "name": doctor.name,
            "initials": doctor.initials,
            "hue": _HUES[doctor.tint],
            "speciality": doctor.speciality,
            "place": f"{doctor.area}, {doctor.city} · {doctor.languages_label}",
            "fee": _("{fee} per visit", fee=doctor.fee_label),
            "clinic": settings().merchant_name,
        }
    )


def _clinic() -> str:
    sentence = _(
        "Find a doctor in your city, see who is free, and book a visit in a minute. Pay safely with UPI or card."
    )
    return json.dumps({"language": spoken(), "clinic": settings().merchant_name, "sentence": sentence})


def _version(texts: str) -> str:
    return hashlib.sha256(texts.encode()).hexdigest()[:12]


@lru_cache(maxsize=KEPT)
def _drawn(layout: str, texts: str) -> Kept:
    return kept(pictures.png(layout, json.loads(texts)), "image/png", level=0)
