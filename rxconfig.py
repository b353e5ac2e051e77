"""Reflex's settings, taken from ours."""

import os

# Before Reflex is imported: it reads these once. npm, because its other package manager is a download of its own.
os.environ.setdefault("REFLEX_USE_NPM", "1")
os.environ.setdefault("REFLEX_CHECK_LATEST_VERSION", "false")

import reflex as rx

from booking_ui.config.settings import settings


def _origins(base_url: str, others: str) -> list[str]:
    """Who may call the API and open the websocket: the clinic's own pages, on a developer's machine under either of its
    names, and CORS_ORIGINS."""
    names = {"//localhost": "//127.0.0.1", "//127.0.0.1": "//localhost"}
    twins = [base_url.replace(name, twin) for name, twin in names.items() if name in base_url]
    return [base_url, *twins, *(origin.strip().rstrip("/") for origin in others.split(",") if origin.strip())]


_s = settings()

config = rx.Config(
    app_name="booking_ui",
    telemetry_enabled=False,
    show_built_with_reflex=False,
    frontend_port=_s.port,
    backend_port=_s.port,
    backend_host=_s.host,
    api_url=_s.base_url,
    deploy_url=_s.base_url,
    cors_allowed_origins=_origins(_s.base_url, _s.cors_origins),
    redis_url=_s.redis_url or None,
    default_color_mode="system",
    # Brotli first: of two equally welcome encodings the server sends the first one listed.
    frontend_compression_formats=["brotli", "gzip"],
    # No RadixThemesPlugin: it adds 80 KiB of script and 80 KiB of style to every page.
    plugins=[rx.plugins.SitemapPlugin(), rx.plugins.TailwindV4Plugin({"darkMode": "class"})],
)
