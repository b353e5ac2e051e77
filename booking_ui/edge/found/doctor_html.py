"""The parts of a doctor's page that its server writes: the head, the facts, and the same facts for programs (JSON-LD).

Everything that the desk typed is escaped, for HTML by `escape`, for a script by `json_ld`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from html import escape
from typing import Any

from booking_ui.config.settings import settings
from booking_ui.domain.clinic.doctor_sentences import page_description, page_title
from booking_ui.domain.listing import doctor_path
from booking_ui.edge.found.shell import Shell
from booking_ui.gateways.pictures import SIZE
from booking_ui.languages import FIRST, _, in_every_language, locale_of, spoken, to
from booking_ui.services.views import DoctorView


@dataclass(frozen=True)
class Site:
    """The clinic's address, name and number, and the addresses of one page in all its languages."""

    base_url: str
    clinic: str
    phone: str
    addresses: dict[str, str]

    @property
    def own(self) -> str:
        return self.addresses[spoken()]


def site(path: str) -> Site:
    """`path` is the page's address in English."""
    now = settings()
    addresses = in_every_language(path, now.offered_languages)
    absolute = {language: f"{now.base_url}{one}" for language, one in addresses.items()}
    return Site(now.base_url, now.merchant_name, now.support_phone, absolute)


def filled(shell: Shell, doctor: DoctorView, picture: str) -> str:
    """The page of a doctor in the language that is spoken; `picture` is the address of their picture."""
    here = site(doctor_path(doctor.slug))
    title, description = page_title(doctor), page_description(doctor)
    # React says title and description from these two once it runs (components/patient/sent.py).
    kept = f'<div id="sent-essentials" data-title="{escape(title)}" data-description="{escape(description)}">'
    return shell.filled(
        head=_head(doctor, here, picture, title, description),
        essentials=f"{kept}{_essentials(doctor)}</div>",
        about=f'<div id="sent-about">{_about(doctor)}</div>',
    )


def not_found(shell: Shell) -> str:
    """The page at the address of nobody; `data-nobody` hides the times that it would wait for."""
    title = _("We can't find that doctor")
    more = _("The doctor may have left the clinic, or the address may be mistyped.")
    on = _("Find a doctor")
    said = (
        f'<h1 class="text-xl">{escape(title)}</h1><p class="text-muted">{escape(more)}</p>'
        f'<a class="btn btn-primary mt-2" href="{to("/")}">{escape(on)}</a>'
    )
    return shell.filled(
        head=f'{_title(title)}<meta name="robots" content="noindex" data-sent>',
        essentials=f'<div id="sent-essentials" data-title="{escape(title)}">'
        f'<section class="flex flex-col items-start gap-3" data-nobody>{said}</section></div>',
        about='<div id="sent-about"></div>',
    )


def _title(title: str) -> str:
    return f"<title>{escape(title)} · {escape(settings().merchant_name)}</title>"


def _head(doctor: DoctorView, here: Site, picture: str, title: str, description: str) -> str:
    meta = [
        ("og:type", "profile"),
        ("og:site_name", here.clinic),
        ("og:title", title),
        ("og:description", description),
        ("og:url", here.own),
        ("og:locale", _territorial(spoken())),
        *(("og:locale:alternate", _territorial(one)) for one in here.addresses if one != spoken()),
        ("og:image", picture),
        ("og:image:type", "image/png"),
        ("og:image:width", str(SIZE[0])),
        ("og:image:height", str(SIZE[1])),
        ("og:image:alt", title),
    ]
    alternates = {"x-default": here.addresses[FIRST], **here.addresses}
    return "".join(
        [
            _title(title),
            # Without a mark: React finds it by its text and keeps it up to date.
            f'<meta name="description" content="{escape(description)}">',
            f'<link rel="canonical" href="{escape(here.own)}" data-sent>',
            *(
                f'<link rel="alternate" hreflang="{language}" href="{escape(address)}" data-sent>'
                for language, address in alternates.items()
            ),
            *(f'<meta property="{name}" content="{escape(content)}" data-sent>' for name, content in meta),
            '<meta name="twitter:card" content="summary_large_image" data-sent>',
            f'<script type="application/ld+json" data-sent>{json_ld(_facts(doctor, here, picture))}</script>',
        ]
    )


