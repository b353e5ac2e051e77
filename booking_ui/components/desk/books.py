"""Promises as last counted, and the open reconciliation cases."""

from __future__ import annotations

import reflex as rx

from booking_ui.components.desk.reason import reason
from booking_ui.components.desk.table import Sheet, head, nothing, unseen
from booking_ui.components.ui import dialogs, icons, theme
from booking_ui.components.ui.fields import hidden, notice
from booking_ui.components.ui.sentences import with_parts
from booking_ui.languages import _
from booking_ui.states.desk.books import BooksState

PROMISES = BooksState.promises
# Below this width of the list a row stacks its cells.
STACK = "@max-2xl"
SHEET = Sheet(STACK, "py-1 align-baseline")


def promises() -> rx.Component:
    """Every promise with its last count."""
    return rx.el.section(
        _title(_("Promises"), _button(_("Count now"), _("Counting…"), BooksState.counting, BooksState.count)),
        _summary(),
        rx.cond(BooksState.loaded & (PROMISES.rows.length() == 0), rx.fragment(), _table()),
        aria_label=_("Promises"),
        class_name="flex flex-col gap-3",
    )


def cases() -> rx.Component:
    """Differences that wait for a person, oldest first."""
    return rx.el.section(
        _title(
            _("Razorpay's books and ours"),
            _button(_("Compare now"), _("Comparing…"), BooksState.comparing, BooksState.compare),
        ),
        # The region is always there, so that screen readers notice what enters it.
        rx.el.div(
            rx.cond(BooksState.said != "", _tinted("check", BooksState.said, "good")),
            role="status",
            class_name="empty:hidden",
        ),
        rx.cond(BooksState.trouble != "", notice(BooksState.trouble, "bad"), rx.fragment()),
        rx.cond(
            BooksState.loaded,
            rx.cond(BooksState.cases.length() > 0, _open_cases(), _nothing_open()),
            rx.el.div(class_name=f"{theme.SKELETON} h-24"),
        ),
        aria_label=_("Razorpay's books and ours"),
        class_name="flex flex-col gap-3",
    )


def _title(title: str, button: rx.Component) -> rx.Component:
    return rx.el.div(
        rx.el.h2(title, class_name="text-base"),
        button,
        class_name="flex items-center justify-between gap-4",
    )


def _button(word: str, busy_word: str, busy: rx.Var, pressed: object) -> rx.Component:
    return rx.el.button(
        rx.cond(busy, busy_word, word),
        type="button",
        on_click=pressed,
        disabled=busy,
        aria_busy=busy,
        class_name=f"{theme.QUIET}{theme.SMALL} min-w-34 flex-none",
    )


def _tinted(icon: str, text: rx.Var | str, tone: str, after: rx.Component | None = None) -> rx.Component:
    return rx.el.p(
        icons.icon(icon),
        rx.el.span(text, after or rx.fragment()),
        class_name=f"{theme.NOTICE} {theme.tone(tone)}",
    )


def _summary() -> rx.Component:
    counted = rx.el.span(
        " ", _("Counted {time}.", time=PROMISES.at_label), class_name="font-normal tabular-nums"
    )
    broken = rx.cond(
        PROMISES.broken == 1,
        _("1 promise is broken."),
        _("{count} promises are broken.", count=PROMISES.broken),
    )
    found = rx.match(
        BooksState.loaded & (PROMISES.rows.length() == 0),
        (True, _tinted("clock", _("Not counted yet. The worker counts every five minutes."), "plain")),
        rx.cond(
            PROMISES.broken == 0,
            rx.cond(
                PROMISES.unchecked == 0,
                _tinted("check", _("All {count} promises hold.", count=PROMISES.held), "good", counted),
                _tinted(
                    "clock",
                    _(
                        "{held} promises hold, {unchecked} could not be checked.",
                        held=PROMISES.held,
                        unchecked=PROMISES.unchecked,
                    ),
                    "waiting",
                    counted,
                ),
            ),
            _tinted("alert", broken, "bad", counted),
        ),
    )
    waiting = rx.el.div(class_name=f"{theme.SKELETON} h-12")
    return rx.el.div(rx.cond(BooksState.loaded, found, waiting), role="status", class_name="font-medium")


