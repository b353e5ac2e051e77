"""Audit, for the desk."""

from __future__ import annotations

from dataclasses import dataclass, field

from booking_ui.domain.paging import Page


@dataclass(frozen=True)
class AuditRow:
    """One change with its actor and reason. People appear by name at most, never by mail or phone."""

    id: int
    at: str
    at_label: str
    subject: str  # appointment:7
    subject_label: str  # Booking 7KQ2MXRV
    reference: str  # the booking's; empty for another subject
    seq: int
    actor: str  # admin:3
    actor_label: str  # Devi Nair
    action: str
    before: str
    after: str
    reason: str
    text: str  # the change in a sentence
    tone: str
    verified: bool  # the subject's whole chain of hashes holds


@dataclass(frozen=True)
class AuditPage(Page[AuditRow]):
    """A page of the trail, newest first. `broken` are the subjects on it whose chain does not hold, for people."""

    broken: list[str] = field(default_factory=list)
