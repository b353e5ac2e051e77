"""`api-docs`: the second half of docs/api.md, written from the OpenAPI document."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from booking_ui.api.http.description import Schema

PAGE = Path(__file__).resolve().parents[2] / "docs/api.md"
MARK = "<!-- From here on written by `make api-docs`. -->"


@click.command("api-docs")
def command() -> None:
    """Write docs/api.md from the OpenAPI document.

    Its first half is written by hand and stays.
    """
    PAGE.write_text(written(PAGE.read_text()))


def written(page: str) -> str:
    """The page with its second half made anew."""
    from booking_ui.api.app import api

    return page.partition(MARK)[0] + MARK + "\n\n" + "\n".join(_lines(api.openapi()))


def _lines(document: Schema) -> Iterator[str]:
    from booking_ui.api.http.description import operations

    yield "## Refusals\n"
    yield "| status | `code` | meaning |\n|---|---|---|"
    for one in document["x-error-codes"]:
        yield f"| {one['status']} | `{one['code']}` | {one['meaning']} |"
    yield "\n## Every route"
    tag = ""
    for path, method, operation in operations(document):
        if operation["tags"][-1] != tag:
            tag = operation["tags"][-1]
            yield f"\n### {tag}"
        yield from _operation(path, method, operation)


def _operation(path: str, method: str, operation: Schema) -> Iterator[str]:
    signed_in = " With a token." if operation.get("security") else ""
    yield f"\n#### `{method} {path}`\n"
    yield f"{operation['summary']}.{signed_in} {operation.get('description', '')}".strip()
    asked = [f"`{one['name']}`{_choices(one)}" for one in operation.get("parameters", [])]
    if asked:
        yield f"\nAsked for: {'; '.join(asked)}."
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        if kind == "application/json":
            yield f"\nBody:\n```json\n{_json(content['example'])}\n```"
    for status, answer in operation["responses"].items():
        if status.startswith("2"):
            yield f"\nAnswer, {status}:\n```json\n{_json(answer['content']['application/json']['example'])}\n```"


def _choices(parameter: Schema) -> str:
    """A parameter's choices, or that it is required, in brackets."""
    schema = parameter["schema"]
    found = next((one for one in schema.get("anyOf", [schema]) if one.get("type") != "null"), schema)
    if "enum" in found:
        return f" ({', '.join(found['enum'])})"
    return " (required)" if parameter.get("required") and parameter["in"] == "query" else ""


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
