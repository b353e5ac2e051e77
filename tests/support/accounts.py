"""Farah's account: address and passwords."""

from __future__ import annotations

MAIL, PASSWORD, OTHER = "farah@example.com", "farah's password", "another good one"
