"""The content of the payouts pages, made from the address and the services' answers: figures, links, bars, periods."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from booking_ui.domain import period
from booking_ui.domain.money import rupees
from booking_ui.domain.period import Period
from booking_ui.languages import FIRST, _, ngettext, spoken, to
from booking_ui.services.desk import ledger
from booking_ui.services.desk.bookings import BookingFilter
from booking_ui.services.views.desk import BookingLine, FigureView, PayoutDay, PayoutsView
from booking_ui.states.desk import booking_links
from booking_ui.states.desk.lists import Choice, address, number_in

PATH = "/admin/payouts/"
CHART = f"{PATH}chart/"
SHEET = "/api/admin/payouts.csv"
HEADINGS = tuple(ledger.NAMES.values())
WIDE, HIGH = 10_000, 1_000
"""The chart's drawing, in its own units: stretched to the room there is."""


@dataclass(frozen=True)
class PayoutFilter:
    """The period and the doctor as controls show them; `period` is a preset's key, empty where days were chosen."""

    period: str = period.DEFAULT
    since: str = ""
    until: str = ""
    doctor: str = ""


@dataclass(frozen=True)
class Figure:
    """One figure with the sentence that says what it counts, and the address of the bookings behind it."""

    figure: str
    name: str
    label: str
    bookings: int
    explained: str
    href: str


@dataclass(frozen=True)
class DoctorLine:
    """One doctor's figures."""

    name: str
    href: str
    figures: list[Figure]


@dataclass(frozen=True)
class Bar:
    """One day in a drawing WIDE × HIGH: captured on the left, refunded beside it. `y` is a bar's upper edge."""

    left: int
    middle: int
    width: int
    captured: int
    captured_y: int
    refunded: int
    refunded_y: int


@dataclass(frozen=True)
class Board:
    """The figures of one period with their links."""

    period_label: str = ""
    since: str = ""
    until: str = ""
    figures: list[Figure] = field(default_factory=list)
    lines: list[DoctorLine] = field(default_factory=list)
    fees: str = ""
    sheet: str = SHEET
    chart: str = field(default_factory=lambda: to(CHART))
    back: str = field(default_factory=lambda: to(PATH))


@dataclass(frozen=True)
class Detail:
    """Days and bookings behind one doctor's figures; `all` is the address of every booking."""

    name: str = ""
    days: list[PayoutDay] = field(default_factory=list)
    rows: list[BookingLine] = field(default_factory=list)
    total: int = 0
    all: str = ""


@dataclass(frozen=True)
class Chart:
    """Bars of every day with their scale, and the days as a table."""

    bars: list[Bar] = field(default_factory=list)
    days: list[PayoutDay] = field(default_factory=list)
    top: str = ""
    middle: str = ""
    first: str = ""
    last: str = ""


def filter_and_period(query: Mapping[str, str], today: date) -> tuple[PayoutFilter, Period]:
    """The filter that an address asks for, and its period.

    A value that means nothing counts as not given; a single day is completed to a period.
    """
    doctor = str(number_in(query.get("doctor", "")) or "")
    since, until = period.day_of(query.get("since", "")), period.day_of(query.get("until", ""))
    if since or until:
        last = until or max(today, since or today)
        days = Period(since or last.replace(day=1), last)
        return PayoutFilter("", str(since or ""), str(until or ""), doctor), days
    name = query.get("period", "")
    name = name if name in period.PRESETS else period.DEFAULT
    return PayoutFilter(name, "", "", doctor), period.preset(name, today)


def payouts_address(page: str, asked: PayoutFilter) -> str:
    """The shortest address of that page that asks for this period and doctor."""
    named = asked.period if asked.period != period.DEFAULT else ""
    return address(
        to(page), {"period": named, "since": asked.since, "until": asked.until, "doctor": asked.doctor}
    )


def choices(page: str, asked: PayoutFilter) -> list[Choice]:
    """The named periods."""
    return [
        Choice(
            _(label),
            payouts_address(page, replace(asked, period=name, since="", until="")),
            name == asked.period,
        )
        for name, (label, _days) in period.PRESETS.items()
    ]


def board(asked: PayoutFilter, found: PayoutsView, doctor_id: int | None) -> Board:
    """The figures with their links, and each doctor's."""
    span = Period(found.first, found.last)
    language = "" if spoken() == FIRST else spoken()
    sheet = {"dateFrom": found.first, "dateTo": found.last, "doctorId": doctor_id, "lang": language}
    lines = [
        DoctorLine(
            one.name,
            payouts_address(f"{PATH}{one.slug}/", replace(asked, doctor="")),
            [_figure(each, span, one.doctor_id) for each in one.figures],
        )
        for one in found.doctors
    ]
    return Board(
        period_label=found.period_label,
        since=span.first.isoformat(),
        until=span.last.isoformat(),
        figures=[_figure(one, span, doctor_id) for one in found.figures],
        lines=lines,
        fees=_fees(found),
        sheet=address(SHEET, sheet),
        chart=payouts_address(CHART, replace(asked, doctor=str(doctor_id or ""))),
        back=payouts_address(PATH, replace(asked, doctor="")),
    )


def _fees(found: PayoutsView) -> str:
    if not found.fees_known:
        return _("Razorpay has not named its fees for these payments.")
    return ngettext(
        "Razorpay named fees of {fees} for {count} payment; no figure above contains them.",
        "Razorpay named fees of {fees} for {count} payments; no figure above contains them.",
        found.fees_known,
        fees=found.fees_label,
    )


def bookings_behind(figure: str, span: Period, doctor_id: int | None) -> BookingFilter:
    """The filter of exactly the bookings that a figure counts."""
    return BookingFilter(doctor_id=doctor_id, money=figure, money_from=span.first, money_to=span.last)


def _figure(one: FigureView, span: Period, doctor_id: int | None) -> Figure:
    key = ledger.Figure(one.figure)
    href = booking_links.bookings_address(bookings_behind(one.figure, span, doctor_id))
    return Figure(one.figure, _(ledger.NAMES[key]), one.label, one.bookings, _(ledger.EXPLAINED[key]), href)


def chart(days: list[PayoutDay]) -> Chart:
    """Bars to one scale; every day has its place, also one without money."""
    top = _round_up(max((max(one.captured_paise, one.refunded_paise) for one in days), default=0))
    bars = [_bar(number, len(days), one, top) for number, one in enumerate(days)]
    return Chart(bars, days, rupees(top), rupees(top // 2), days[0].day_label, days[-1].day_label)


def _bar(number: int, of: int, day: PayoutDay, top: int) -> Bar:
    place = WIDE / of
    captured, refunded = (HIGH * one // top for one in (day.captured_paise, day.refunded_paise))
    return Bar(
        left=round(place * (number + 0.1)),
        middle=round(place * (number + 0.5)),
        width=max(1, round(place * 0.4)),
        captured=captured,
        captured_y=HIGH - captured,
        refunded=refunded,
        refunded_y=HIGH - refunded,
    )


def _round_up(paise: int) -> int:
    """The next of 1, 2 or 5 times a power of ten rupees, at least ₹10: a scale people can read."""
    step = 1_000
    while True:
        for times in (1, 2, 5):
            if step * times >= paise:
                return step * times
        step *= 10