def _table() -> rx.Component:
    heads = [
        head(_("No."), "w-12", look=""),
        head(_("Promise"), look=""),
        head(_("Checked"), "w-24 text-right", look=""),
        head(_("Violated"), "w-22 text-right", look=""),
        head(unseen(_("State")), "w-27 text-right", look=""),
    ]
    rows = rx.cond(BooksState.loaded, rx.foreach(PROMISES.rows, _promise), SHEET.waiting(len(heads), 8))
    return rx.el.div(SHEET.table(_("Promises"), heads, rows), class_name="@container")


def _promise(row: rx.Var) -> rx.Component:
    broken = row.violated > 0
    first = rx.el.span(row.first_fault, class_name="font-mono text-[0.8125rem] break-words")
    fault = rx.el.span(*with_parts(_("First: {fault}"), fault=first), class_name="block text-bad")
    tone = rx.match(
        row.state, ("broken", theme.tone("bad")), ("unchecked", theme.tone("waiting")), theme.tone("good")
    )
    state = rx.el.span(
        rx.match(row.state, ("broken", _("Broken")), ("unchecked", _("Not checked")), _("Holds")),
        class_name=f"{theme.PILL} px-2! font-medium! {tone}",
    )
    # The ninth is counted when the books are compared, not with the others.
    note = rx.el.span(row.note, " ", row.at_label, class_name="block text-muted")
    count = f"{row.checked:,}"
    return rx.el.tr(
        SHEET.cell(rx.fragment(row.number), f"text-muted tabular-nums {STACK}:order-1"),
        SHEET.cell(
            rx.fragment(
                row.promise,
                rx.cond(broken, fault, rx.fragment()),
                rx.cond(row.note != "", note, rx.fragment()),
            ),
            f"{STACK}:order-2 {STACK}:col-span-2",
        ),
        SHEET.cell(
            SHEET.number(count, _("{count} checked", count=count)),
            f"text-right tabular-nums {STACK}:order-3 {STACK}:col-start-2 {STACK}:text-left {STACK}:text-muted",
        ),
        SHEET.cell(
            rx.el.span(row.violated, class_name=rx.cond(broken, "font-semibold text-bad", "")),
            f"text-right tabular-nums {STACK}:hidden",
        ),
        SHEET.cell(state, f"text-right {STACK}:order-4"),
        role="row",
        key=row.number,
        class_name=f"h-9 {STACK}:grid {STACK}:h-auto {STACK}:grid-cols-[1.5rem_minmax(0,1fr)_auto] {STACK}:gap-y-1 {STACK}:border-b {STACK}:border-line {STACK}:px-1 {STACK}:py-3",
    )


def _nothing_open() -> rx.Component:
    return nothing(
        rx.el.p(_("Razorpay's books and ours agree."), class_name="font-semibold"),
        rx.el.p(
            _(
                "Once a day the last four days' payments and refunds are compared. What differs and does not heal by "
                "itself appears here with what to do."
            ),
            class_name=f"{theme.MUTED} max-w-text",
        ),
        room="py-10",
    )


def _open_cases() -> rx.Component:
    return rx.el.ul(
        rx.foreach(BooksState.cases, _open_case), class_name=f"{theme.CARD} divide-y divide-line border-bad!"
    )


