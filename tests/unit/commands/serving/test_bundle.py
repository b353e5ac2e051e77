"""The pages are built once and laid out for any address."""

from __future__ import annotations

import gzip
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from booking_ui.commands.serving import bundle
from booking_ui.commands.serving.children import Failed
from booking_ui.config.settings import Settings, load
from tests.support.servers import ROOT

SCRIPT = 'var e={PING:`http://origin.invalid/ping`,EVENT:"ws://origin.invalid/_event"};'

KNOWING = 'var e={PING:(location.origin+`/ping`),EVENT:(location.origin.replace(/^http/,"ws")+"/_event")};'


class Workshop:
    """A tree of sources, and a builder that writes what Reflex would."""

    def __init__(self, root: Path) -> None:
        self.root, self.runs = root, 0
        self.write("booking_ui/pages/patient/search.py", "home")
        self.write("booking_ui/api/patient/doctors.py", "api")
        self.write("rxconfig.py", "config")
        self.write("requirements.txt", "reflex")

    def write(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def run(self, command: list[str], env: Mapping[str, str]) -> None:
        if "export" in command:
            assert env["PUBLIC_URL"] == bundle.NOWHERE
            self.runs += 1
            self.write(".cache/web/build/client/assets/env.js", SCRIPT)
            self.write(".cache/web/build/client/assets/same.js", "1")
            self.write(".cache/web/build/client/index.html", '<meta content="http://origin.invalid/">')
        else:
            for path in (self.root / ".cache/web/build/client").rglob("*.*"):
                path.with_name(path.name + ".br").write_bytes(b"brotli")
                path.with_name(path.name + ".gz").write_bytes(b"gzip")

    def ensure(self, **given: object) -> Path:
        return bundle.ensure(load(**given), self.run) / "build/client"


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    monkeypatch.setattr(bundle, "ROOT", tmp_path)
    monkeypatch.setattr(bundle, "CACHE", tmp_path / ".cache")
    return Workshop(tmp_path)


def test_a_second_start_builds_nothing(workshop: Workshop) -> None:
    assert workshop.ensure() == workshop.ensure()
    assert workshop.runs == 1


def test_another_address_is_laid_out_without_a_build(workshop: Workshop) -> None:
    first, second = workshop.ensure(), workshop.ensure(public_url="https://clinic.example/")
    assert workshop.runs == 1
    assert (first / "index.html").read_text() == '<meta content="http://localhost:3000/">'
    assert (second / "index.html").read_text() == '<meta content="https://clinic.example/">'
    assert gzip.decompress((second / "index.html.gz").read_bytes()) == (second / "index.html").read_bytes()
    assert not (second / "index.html.br").exists()
    assert (second / "assets/same.js.br").read_bytes() == b"brotli"


def test_scripts_ask_the_browser_for_the_address(workshop: Workshop) -> None:
    assert (workshop.ensure() / "assets/env.js").read_text() == KNOWING


@pytest.mark.parametrize(
    ("path", "builds"),
    [
        ("booking_ui/pages/patient/search.py", 2),
        ("booking_ui/services/views.py", 2),
        ("assets/theme.css", 2),
        ("rxconfig.py", 2),
        ("requirements.txt", 2),
        ("reflex.lock/package-lock.json", 2),
        ("booking_ui/api/patient/doctors.py", 1),
        ("booking_ui/worker.py", 1),
        ("tests/test_home.py", 1),
    ],
)
def test_the_pages_are_built_again_when_something_that_reaches_them_changes(
    workshop: Workshop, path: str, builds: int
) -> None:
    workshop.ensure()
    workshop.write(path, "changed")
    workshop.ensure()
    assert workshop.runs == builds


def test_a_name_on_the_pages_is_part_of_the_build_and_a_secret_is_not(workshop: Workshop) -> None:
    workshop.ensure()
    workshop.ensure(secret_key="k" * 32, database_url="sqlite:///elsewhere.db")
    assert workshop.runs == 1
    workshop.ensure(merchant_name="Another clinic")
    assert workshop.runs == 2


def test_a_build_is_told_every_setting_and_no_secret() -> None:
    told = bundle.build_settings(
        load(razorpay_key_id="rzp_test_1", razorpay_key_secret="key", razorpay_webhook_secret="hook", redis_url="redis://h")
    )  # fmt: skip
    assert set(told) == {name.upper() for name in Settings.model_fields}
    assert {"rzp_test_1", "key", "hook", "redis://h"}.isdisjoint(told.values())
    assert load(**{name.lower(): value for name, value in told.items()}).sandbox


def test_a_bundle_is_made_for_exactly_the_settings_that_its_pages_read() -> None:
    program = [sys.executable, "-m", "tests.support.page_settings"]
    built = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=True)
    assert built.stdout.split() == sorted(bundle.SHOWN)


def test_a_failed_build_leaves_nothing_that_looks_finished(workshop: Workshop) -> None:
    def fail(command: list[str], env: Mapping[str, str]) -> None:
        raise Failed("no Node")

    with pytest.raises(Failed):
        bundle.ensure(load(), fail)
    workshop.ensure()
    assert workshop.runs == 1


def test_old_bundles_are_forgotten_and_used_ones_kept(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundle, "KEPT", 4)
    for number in range(4):
        workshop.write("booking_ui/pages/patient/search.py", str(number))
        kept = workshop.ensure()
    places = [p for p in (workshop.root / ".cache/frontend").iterdir() if p.is_dir()]
    assert len(places) == 4
    assert kept.exists()
