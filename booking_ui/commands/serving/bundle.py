"""The pages' bundle: built once for every address, kept by the hash of its sources, laid out for one PUBLIC_URL.

Reflex writes the app's address into the bundle. Building for an address that cannot exist lets the same bundle serve
any: scripts learn their origin from the browser, the few other files get the address when they are laid out.
`python -m booking_ui build` only builds: for an image that is to start without Node.
"""

from __future__ import annotations

import fcntl
import gzip
import hashlib
import json
import os
import re
import shutil
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from booking_ui.config.settings import Settings

ROOT = Path(__file__).resolve().parents[3]
CACHE = ROOT / ".cache"
KEPT = 12  # bundles; an old one may still be served by a process that was not restarted

NOWHERE = "http://origin.invalid"  # RFC 2606: never resolves, so a forgotten one cannot reach a stranger
NOWHERE_WS = "ws://origin.invalid"

# The settings that are read while the pages are built; a bundle built with another value is another bundle. Every other
# setting has its default during a build, so no secret can end in a page.
SHOWN = (
    "complete_after_hours", "languages", "merchant_name", "payment_timeout_minutes", "support_hours", "support_phone", "terms_url",
)  # fmt: skip

# Changes in these never reach a page.
_NOT_PAGES = ("api", "commands", "demo", "gateways", "sandbox", "smoke", "__main__.py", "worker.py")
_TEXT = {".html", ".js", ".css", ".json", ".txt", ".xml", ".webmanifest", ".svg"}
_SCRIPT_ADDRESS = re.compile(r"""(["'`])(http|ws)://origin\.invalid([^"'`\\]*)\1""")

Run = Callable[[list[str], Mapping[str, str]], None]


def environment() -> dict[str, str]:
    """Variables that every command of Reflex needs where there is no Node, and where HOME is empty or missing."""
    return {
        "PATH": os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", os.defpath)]),
        "REFLEX_DIR": str(CACHE / "reflex"),
        "NODE_USE_SYSTEM_CA": "1",  # npm behind a company's proxy trusts what the machine trusts
        "npm_config_cache": str(CACHE / "npm"),
        "npm_config_update_notifier": "false",
        # The committed lock names packages and hashes; where they are fetched is this machine's matter.
        "npm_config_omit_lockfile_registry_resolved": "true",
    }


def _shown(now: Settings) -> dict[str, str]:
    return {name: str(getattr(now, name)) for name in SHOWN}


def _as_text(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)


def build_settings(now: Settings) -> dict[str, str]:
    """Every setting as an environment variable: those that pages show as they are, all others as if unset."""
    defaults = Settings.model_construct().model_dump(mode="json")
    plain = {name: _as_text(value) for name, value in defaults.items()} | _shown(now)
    plain |= {"public_url": NOWHERE, "secret_key": "unused-while-building-" + "x" * 32}
    return {name.upper(): value for name, value in plain.items()}


def _sources() -> Iterator[Path]:
    package = ROOT / "booking_ui"
    yield from (p for p in package.rglob("*.py") if p.relative_to(package).parts[0] not in _NOT_PAGES)
    yield from package.rglob("*.po")
    yield from (p for p in (ROOT / "assets").rglob("*") if p.is_file())
    yield from (ROOT / name for name in ("rxconfig.py", "requirements.txt", "reflex.lock/package-lock.json"))


