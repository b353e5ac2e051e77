"""Walks docs/staging-checklist.md against a running clinic, from outside: it knows the public API and nothing of ours."""
