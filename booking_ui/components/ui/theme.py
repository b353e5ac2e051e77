"""Names of classes. Their values live in assets/theme.css: colours by meaning, type, radii.

Tailwind utilities know the same tokens: bg-surface/raised/sunken, text-ink/muted/brand/good/waiting/bad,
border-line/edge, text-sm/base/lg/xl/2xl (14 · 16 · 20 · 28 · 40 px), rounded-card, rounded-control, shadow-float,
max-w-page, max-w-text. Dark mode needs no variant: the tokens change.
"""

from __future__ import annotations

# Buttons: one PRIMARY on a screen. Add aria_busy="true" while waiting: it shows the spinner.
PRIMARY = "btn btn-primary"
QUIET = "btn btn-quiet"
PLAIN = "btn btn-plain"
DANGER = "btn btn-danger"
SMALL = " btn-small"  # append to any of the four
LARGE = " btn-large"
LINK = "link"
TAP = " tap"  # append to a link that stands by itself: 44 px high under a finger

# Surfaces and text
CARD = "card"
PADDED = "card p-4 sm:p-6"
NOTICE = "notice"
PILL = "pill"
SKELETON = "skeleton"
MUTED = "text-sm text-muted"
TITLE = "text-xl"
HEADING = "text-lg"
MONEY = "tabular-nums text-right"

# Layout
PAGE = "mx-auto w-full max-w-page px-4 md:px-6"
STACK = "flex flex-col gap-4"
ROW = "flex items-center gap-3"
WRAP = "flex flex-wrap items-center gap-2"

# Controls
INPUT = "input"
CHIP = "chip"

TONES = ("plain", "good", "waiting", "bad")


def tone(name: str) -> str:
    """The class that tints a pill or a notice: plain, good, waiting or bad."""
    return f"tone-{name}"