def fingerprint(now: Settings) -> str:
    """Equal exactly when a build would give the same bundle."""
    digest = hashlib.sha256(json.dumps(_shown(now), sort_keys=True).encode())
    for path in sorted(p for p in _sources() if p.exists()):
        digest.update(f"\0{path.relative_to(ROOT)}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def know_own_origin(client: Path) -> None:
    """Let scripts ask the browser for the address instead of carrying one."""

    def expression(found: re.Match[str]) -> str:
        quote, scheme, rest = found.groups()
        origin = "location.origin" if scheme == "http" else 'location.origin.replace(/^http/,"ws")'
        return f"({origin}+{quote}{rest}{quote})"

    for path in client.rglob("*.js"):
        before = path.read_text()
        if (after := _SCRIPT_ADDRESS.sub(expression, before)) != before:
            path.write_text(after)


def say_language(client: Path, languages: Iterable[str]) -> None:
    """Write each page's language into its <html lang>: Reflex knows one for the whole app."""
    for language in languages:
        for path in [client / f"{language}.html", *(client / language).rglob("*.html")]:
            if path.exists():
                path.write_text(path.read_text().replace('<html lang="en"', f'<html lang="{language}"', 1))


def lay_out(bundle: Path, base_url: str, target: Path) -> None:
    """Make `target` a copy of `bundle` that knows `base_url`; unchanged files are shared by hard link."""
    web_socket = base_url.replace("http", "ws", 1)
    rewritten = []
    for source in sorted(p for p in bundle.rglob("*") if p.is_file()):
        copy = target / source.relative_to(bundle)
        copy.parent.mkdir(parents=True, exist_ok=True)
        text = source.read_text() if source.suffix in _TEXT else ""
        if NOWHERE in text or NOWHERE_WS in text:
            copy.write_text(text.replace(NOWHERE, base_url).replace(NOWHERE_WS, web_socket))
            rewritten.append(copy)
        else:
            os.link(source, copy)
    for copy in rewritten:
        brotli, gzipped = (copy.with_name(copy.name + suffix) for suffix in (".br", ".gz"))
        brotli.unlink(missing_ok=True)
        gzipped.unlink(missing_ok=True)  # it is a link to the bundle's own: writing into it would change both
        gzipped.write_bytes(gzip.compress(copy.read_bytes(), 9, mtime=0))


def _discard_foreign_workshop() -> None:
    """Reflex leaves files behind that break its build when its version or plugins change."""
    workshop, mark = CACHE / "web", CACHE / "workshop"
    made_of = "".join(
        hashlib.sha256((ROOT / name).read_bytes()).hexdigest() for name in ("rxconfig.py", "requirements.txt")
    )
    if workshop.exists() and (not mark.exists() or mark.read_text() != made_of):
        shutil.rmtree(workshop)
    mark.write_text(made_of)


def _build(now: Settings, target: Path, run: Run) -> None:
    _discard_foreign_workshop()
    with tempfile.TemporaryDirectory() as scratch:
        chosen = environment() | build_settings(now)
        chosen |= {
            "DATA_DIR": scratch,
            "REFLEX_STATES_WORKDIR": scratch,
            "REFLEX_WEB_WORKDIR": str(CACHE / "web"),
        }
        run([sys.executable, "-m", "reflex", "export", "--frontend-only", "--no-zip"], chosen)
        client = CACHE / "web/build/client"
        know_own_origin(client)
        say_language(client, now.offered_languages[1:])
        run(["node", str(CACHE / "web/compress-static.js"), str(client), "gzip", "brotli"], chosen)
    shutil.copytree(client, target / "build/client")


@contextmanager
def _alone(shelf: Path) -> Iterator[None]:
    """One builder at a time; the others wait and find its bundle."""
    shelf.mkdir(parents=True, exist_ok=True)
    with (shelf / "lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _publish(place: Path, make: Callable[[Path], None]) -> None:
    """Fill a new directory and show it under its name only when complete."""
    if place.exists():
        os.utime(place)
        return
    draft = Path(tempfile.mkdtemp(prefix="draft-", dir=place.parent))
    try:
        make(draft)
        draft.chmod(0o755)
        draft.rename(place)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _forget_old(shelf: Path) -> None:
    places = sorted((p for p in shelf.iterdir() if p.is_dir()), key=lambda p: p.stat().st_mtime, reverse=True)
    for place in places[KEPT:]:
        shutil.rmtree(place, ignore_errors=True)


def ensure(now: Settings, run: Run, say: Callable[[str], None] = lambda _: None) -> Path:
    """The directory Reflex is to serve for these settings (REFLEX_WEB_WORKDIR); built when its sources changed."""
    shelf = CACHE / "frontend"
    with _alone(shelf):
        bundle = shelf / fingerprint(now)
        if not bundle.exists():
            say("Building the pages (once, and again when they change) …")
            _publish(bundle, lambda draft: _build(now, draft, run))
        address = hashlib.sha256(now.base_url.encode()).hexdigest()[:8]
        place = shelf / f"{bundle.name}-{address}"
        _publish(place, lambda draft: lay_out(bundle, now.base_url, draft))
        _forget_old(shelf)
    return place
