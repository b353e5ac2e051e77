"""What pages are built of. Short functions of vars and handlers; `rx.el` and Tailwind only.

theme         class names: PRIMARY, QUIET, PLAIN, DANGER (+ SMALL, LARGE), LINK, CARD, PADDED, NOTICE, PILL, SKELETON,
              MUTED, TITLE, HEADING, PAGE, STACK, ROW, WRAP, INPUT, CHIP; `tone(name)`. Values: assets/theme.css
icons         `icon(name, size="")` from PATHS; always beside a word
layout        `page(*children, width="")` · `desk(*children, current="/admin/")` with DESK_NAV · `plain_link` (raw anchor) ·
              `message_line` (text from NoticeState) · `sign_out(button)`
fields        `field(label, control, hint=, problem=)` · `text_input(name, …)` · `select(name, options, everything)` ·
              `chip_radio(name, value, text)` · `notice(text, tone, icon)` · `submit(text)` · `hidden(name, value)`
status_badge  `badge(kind, var)`, `word`, `tone` for kind appointment, payment, attempt, refund, phase · `emblem(phase)`
dialogs       `sheet(id, title, *children)` native dialog · `opens(id)` / `closes(id)` compiled click handlers

A message for the person: raise a BookingError in a handler (the app shows its sentence) or
`return NoticeState.tell("…")`. Handlers: `@rx.event` outside, `@allow("admin")` from booking_ui.edge.gate inside, arguments
typed with gate.Id, Short, Reference; forms are TypedDicts (typing_extensions) under `@with_config(gate.STRICT)`; identity from gate.principal().
"""