def _open_case(case: rx.Var) -> rx.Component:
    dialog_id = "close-case-" + case.id.to(str)
    head = rx.el.div(
        rx.el.h3(case.title, class_name="text-base"),
        rx.el.span(_("Opened {time}", time=case.opened_label), class_name="text-sm text-muted tabular-nums"),
        class_name="flex flex-wrap items-baseline justify-between gap-x-4",
    )
    button = rx.el.button(
        rx.cond(case.decision != "", _("Decide…"), _("Close…")),
        rx.el.span(" ", case.title, ", ", case.subject, class_name="sr-only"),
        type="button",
        on_click=dialogs.opens(dialog_id),
        class_name=f"{theme.QUIET}{theme.SMALL} flex-none max-sm:self-start",
    )
    return rx.el.li(
        head,
        rx.el.p(
            rx.el.span(case.subject, class_name="font-mono text-[0.8125rem] break-all select-all"),
            " · ",
            case.detail,
            class_name="text-sm break-words",
        ),
        rx.el.div(
            rx.el.p(case.remedy, class_name="max-w-text text-sm text-muted"),
            button,
            class_name="flex flex-col gap-2 sm:flex-row sm:items-end sm:justify-between sm:gap-6",
        ),
        _close_dialog(dialog_id, case),
        key=case.id,
        class_name="flex flex-col gap-1 p-3 sm:px-4",
    )


def _close_dialog(dialog_id: rx.Var, case: rx.Var) -> rx.Component:
    about = rx.el.p(
        case.title, ": ", case.subject, ", ", case.detail, class_name=f"{theme.MUTED} break-words"
    )
    plain = _case_form(dialog_id, case, _("Close case"), BooksState.close)
    return dialogs.sheet(
        dialog_id,
        rx.match(
            case.decision,
            ("visit", _("Decide about this visit")),
            ("payment", _("Decide about this payment")),
            _("Close this case"),
        ),
        about,
        rx.match(
            case.decision,
            ("visit", _case_form(dialog_id, case, _("Decide"), BooksState.decide, _about_the_visit())),
            ("payment", _case_form(dialog_id, case, _("Decide"), BooksState.decide, _about_the_payment())),
            plain,
        ),
    )


def _about_the_visit() -> rx.Component:
    return rx.el.fieldset(
        rx.el.legend(_("What becomes of the visit?"), class_name="mb-1.5 text-sm font-semibold"),
        dialogs.choice("decision", "cancel", _("Cancel the visit"), _("Its time is free for others, and the patient gets an email.")),
        dialogs.choice("decision", "keep", _("Keep the visit"), _("It stays confirmed: the refund was a courtesy.")),
        class_name="flex flex-col gap-2",
    )  # fmt: skip


def _about_the_payment() -> rx.Component:
    return rx.el.fieldset(
        rx.el.legend(_("Whose money is this?"), class_name="mb-1.5 text-sm font-semibold"),
        dialogs.choice("decision", "same", _("This is the payment that was marked"), _("Nothing goes back; a later refund goes through Razorpay.")),
        dialogs.choice("decision", "second", _("A second payment: refund it"), _("All of it goes back to where it was paid from.")),
        class_name="flex flex-col gap-2",
    )  # fmt: skip


def _case_form(
    dialog_id: rx.Var, case: rx.Var, word: str, submit: object, *more: rx.Component
) -> rx.Component:
    busy = BooksState.closing_id == case.id
    refused = (BooksState.refusal.case_id == case.id) & (BooksState.refusal.sentence != "")
    return rx.el.form(
        hidden("case_id", case.id.to(str)),
        rx.cond(refused, notice(BooksState.refusal.sentence, "bad"), rx.fragment()),
        *more,
        reason(_("What was done?"), "note"),
        rx.el.div(
            rx.el.button(
                _("Leave it open"), type="button", on_click=dialogs.closes(dialog_id), class_name=theme.QUIET
            ),
            rx.el.button(
                rx.cond(busy, _("Closing…"), word),
                type="submit",
                disabled=busy,
                aria_busy=busy,
                class_name=theme.PRIMARY,
            ),
            class_name=dialogs.ENDS,
        ),
        on_submit=submit,
        class_name="flex flex-col gap-4",
    )
