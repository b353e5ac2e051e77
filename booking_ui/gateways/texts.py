"""SMS and WhatsApp through SMS_URL and WHATSAPP_URL, or into files under DATA_DIR/messages when no SMS_URL is set.

apprise speaks every provider's protocol and answers yes or no. The provider's own answer is listened to while it speaks:
a 200 may carry a refusal, and only the number of an error tells a passing one from one for good.
"""

from __future__ import annotations

import contextvars
import hashlib
import json
import logging
import os
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import quote

import requests

from booking_ui.config.settings import settings
from booking_ui.config.text_addresses import GENERIC, filled, scheme, silence_apprise
from booking_ui.domain.channel import TEXTED, Channel
from booking_ui.domain.mail_refusal import Refusal
from booking_ui.gateways.provider_answers import LONGEST, tells_of_error

ANSWER_SECONDS = 15  # for each answer of the provider, as apprise waits for it
ALL_SECONDS = 40  # for the whole of it; well within a lease
_OURS = re.compile(r"[0-9a-f]{32}\.json")


class TextError(Exception):
    """The text was not accepted. `for_good`: this text never will be, as it is."""

    def __init__(self, reason: str, refusal: Refusal, *, for_good: bool = False) -> None:
        super().__init__(reason)
        self.refusal, self.for_good = refusal, for_good


@dataclass(frozen=True)
class Text:
    """One SMS or WhatsApp message. `to` is E.164; `key` names its reason: two texts with one key are the same text.

    `template` and `values` are for providers that send registered texts only: its id, and what fills it.
    """

    to: str
    body: str
    channel: Channel
    template: str
    language: str
    values: dict[str, str] = field(default_factory=dict)
    key: str = ""
    request_id: str = ""  # of the request that was the reason


def configured() -> tuple[Channel, ...]:
    """The channels that texts can leave through. A demo without SMS_URL writes SMS to files."""
    has = {
        Channel.SMS: bool(settings().sms_url) or settings().demo_mode,
        Channel.WHATSAPP: bool(settings().whatsapp_url),
    }
    return tuple(channel for channel in TEXTED if has[channel])


def send(text: Text) -> None:
    """Hand the text over. Raises TextError, whose reason names no number and quotes nothing."""
    address = settings().whatsapp_url if text.channel is Channel.WHATSAPP else settings().sms_url
    if address:
        _to_provider(text, address)
        return
    try:
        _to_file(text)
    except OSError as exc:
        raise TextError(f"{type(exc).__name__} {exc.errno}", Refusal.AWAY) from None


# ── The provider ──────────────────────────────────────────────────────────────────────────────────────────────────────


class _NoAddressError(Exception):
    """The provider's plugin does not take this number."""


@dataclass
class _Heard:
    """The last answer of the provider, or the name of the error that came instead of one."""

    answer: requests.Response | None = None
    error: Exception | None = None


_LISTENER: ContextVar[_Heard | None] = ContextVar("listener", default=None)


def _to_provider(text: Text, address: str) -> None:
    heard = _Heard()
    accepted = _within(ALL_SECONDS, lambda: _speak(text, address, heard))
    if accepted is None:
        raise TextError(f"no answer within {ALL_SECONDS} s", Refusal.LOST)
    _judge(accepted, heard)


def _within(seconds: float, work: Any) -> bool | None:
    """The result of `work`, or None when it is not over in time: a provider may dribble its answer for ever."""
    done: list[bool] = []
    context = contextvars.copy_context()
    thread = threading.Thread(target=lambda: done.append(context.run(work)), daemon=True, name="text")
    thread.start()
    thread.join(seconds)
    return None if thread.is_alive() else bool(done and done[0])


def _speak(text: Text, address: str, heard: _Heard) -> bool:
    apprise = _apprise()
    with _listening(heard):
        try:
            server = apprise.Apprise.instantiate(_address(text, address), suppress_exceptions=True)
            if server is None or getattr(server, "targets", None) == []:
                raise _NoAddressError  # without a receiver some plugins would write to the sender
            # Not through Apprise.notify, which may hand the work to threads that do not listen.
            return bool(server.notify(body=text.body, title="", notify_type=apprise.NotifyType.INFO))
        except Exception as exc:  # noqa: BLE001  # a plugin's, whatever it is; its words may hold the number
            heard.error = exc
            return False


def _address(text: Text, address: str) -> str:
    """The operator's address with this text's values, and for a server of their own with whatever it does not name."""
    known = {
        **text.values,
        "phone": text.to.removeprefix("+"),
        "template": text.template,
        "language": text.language,
        "key": text.key,
        "text": text.body,
    }
    found = filled(address, known)
    more = {"rto": str(ANSWER_SECONDS)} if "rto=" not in address else {}
    if scheme(address) in GENERIC:
        # The key lets the server know a repeated delivery, after an answer that was lost.
        more |= {"+Idempotency-Key": text.key}
        if "{phone}" not in address:
            more |= {":phone": text.to, ":template": text.template, ":language": text.language}
    added = "&".join(f"{quote(name, safe=':+')}={quote(value, safe='')}" for name, value in more.items())
    return f"{found}{'&' if '?' in found else '?'}{added}" if added else found


def _judge(accepted: bool, heard: _Heard) -> None:
    """Raises TextError for every answer that is not the acceptance of this text."""
    answer, error = heard.answer, heard.error
    if answer is None or error is not None:
        if accepted and error is None:
            return  # by a plugin that speaks something else than HTTP
        raise _silent(error)
    number = answer.status_code
    if number >= 300:
        raise TextError(f"HTTP {number}", _refusal(number), for_good=_is_for_good(number))
    if tells_of_error(answer.content):
        raise TextError(f"HTTP {number} with an error", Refusal.SERVER)
    if not accepted:
        raise TextError(f"HTTP {number}, not accepted", Refusal.SERVER)