def _territorial(language: str) -> str:
    """hi_IN: Open Graph names a country with a language, and the clinic's is the one of its rupees."""
    return f"{locale_of(language).language}_IN"


def json_ld(facts: Any) -> str:
    """JSON that can't end its script: no <, > and &, nor U+2028, which ends a line of script but not of JSON."""
    text = json.dumps(facts, separators=(",", ":"))  # ASCII alone
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _facts(doctor: DoctorView, here: Site, picture: str) -> dict[str, Any]:
    """The doctor in the words of schema.org."""
    clinic = {
        "@type": "MedicalBusiness",
        "@id": f"{here.base_url}/#clinic",
        "name": here.clinic,
        "url": f"{here.base_url}/",
        "telephone": here.phone,
    }
    return {
        "@context": "https://schema.org",
        "@type": "Physician",
        "@id": f"{here.addresses[FIRST]}#doctor",
        "name": doctor.name,
        "url": here.own,
        "image": picture,
        "description": doctor.about or page_description(doctor),
        "medicalSpecialty": doctor.speciality,
        "knowsLanguage": [one.strip() for one in doctor.languages_label.split(",")],
        "address": {
            "@type": "PostalAddress",
            "streetAddress": doctor.address,
            "addressLocality": doctor.city,
        },
        "telephone": here.phone,
        "priceRange": doctor.fee_label,
        "parentOrganization": clinic,
        "makesOffer": _offer(doctor, here),
    }


def _offer(doctor: DoctorView, here: Site) -> dict[str, Any]:
    offer = {
        "@type": "Offer",
        "itemOffered": {"@type": "Service", "name": _("Visit"), "serviceType": doctor.speciality},
        "price": f"{doctor.fee_paise // 100}.{doctor.fee_paise % 100:02d}",
        "priceCurrency": settings().payment_currency,
        "url": here.own,
    }
    if doctor.next_slots:
        offer |= {
            "availability": "https://schema.org/InStock",
            "availabilityStarts": doctor.next_slots[0].starts_at,
        }
    return offer


def _essentials(doctor: DoctorView) -> str:
    """As components/patient/doctor.py lays them out, so that nothing moves when they take over."""
    rows = (
        (_("Fee"), _("{fee} per visit", fee=doctor.fee_label)),
        (_("Experience"), doctor.experience_label),
        (_("Speaks"), doctor.languages_label),
        (_("Where"), doctor.address),
    )
    details = "".join(
        '<div class="flex gap-3"><dt class="w-24 flex-none text-sm leading-6 text-muted">'
        f'{escape(name)}</dt><dd class="min-w-0 flex-1">{escape(value)}</dd></div>'
        for name, value in rows
    )
    return (
        '<section class="flex flex-col gap-6"><div class="flex items-center gap-4">'
        f'<span class="avatar avatar-large hue-{doctor.tint}" aria-hidden="true">{escape(doctor.initials)}</span>'
        f'<div class="min-w-0"><h1 class="text-xl" translate="no">{escape(doctor.name)}</h1>'
        f'<p class="font-medium text-brand">{escape(doctor.speciality)}</p>'
        f'<p class="text-sm text-muted">{escape(doctor.qualifications)}</p></div></div>'
        f'<dl class="flex flex-col gap-3">{details}</dl></section>'
    )


def _about(doctor: DoctorView) -> str:
    if doctor.next_free_label:
        free = _("Sees patients in {city}. Next free: {time}.", city=doctor.city, time=doctor.next_free_label)
    else:
        free = _("Sees patients in {city}. No free times at the moment.", city=doctor.city)
    return (
        '<section class="flex flex-col gap-4">'
        f'<p class="max-w-text text-muted">{escape(doctor.about)}</p>'
        f'<p class="text-sm text-muted">{escape(free)}</p></section>'
    )
