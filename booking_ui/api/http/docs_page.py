"""/api/docs: the OpenAPI description as one page of plain HTML, nothing loaded from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

Schema = dict[str, Any]

_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1c1917;background:#fdfcfa}
h1{font-size:1.75rem}h2{margin-top:3rem}section{border-top:1px solid #d6d3d1;padding:1rem 0}h3{margin:0}
code{background:#f0eeea;border-radius:4px;padding:0 .25em}table{border-collapse:collapse;margin:.5rem 0;width:100%}
th,td{text-align:left;vertical-align:top;padding:.25rem 1rem .25rem 0;border-bottom:1px solid #e7e5e4}
@media(prefers-color-scheme:dark){body{color:#f5f5f4;background:#171412}code{background:#2b2724}
section,th,td{border-color:#44403c}a{color:#86efac}}
"""


def page(description: Schema) -> str:
    info = description["info"]
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(info["title"])}: the API</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head><body>'
        f"<main><h1>{escape(info['title'])}: the API</h1>{_prose(info['description'])}"
        '<p>For machines: <a href="/api/openapi.json">openapi.json</a>. '
        "<b>Sign-in</b> marks what needs <code>Authorization: Bearer accessToken</code>.</p>"
        f"{''.join(_tags(description))}<h2>Refusals</h2>{_table('code', _refusals(description))}</main></body></html>"
    )


def _tags(description: Schema) -> Iterator[str]:
    found: dict[str, list[str]] = {}
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            section = _operation(method.upper(), path, operation, description)
            found.setdefault(operation["tags"][-1], []).append(section)
    for tag, sections in found.items():
        yield f"<h2>{escape(tag)}</h2>{''.join(sections)}"


def _refusals(description: Schema) -> list[tuple[str, str, str]]:
    return [(one["code"], str(one["status"]), one["meaning"]) for one in description["x-error-codes"]]


def _operation(method: str, path: str, operation: Schema, description: Schema) -> str:
    lock = " · <b>Sign-in</b>" if operation.get("security") else ""
    return (
        f"<section><h3>{escape(operation['summary'])}</h3><p><code>{method} {escape(path)}</code>{lock}</p>"
        f"{_prose(operation.get('description', ''))}"
        f"{_table('Asked for', _parameters(operation))}"
        f"{_table('Body', _body(operation, description))}"
        f"{_table('data', _data(operation, description))}</section>"
    )


def _prose(text: str) -> str:
    """Paragraphs of HTML; text between backticks becomes code."""
    paragraphs = []
    for part in filter(None, text.split("\n\n")):
        pieces = escape(part).split("`")
        marked = (f"<code>{piece}</code>" if odd % 2 else piece for odd, piece in enumerate(pieces))
        paragraphs.append(f"<p>{''.join(marked)}</p>")
    return "".join(paragraphs)


def _table(title: str, rows: list[tuple[str, str, str]]) -> str:
    if not rows:
        return ""
    cells = "".join(
        f"<tr><td><code>{escape(n)}</code></td><td>{escape(k)}</td><td>{_prose(d)}</td></tr>"
        for n, k, d in rows
    )
    return f'<table><thead><tr><th scope="col">{title}</th><th scope="col">Kind</th><th scope="col"></th></tr></thead><tbody>{cells}</tbody></table>'


def _parameters(operation: Schema) -> list[tuple[str, str, str]]:
    return [
        (one["name"], _kind(one["schema"]), one.get("description") or one["schema"].get("description", ""))
        for one in operation.get("parameters", [])
    ]


def _body(operation: Schema, description: Schema) -> list[tuple[str, str, str]]:
    content: Schema = operation.get("requestBody", {}).get("content", {})
    return next((_fields(kind["schema"], description) for kind in content.values()), [])


def _data(operation: Schema, description: Schema) -> list[tuple[str, str, str]]:
    success = next(answer for status, answer in operation["responses"].items() if status.startswith("2"))
    envelope = _resolved(success["content"]["application/json"]["schema"], description)
    data = envelope["properties"]["data"]
    return _fields(data.get("items", data), description)


def _fields(schema: Schema, description: Schema) -> list[tuple[str, str, str]]:
    properties = _resolved(schema, description).get("properties", {})
    return [(name, _kind(one), _field_text(one)) for name, one in properties.items()]


def _field_text(schema: Schema) -> str:
    example = f" Such as `{schema['examples'][0]}`." if schema.get("examples") else ""
    return f"{schema.get('description', '')}{example}".strip()


def _resolved(schema: Schema, description: Schema) -> Schema:
    if "$ref" not in schema:
        return schema
    found: Schema = description["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return found


def _kind(schema: Schema) -> str:
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_kind(one) for one in schema["anyOf"]))
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if schema.get("type") == "array":
        return f"list of {_kind(schema['items'])}"
    return str(schema.get("format") or schema.get("type", "any"))
