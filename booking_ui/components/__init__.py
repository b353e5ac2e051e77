"""Parts of pages: short functions of vars and handlers, made of `rx.el` and Tailwind only.

ui/       knows no noun of the clinic
  theme     names of classes: PRIMARY, QUIET, PLAIN, DANGER (+ SMALL, LARGE), LINK, CARD, PADDED, NOTICE, PILL, SKELETON,
            MUTED, TITLE, HEADING, PAGE, STACK, ROW, WRAP, INPUT, CHIP; `tone(name)`. Their values: assets/theme.css
  icons     `icon(name, size="")` from PATHS; always beside a word
  fields    `field(label, control, hint=, problem=)` · `text_input` · `select` · `chip_radio` · `notice(text, tone, icon)` ·
            `native_form(action, verb, *fields)` · `submit` · `hidden(name, value)`
  dialogs   `sheet(id, title, *children)`, a native dialog · `opens(id)`, `closes(id)`, compiled click handlers
  timer     `timer(…)` and its `clock()`, a countdown that the browser runs
  as_written `untranslated()`, `as_written(*words)`, what a browser does not translate: names, times, dates, money, references
  details   `detail(name, *value)`, a row of a description list
  links     `plain_link`, an anchor that Reflex's router leaves alone
  sentences `with_parts(sentence, **parts)`, the children of an element whose sentence has links in it · `heard`
shared/   for every audience
  layout    `page(*children, width="")`, the frame · `message_line` (text from NoticeState) · `phone_link`
  header    `header`, with the account menu · `sign_out(button)` · `other_languages(look)`, links to the same page
  status_badge  `badge(kind, var)`, `word`, `tone` for kind appointment, payment, attempt, refund, delivery, phase · `emblem`
  own_hold  `own_hold()`, the header's line about the slot that the patient holds
  visit     a visit's doctor, time, place and timeline
  not_found the 404
patient/, doctor/, desk/   for one audience; a module of a page has that page's name; `desk(*children, current=)` frames the desk

A message to the person: raise a BookingError in a handler (the app shows its sentence), or `return NoticeState.tell("…")`.
Handlers: `@rx.event` outside, `@allow("admin")` from booking_ui.edge.gate inside, arguments typed with gate.Id, Short,
Reference; forms are TypedDicts (typing_extensions) under `@with_config(gate.STRICT)`; identity from gate.principal().
"""
