"""Logs are facts: a dotted name and key-values. Lines of JSON for machines, colours for people.

Everything that is logged, by us or by a library, passes `redact` first: no cookie, token, mail, phone or card number stays.
So does everything that goes to an error tracker.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
from types import TracebackType
from typing import Any

import sentry_sdk
import structlog
from sentry_sdk.integrations.logging import LoggingIntegration
from sentry_sdk.types import Event, Hint

_HIDDEN = (
    # PostgreSQL quotes the whole row that broke a rule, names and all. The quote ends where SQLAlchemy or a trace goes on.
    (
        re.compile(r"(Failing row contains \().*?(?=\)\.\s*(?:$|\n[ |]*(?:\[SQL|\n|CONTEXT))|\Z)", re.DOTALL),
        r"\1…",
    ),
    (re.compile(r"""(['"]?cookie['"]?\s*[:=]\s*)(?:'[^']*'|"[^"]*")""", re.IGNORECASE), r"\1'…'"),
    (re.compile(r"((?:__Host-)?sid=)[^;'\"\s]+"), r"\1…"),
    (re.compile(r"(?i)(bearer |basic )[\w.~+/=-]+"), r"\1…"),
    (re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+"), "…jwt…"),
    (re.compile(r"(?<![\w-])[\w-]{43}(?![\w-])"), "…token…"),
    (re.compile(r"[^\s'\"<>()\[\]{},;=/:]+@[^\s'\"<>()\[\]{},;=/:]+"), "…@…"),
    (re.compile(r"(?<![\w.])(?:\d[ -]?){12,18}\d(?![\w.])"), "…digits…"),
    (re.compile(r"(?<!\w)\+\d(?:[ ().-]{0,2}\d){7,14}(?!\w)"), "…phone…"),
    # An Indian number without its plus, in the groups in which people write one.
    (
        re.compile(
            r"(?<![\w.])(?:(?:91|0)[ -]?)?"
            r"[6-9](?:\d{4}[ -]?\d{5}|\d{3}[ -]\d{3}[ -]\d{3}|\d{2}[ -]\d{3}[ -]\d{4})(?!\w)"
        ),
        "…phone…",
    ),
    # As providers of SMS write an Indian number: in an address, without the +.
    (
        re.compile(r"(?<![A-Za-z0-9.])(?:\+|%2B|00)?91[ -]?[6-9]\d{4}[ -]?\d{5}(?!\d)", re.IGNORECASE),
        "…phone…",
    ),
)

_PLAIN = re.compile(r"[a-z_./{}-]{1,42}|[A-Z]{1,42}")  # names of routes and events: nothing above fits them


def redact(text: str) -> str:
    """The text without what opens an account, names a person or pays."""
    if _PLAIN.fullmatch(text):
        return text
    for found, instead in _HIDDEN:
        text = found.sub(instead, text)
    return text


_FAULT = re.compile(
    r"\b[A-Z][A-Za-z]{0,40}(?:Error|Exception)\b|Minified React error #\d+|no dispatch function registered"
)
_PLACE = re.compile(r"/assets/[\w.-]{1,80}\.js:\d{1,7}:\d{1,7}")


def page_fault(report: str) -> str:
    """The kind of fault and its place in our scripts. Anything else in a report may be what the page showed, or forged."""
    kind, places = _FAULT.search(report), list(dict.fromkeys(_PLACE.findall(report)))[:5]
    return " at ".join([kind[0] if kind else "unknown", *places])


def _redacted(_logger: object, _name: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    return {
        name: value if isinstance(value, int | float | None) else redact(str(value))
        for name, value in event.items()
    }


def _redacted_record(*given: Any, **named: Any) -> logging.LogRecord:
    """A record of a library, redacted before any handler sees it."""
    record = logging.LogRecord(*given, **named)
    try:
        message = record.getMessage()
    except (TypeError, ValueError):  # its arguments don't fit: logging itself would print them as they are
        message = f"{record.msg!r} with {record.args!r}"
    if record.levelno >= logging.ERROR and (
        request := structlog.contextvars.get_contextvars().get("request_id")
    ):
        message = f"{message} request_id={request}"
    record.msg, record.args = redact(message), ()
    if record.exc_info and record.exc_info[0]:
        record.exc_text = redact(logging.Formatter().formatException(record.exc_info))
    return record


def _redacted_deep(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _redacted_deep(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_redacted_deep(one) for one in value]
    return redact(value) if isinstance(value, str) else value


def _redacted_report(event: Event, _hint: Hint) -> Event:
    clean: Event = _redacted_deep(event)
    return clean


def _report(_logger: object, _name: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """An unexpected error goes to the tracker too, when there is one; without one this does nothing."""
    if event.get("exc_info"):
        with sentry_sdk.new_scope() as scope:
            scope.set_tag("event", event["event"])
            sentry_sdk.capture_exception(sys.exc_info()[1])
    return event


def send_errors_to(dsn: str) -> None:
    """Send unexpected errors to a Sentry, or to what speaks its protocol; "" sends nothing anywhere.

    An error is sent with its type, text and lines of code: no values of variables, no request, no account.
    """
    if dsn:
        sentry_sdk.init(
            dsn,
            default_integrations=False,
            auto_enabling_integrations=False,
            integrations=[LoggingIntegration(level=None, event_level=logging.ERROR)],
            include_local_variables=False,
            max_breadcrumbs=0,
            before_send=_redacted_report,
        )


def _uncaught(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    if not issubclass(kind, Exception):  # an interrupt or an exit, not an error
        sys.__excepthook__(kind, error or kind(), trace)
        return
    logging.getLogger(__name__).critical("uncaught", exc_info=(kind, error or kind(), trace))


def configure(kind: str, error_tracker: str = "") -> None:
    """Set up the logging of the process, once: `kind` is "json" or "console", `error_tracker` a DSN or empty."""
    send_errors_to(error_tracker)
    logging.setLogRecordFactory(_redacted_record)
    sys.excepthook = _uncaught
    threading.excepthook = lambda found: _uncaught(found.exc_type, found.exc_value, found.exc_traceback)
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if kind == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            _report,
            structlog.processors.format_exc_info,
            _redacted,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=lambda *_: structlog.PrintLogger(
            sys.stderr
        ),  # not the one of this moment: tests put their own in its place
    )
