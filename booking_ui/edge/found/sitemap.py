"""/sitemap.xml and /robots.txt: every page that search engines may list, in every language of the clinic."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from xml.sax.saxutils import escape, quoteattr

from booking_ui.config.settings import settings
from booking_ui.domain.listing import LISTED, PRIVATE, doctor_path
from booking_ui.edge.found.kept import Kept, kept
from booking_ui.edge.threads import call
from booking_ui.languages import FIRST, in_every_language
from booking_ui.services.schedule import listed_doctors

HOUR = "public, max-age=3600"
_NAMES = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml"'


async def sitemap() -> Kept:
    """Every listed page with its addresses in all languages, doctors included. Raises DatabaseAway."""
    return await call(_current)


def _current() -> Kept:
    return _sitemap(settings().base_url, settings().offered_languages, listed_doctors.slugs())


@lru_cache(maxsize=2)
def _sitemap(base_url: str, languages: tuple[str, ...], slugs: tuple[str, ...]) -> Kept:
    # One file takes 50,000 addresses (sitemaps.org): a clinic of 25,000 doctors in two languages.
    pages = [*(f"{route.rstrip('/')}/" for route in LISTED), *map(doctor_path, slugs)]
    text = "\n".join(one for page in pages for one in _entries(base_url, page, languages))
    return kept(
        f'<?xml version="1.0" encoding="utf-8"?>\n<urlset {_NAMES}>\n{text}\n</urlset>\n'.encode(),
        "application/xml; charset=utf-8",
    )


def _entries(base_url: str, page: str, languages: tuple[str, ...]) -> Iterator[str]:
    """The page in each language. Every entry repeats all of them, as search engines demand."""
    addresses = {name: f"{base_url}{path}" for name, path in in_every_language(page, languages).items()}
    named = {"x-default": addresses[FIRST], **addresses}
    others = "".join(
        f'<xhtml:link rel="alternate" hreflang="{name}" href={quoteattr(address)}/>'
        for name, address in named.items()
    )
    return (f"<url><loc>{escape(address)}</loc>{others}</url>" for address in addresses.values())


@lru_cache(maxsize=2)
def _robots(base_url: str, languages: tuple[str, ...]) -> Kept:
    own = [one for name in PRIVATE for one in in_every_language(f"/{name}/", languages).values()]
    closed = [f"Disallow: {path}" for path in ("/api/", *own)]
    lines = ["User-agent: *", *closed, "", f"Sitemap: {base_url}/sitemap.xml", ""]
    return kept("\n".join(lines).encode(), "text/plain")


def robots() -> Kept:
    """The addresses that crawlers may not open: those of what is one person's own, by their first part."""
    return _robots(settings().base_url, settings().offered_languages)
