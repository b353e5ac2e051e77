"""The clinic is up, and closed where it should be closed."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from booking_ui.smoke.visit import Failed, Visit, must

LOOPBACK = {"localhost", "127.0.0.1", "::1"}
ASSET = re.compile(r'(?:src|href)="(/assets/[^"]+)"')
STRANGER = "https://somebody-else.example"
ROUTES = ("/api/appointments/book", "/api/payments/intent", "/api/appointments/razorpay-webhook")


def alive(visit: Visit) -> str:
    visit.ask("GET", "/api/health").expect(200)
    return "answers"


def ready(visit: Visit) -> str:
    answer = visit.ask("GET", "/api/ready")
    checks = answer.data["checks"]
    visit.mode = checks["gateway"]["detail"]
    trouble = [f"{name}: {check['detail']}" for name, check in checks.items() if not check["ok"]]
    must(answer.status == 200 and not trouble, "; ".join(trouble) or f"answered {answer.status}")
    return f"{len(checks)} checks, Razorpay: {visit.mode}"


def pages(visit: Visit) -> str:
    """A page is whole when everything it loads at once is there too."""
    doctor = visit.ask("GET", "/api/doctors").expect(200).data[0]
    paths = ["/", f"/doctor/{doctor['slug']}/", "/sign-in/", "/register/", "/appointments/", "/admin/"]
    parts: set[str] = set()
    for path in paths:
        answer = visit.ask("GET", path)
        html = answer.headers.get("Content-Type", "").startswith("text/html")
        must(answer.status == 200 and html, f"{path} answered {answer.status}")
        parts |= set(ASSET.findall(answer.text))
    lost = [part for part in sorted(parts) if visit.ask("GET", part).status != 200]
    must(bool(parts) and not lost, f"does not load: {', '.join(lost[:3]) or 'any script'}")
    return f"{len(paths)} pages with {len(parts)} files"


def described(visit: Visit) -> str:
    paths = visit.ask("GET", "/api/openapi.json").expect(200).body["paths"]
    missing = [route for route in ROUTES if route not in paths]
    must(not missing, f"not described: {', '.join(missing)}")
    must(visit.ask("GET", "/api/docs").status == 200, "/api/docs does not answer")
    return f"{len(paths)} addresses"


def refuses(visit: Visit) -> str:
    visit.ask("GET", "/api/nowhere").expect(404, "not_found")
    answer = visit.ask("POST", "/api/auth/login", body={"email": ""}).expect(422, "validation")
    must(bool(answer.body["errors"]), "no field is named")
    return "404 and 422 in the envelope"


def encrypted(visit: Visit) -> str:
    parts = urlsplit(visit.base_url)
    if parts.scheme == "https":
        return "https"
    if parts.hostname in LOOPBACK:
        return "loopback only; anywhere else it must be https"
    raise Failed("passwords would travel in the clear")


def closed_to_other_sites(visit: Visit) -> str:
    asked = {"Origin": STRANGER, "Access-Control-Request-Method": "POST"}
    answer = visit.ask("OPTIONS", "/api/appointments/book", headers=asked)
    allowed = answer.headers.get("Access-Control-Allow-Origin")
    must(allowed is None, f"allows {allowed}")
    kept = visit.ask("GET", "/api/health").headers.get("Cache-Control", "")
    must("no-store" in kept, "an answer may be kept by a cache")
    page = visit.ask("GET", "/").headers
    must(page.get("X-Content-Type-Options") == "nosniff", "types may be guessed")
    must("frame-ancestors 'none'" in page.get("Content-Security-Policy", ""), "a page may be framed")
    return "no other origin, no frame, nothing cached"