def _silent(error: Exception | None) -> TextError:
    if isinstance(error, _NoAddressError):
        return TextError("no address", Refusal.NO_ADDRESS, for_good=True)
    name = type(error).__name__ if error else "no answer"
    if error is not None and not isinstance(error, OSError):  # requests' own errors are OSErrors
        return TextError(name, Refusal.BROKEN)
    never_there = isinstance(error, requests.ConnectTimeout) or (
        isinstance(error, requests.ConnectionError) and "NewConnectionError" in repr(error.args)
    )
    return TextError(name, Refusal.AWAY if never_there or error is None else Refusal.LOST)


def _refusal(number: int) -> Refusal:
    if number in (401, 403, 407):
        return Refusal.SIGN_IN
    return Refusal.CONTENT if _is_for_good(number) else Refusal.SERVER


def _is_for_good(number: int) -> bool:
    """A refused key passes once the operator has mended it, and "later" or "too many" by themselves."""
    return 400 <= number < 500 and number not in (401, 403, 407, 408, 425, 429)


@contextmanager
def _listening(heard: _Heard) -> Iterator[None]:
    before = _LISTENER.set(heard)
    try:
        yield
    finally:
        _LISTENER.reset(before)


@cache
def _apprise() -> Any:
    """apprise, heard and silenced. Loaded with the first text: it takes a second and 36 MB."""
    import apprise

    silence_apprise()
    _listen_to_requests()
    for name in ("urllib3", "urllib3.connectionpool", "urllib3.connection", "urllib3.util.retry", "requests", "requests_oauthlib", "oauthlib", "charset_normalizer"):  # fmt: skip
        logging.getLogger(name).addFilter(_not_of_a_text)
    return apprise


def _not_of_a_text(_record: logging.LogRecord) -> bool:
    """False while a text is sent: the line of a connection has the address, in which a number or a key may stand."""
    return _LISTENER.get() is None


def _listen_to_requests() -> None:
    """Keep each answer of a request that is made while a listener is set; every other request is left as it is.

    Each plugin of apprise calls `requests.post` or `requests.request`, and both make a session of their own: its `send`
    is the one place that all of them pass. A redirect is an answer like any other: followed, it would lose the text, whose
    POST becomes a GET, or hand number and code to another host.
    """
    plain = requests.Session.send

    def heard_send(
        session: requests.Session, request: requests.PreparedRequest, **how: Any
    ) -> requests.Response:
        heard = _LISTENER.get()
        if heard is None:
            return plain(session, request, **how)
        session.get_redirect_target = _nowhere  # type: ignore[method-assign]
        try:
            answer = plain(session, request, **how | {"stream": True})
            _read(answer)
        except Exception as exc:
            heard.answer, heard.error = None, exc
            raise
        heard.answer, heard.error = answer, None
        return answer

    requests.Session.send = heard_send  # type: ignore[method-assign, assignment]


def _nowhere(resp: requests.Response) -> str | None:
    """The target of a redirect: none, so that it is not followed."""
    del resp
    return None


def _read(answer: requests.Response) -> None:
    """Read the body up to LONGEST: the rest of one that never ends would fill the memory."""
    body = bytearray()
    for part in answer.iter_content(16_384):
        body += part
        if len(body) > LONGEST:
            break
    answer.close()  # the connection too, while the body is not marked as read
    # As requests itself keeps a body that it has read: there is no public way to give it one.
    answer._content = bytes(body[:LONGEST])  # noqa: SLF001
    answer._content_consumed = True  # type: ignore[attr-defined]  # noqa: SLF001


# ── Files ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class TextFile:
    """A text in a file; `at` is when it was written, in seconds since 1970."""

    name: str
    at: float
    to: str
    channel: str
    body: str


def _folder() -> Path:
    return settings().data_dir / "messages"


def _name(key: str) -> str:
    return f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.json"


def _to_file(text: Text) -> None:
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    place = folder / _name(text.key)
    draft = place.with_suffix(".part")
    draft.touch(mode=0o600)  # a code opens an account
    draft.write_text(json.dumps(asdict(text), ensure_ascii=False, indent=1))
    draft.replace(place)  # a reader of the folder sees whole texts only


def names() -> list[str]:
    """The text files in DATA_DIR/messages, newest first; files with other names are left out."""
    folder = _folder()
    found = list(os.scandir(folder)) if folder.is_dir() else []
    ours = (one for one in found if _OURS.fullmatch(one.name) and one.is_file(follow_symlinks=False))
    return [name for _at, name in sorted(((one.stat().st_mtime, one.name) for one in ours), reverse=True)]


def content(name: str) -> TextFile:
    path = _folder() / name
    said: Mapping[str, str] = json.loads(path.read_text())
    return TextFile(name, path.stat().st_mtime, said["to"], said["channel"], said["body"])


def delete_files(keys: Sequence[str]) -> None:
    """Delete the files of these texts. Those that left through a provider are out of reach."""
    for key in keys:
        (_folder() / _name(key)).unlink(missing_ok=True)


def delete_files_before(instant: datetime, *, limit: int = 1000) -> int:
    old = (path for path in _folder().glob("*.json") if path.stat().st_mtime < instant.timestamp())
    removed = 0
    for path in islice(old, limit):
        path.unlink(missing_ok=True)
        removed += 1
    return removed
