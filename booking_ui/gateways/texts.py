"""Text messages, as files under DATA_DIR/messages."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field

from booking_ui.config.settings import settings
from booking_ui.domain.channel import Channel
from booking_ui.domain.mail_refusal import Refusal


class TextError(Exception):
    """The text was not accepted. `for_good`: this text never will be, as it is."""

    def __init__(self, reason: str, refusal: Refusal, *, for_good: bool = False) -> None:
        super().__init__(reason)
        self.refusal, self.for_good = refusal, for_good


@dataclass(frozen=True)
class Text:
    """One SMS or WhatsApp message. `to` is E.164; `key` names its reason: two texts with one key are the same text."""

    to: str
    body: str
    channel: Channel
    template: str
    language: str
    values: dict[str, str] = field(default_factory=dict)
    key: str = ""
    request_id: str = ""  # of the request that was the reason


def send(text: Text) -> None:
    """Hand the text over. Raises TextError, whose reason names no number and quotes nothing."""
    folder = settings().data_dir / "messages"
    place = folder / f"{hashlib.sha256(text.key.encode()).hexdigest()[:32]}.json"
    draft = place.with_suffix(".part")
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft.touch(mode=0o600)  # a code opens an account
        draft.write_text(json.dumps(asdict(text), ensure_ascii=False, indent=1))
        draft.replace(place)  # a reader of the folder sees whole texts only
    except OSError as exc:
        raise TextError(f"{type(exc).__name__} {exc.errno}", Refusal.AWAY) from None
