"""docs/api.md's second half, written from the OpenAPI document: `make api-docs`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from booking_ui.api.app import api
from booking_ui.api.http.description import Schema, operations

PAGE = Path(__file__).resolve().parents[2] / "docs/api.md"
MARK = "<!-- From here on written by `make api-docs`. -->"


def written(page: str) -> str:
    """The page with its second half made anew."""
    return page.partition(MARK)[0] + MARK + "\n\n" + "\n".join(_lines(api.openapi()))


def _lines(document: Schema) -> Iterator[str]:
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
    asked = [f"`{one['name']}`{_said(one)}" for one in operation.get("parameters", [])]
    if asked:
        yield f"\nAsked for: {'; '.join(asked)}."
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        if kind == "application/json":
            yield f"\nBody:\n```json\n{_json(content['example'])}\n```"
    for status, answer in operation["responses"].items():
        if status.startswith("2"):
            yield f"\nAnswer, {status}:\n```json\n{_json(answer['content']['application/json']['example'])}\n```"


def _said(parameter: Schema) -> str:
    """Its choices or limits in brackets; what every route explains the same way is explained once, above."""
    schema = parameter["schema"]
    found = next((one for one in schema.get("anyOf", [schema]) if one.get("type") != "null"), schema)
    if "enum" in found:
        return f" ({', '.join(found['enum'])})"
    return " (required)" if parameter.get("required") and parameter["in"] == "query" else ""


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def main() -> int:
    PAGE.write_text(written(PAGE.read_text()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
