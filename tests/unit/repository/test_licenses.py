"""Every pinned package may be used, and the list says so."""

from __future__ import annotations

from tests.licenses import LIST, Licensed, licences, page, some_machines


def test_every_pinned_package_has_a_licence_that_we_may_use() -> None:
    found = licences()
    assert len(found) > 80
    assert [one for one in found if not one.fine] == []


def test_the_list_names_every_package_with_its_pinned_version() -> None:
    listed = LIST.read_text()
    for one in licences():
        if one.name in some_machines():
            continue
        assert f"| {one.name} | {one.version} | {one.licence} |" in listed, f"{one.name}: run `make licenses`"


def test_a_licence_that_binds_us_is_refused() -> None:
    for said, fine in (
        ("MIT", True), ("BSD-3-Clause AND MIT", True), ("Apache-2.0 OR GPL-3.0", True),
        ("AGPL-3.0-only", False), ("MIT AND GPL-2.0-only", False), ("Proprietary", False), ("unknown", False),
    ):  # fmt: skip
        assert Licensed("x", "1", said, runs=True).fine is fine, said


def test_the_page_is_made_from_the_packages_alone() -> None:
    found = [Licensed("x", "1", "MIT", runs=True)]
    assert page(found).endswith("| x | 1 | MIT | app |\n")
