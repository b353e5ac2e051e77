"""The lines of docs/staging-checklist.md, with its ids, words and order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import requests

from booking_ui.smoke import accounts, booking, money, standing
from booking_ui.smoke.visit import Failed, NeedsPerson, Visit

Check = Callable[[Visit], str]


@dataclass(frozen=True)
class Line:
    id: str
    title: str
    check: Check


@dataclass(frozen=True)
class Outcome:
    line: Line
    mark: Literal["pass", "fail", "person"]
    reason: str


def by_hand(what: str) -> Check:
    def check(_visit: Visit) -> str:
        raise NeedsPerson(what)

    return check


LINES = (
    Line("S-01", "The clinic is alive", standing.alive),
    Line("S-02", "Database, Redis, gateway, sweep and promises are ready", standing.ready),
    Line("S-03", "Every public page opens", standing.pages),
    Line("S-04", "The API describes itself", standing.described),
    Line("S-05", "Unknown addresses and bad input are refused in words", standing.refuses),
    Line("S-06", "Nothing travels in the clear", standing.encrypted),
    Line("S-07", "Other sites can't use the API or frame a page, and no answer is cached", standing.closed_to_other_sites),
    Line("S-08", "A patient can register, once per mail", accounts.registers),
    Line("S-09", "The right password signs in, a wrong one does not", accounts.signs_in),
    Line("S-10", "The refresh token gives a new token", accounts.refreshes),
    Line("S-11", "Signing out ends the refresh token", accounts.signs_out),
    Line("S-12", "Without a token nothing is shown", accounts.wants_a_token),
    Line("S-13", "Doctors are found", booking.finds_doctors),
    Line("S-14", "Fourteen days of slots in the documented shape", booking.shows_times),
    Line("S-15", "A free slot is held: pending_payment", booking.holds),
    Line("S-16", "The payment is ordered at Razorpay, once, for the fee", booking.orders),
    Line("S-17", "The second patient is refused with slot_taken", booking.keeps_the_second_out),
    Line("S-18", "To another patient the booking does not exist", booking.hides_from_others),
    Line("S-19", "A forged payment result is refused and changes nothing", booking.refuses_a_forged_result),
    Line("S-20", "An unsigned or forged webhook is refused", booking.refuses_a_forged_webhook),
    Line("S-21", "After paying, the webhook confirms the booking", money.confirms),
    Line("S-22", "The patient sees it confirmed and paid", money.shows_it_paid),
    Line("S-23", "The desk sees the booking with its payment", money.shows_the_desk),
    Line("S-24", "The desk sees the webhook as applied", money.shows_the_webhook),
    Line("S-25", "After cancelling, the money goes back and the slot is free", money.gives_back),
    Line("S-26", "A failed payment frees the slot", money.frees_after_a_failure),
    Line("S-27", "This walk leaves no booking behind", money.leaves_nothing),
    Line(
        "S-28",
        "Card, UPI and netbanking pay in a browser",
        by_hand("book at the public address, pay with a test card; the page changes by itself"),
    ),
    Line(
        "S-29",
        "Razorpay's Dashboard shows every webhook answered with 200",
        by_hand("Dashboard: Webhooks, the event log of this address"),
    ),
    Line(
        "S-30",
        "The refund is in Razorpay's Dashboard",
        by_hand("Dashboard: the payment, its Refunds; the amount that the booking names"),
    ),
    Line("S-31", "Mails arrive", by_hand("the booking's mail with its calendar entry, the cancellation's mail")),
    Line(
        "S-32",
        "A restart loses nothing",
        by_hand("restart app and worker while a payment is open, pay, see it confirmed"),
    ),
    Line(
        "S-33",
        "The backup was restored once",
        by_hand("restore last night's into an empty database, `python -m booking_ui invariants` there"),
    ),
    Line("S-34", "A phone can do all of it", by_hand("S-28 on a phone on mobile data")),
)  # fmt: skip


def walk(visit: Visit) -> Iterator[Outcome]:
    """Yield every line's outcome in order; one that fails stops none of the others."""
    for line in LINES:
        try:
            yield Outcome(line, "pass", line.check(visit))
        except NeedsPerson as exc:
            yield Outcome(line, "person", str(exc))
        except Failed as exc:
            yield Outcome(line, "fail", str(exc))
        except requests.RequestException as exc:
            yield Outcome(line, "fail", f"no answer ({type(exc).__name__})")
        except (KeyError, IndexError, TypeError, ValueError) as exc:
            yield Outcome(line, "fail", f"an answer of another shape ({exc!r})")
