"""Messages for the desk: the ledger of all of them, and those written to files where there is no server or provider."""

from __future__ import annotations

from dataclasses import dataclass, field

from booking_ui.domain.paging import Page


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


@dataclass(frozen=True)
class MessageRow:
    """One message of the ledger. `answer`: what the mail server or provider said, or what comes next, in words.

    `sent_again` counts how often the desk had it sent once more; empty instants are still to come.
    """

    id: int = 0
    kind: str = ""
    label: str = ""
    channel: str = ""  # mail, sms, whatsapp
    channel_label: str = ""
    recipient: str = ""
    patient_name: str = ""
    reference: str = ""
    status: str = ""
    attempts: int = 0
    sent_again: int = 0
    answer: str = ""
    due_at: str = ""
    due_label: str = ""
    sent_at: str = ""
    next_attempt_at: str = ""


@dataclass(frozen=True)
class MessagePage(Page[MessageRow]):
    """`status_counts` are of the search, under any status."""

    status_counts: list[tuple[str, int]] = field(default_factory=list)
