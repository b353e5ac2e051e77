"""The written mails of a clinic without a mail server, for the desk."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class MailRow:
    """One line of the list; `name` opens it."""

    name: str = ""
    subject: str = ""
    recipient: str = ""
    at_label: str = ""


@dataclass(frozen=True)
class MailPage:
    """The newest mails. `server`: mail leaves through a server, so nothing is kept here."""

    rows: list[MailRow] = field(default_factory=list)
    total: int = 0
    server: bool = False


@dataclass(frozen=True)
class MailView:
    """One mail: its text, and its calendar entry when it has one."""

    row: MailRow = field(default_factory=MailRow)
    text: str = ""
    calendar: str = ""
    calendar_name: str = ""
