"""Reflex's settings, taken from ours."""

import json
import os
from typing import Any

# Before Reflex is imported: it reads these once. npm, because its other package manager is a download of its own.
os.environ.setdefault("REFLEX_USE_NPM", "1")
os.environ.setdefault("REFLEX_CHECK_LATEST_VERSION", "false")

import reflex as rx

from booking_ui.config.settings import settings
from booking_ui.domain.listing import SHELL, doctor_path
from booking_ui.languages import in_every_language


def _origins(own: tuple[str, ...], others: str) -> list[str]:
    """Who may call the API and open the websocket: the clinic's own pages, and CORS_ORIGINS."""
    return [*own, *(origin.strip().rstrip("/") for origin in others.split(",") if origin.strip())]


_s = settings()


class DoctorShells(rx.plugins.Plugin):
    """Prerenders a doctor's page without its doctor in each language, which the server then fills (edge/found).

    Reflex prerenders no page whose address has a part of its own.
    """

    def pre_compile(self, **context: Any) -> None:
        shells = in_every_language(doctor_path(SHELL).rstrip("/"), _s.offered_languages).values()
        paths = f'"prerender": ({{ getStaticPaths }}) => [...getStaticPaths(), ...{json.dumps([*shells])}]'
        context["add_modify_task"](
            "react-router.config.js", lambda text: text.replace('"prerender": true', paths)
        )


config = rx.Config(
    app_name="booking_ui",
    telemetry_enabled=False,
    show_built_with_reflex=False,
    frontend_port=_s.port,
    backend_port=_s.port,
    backend_host=_s.host,
    api_url=_s.base_url,
    deploy_url=_s.base_url,
    cors_allowed_origins=_origins(_s.own_origins, _s.cors_origins),
    redis_url=_s.redis_url or None,
    default_color_mode="system",
    # Brotli first: of two equally welcome encodings the server sends the first one listed.
    frontend_compression_formats=["brotli", "gzip"],
    # No RadixThemesPlugin: it adds 80 KiB of script and 80 KiB of style to every page.
    plugins=[rx.plugins.TailwindV4Plugin({"darkMode": "class"}), DoctorShells()],
    disable_plugins=[
        rx.plugins.SitemapPlugin
    ],  # it knows no doctor; ours is made when it is asked for (edge/found)
)
