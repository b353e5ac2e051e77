"""Bookings in the states that a demo clinic does not have: each made once, with somebody of its own."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps

import requests

from booking_ui.config.settings import SANDBOX_KEY_ID, SANDBOX_KEY_SECRET
from booking_ui.domain.clock import utc_now
from tests.support.browser import Patient, Time, a_free_time, api, begins, hold, newcomer, rows, state_of
from tests.support.servers import App, wait_until

LONG_NAME = "Venkatanarasimharajuvaripeta Subrahmanyaswamy Chakravarthula Padmanabhan-Iyengar"


@dataclass(frozen=True)
class Scene:
    """A booking, whose it is, and Razorpay's order for it."""

    patient: Patient
    time: Time
    reference: str
    order: str


_made: dict[tuple[str, str], Scene] = {}


def once(make: Callable[[App], Scene]) -> Callable[[App], Scene]:
    """The same scene for every picture of one clinic."""

    @wraps(make)
    def found(app: App) -> Scene:
        key = (app.base_url, make.__name__)
        if key not in _made:
            _made[key] = make(app)
        return _made[key]

    return found


def sandbox(app: App, path: str, /, **body: object) -> None:
    requests.post(f"{app.sandbox_url}/_sandbox/{path}", json=body, timeout=10).raise_for_status()


def held(app: App, name: str = "Meera Nair") -> Scene:
    patient, time = newcomer(app, name), a_free_time(app)
    reference = hold(app, patient, time)
    found = rows(app, "SELECT id FROM appointment WHERE reference = ?", reference)[0][0]
    made = api(app, "POST", "payments/intent", patient.token, appointmentId=found)
    return Scene(patient, time, reference, made["data"]["gatewayOrderId"])


def _until(app: App, scene: Scene, *statuses: tuple[str, str]) -> Scene:
    wait_until(
        lambda: state_of(app, scene.reference)[:2] in statuses, what=f"{scene.reference} in {statuses}"
    )
    return scene


def hold_ends(app: App, scene: Scene, seconds: int) -> None:
    """The hold ends that many seconds from now."""
    ends = (utc_now() + timedelta(seconds=seconds)).strftime("%Y-%m-%d %H:%M:%S.%f")
    with sqlite3.connect(app.data_dir / "booking.db", timeout=30) as database:
        database.execute(
            "UPDATE appointment SET hold_expires_at = ? WHERE reference = ?", (ends, scene.reference)
        )


@once
def waiting(app: App) -> Scene:
    return held(app)


@once
def over(app: App) -> Scene:
    scene = held(app)
    hold_ends(app, scene, -1)
    return _until(app, scene, ("failed", "failed"))


@once
def checking(app: App) -> Scene:
    scene = held(app)
    # The clinic would capture it by itself before the last picture is taken.
    sandbox(app, "faults/http", kind="502", method="POST", path="/v1/payments/*/capture", times=0)
    sandbox(app, f"orders/{scene.order}/pay", outcome="authorized")
    return _until(app, scene, ("pending_payment", "authorized"))


def _paid(app: App, name: str = "Meera Nair") -> Scene:
    scene = held(app, name)
    sandbox(app, f"orders/{scene.order}/pay", method="upi")
    return _until(app, scene, ("confirmed", "captured"))


@once
def long_name(app: App) -> Scene:
    return _paid(app, LONG_NAME)


def _lost(app: App, refund: str) -> Scene:
    """The payment comes when somebody else has the time; Razorpay's refund of it is then as told."""
    scene = held(app)
    hold_ends(app, scene, -1)
    _until(app, scene, ("failed", "failed"))
    hold(app, newcomer(app, "Ravi Menon"), scene.time)
    sandbox(app, "switches", refunds=refund)
    asked = (
        "SELECT COUNT(*) FROM refund r JOIN payment p ON p.id = r.payment_id WHERE p.gateway_order_id = ? "
        "AND r.gateway_refund_id <> '' AND r.status = ?"
    )
    try:
        sandbox(app, f"orders/{scene.order}/pay", method="upi")
        wait_until(
            lambda: rows(app, asked, scene.order, refund) == [(1,)], seconds=40, what=f"a {refund} refund"
        )
    finally:
        sandbox(app, "switches", refunds="processed")
    return scene


@once
def slot_lost(app: App) -> Scene:
    return _lost(app, "processed")


@once
def refund_due(app: App) -> Scene:
    return _lost(app, "pending")


@once
def refund_failed(app: App) -> Scene:
    return _lost(app, "failed")


@once
def refunded_visit(app: App) -> Scene:
    """Given back at Razorpay's dashboard while the visit stands: the desk has to decide."""
    scene = _paid(app)
    payment = rows(app, "SELECT gateway_payment_id FROM payment WHERE gateway_order_id = ?", scene.order)[0][
        0
    ]
    requests.post(
        f"{app.sandbox_url}/v1/payments/{payment}/refund",
        json={},
        auth=(SANDBOX_KEY_ID, SANDBOX_KEY_SECRET),
        timeout=10,
    ).raise_for_status()
    return _until(app, scene, ("confirmed", "refunded"))


@once
def disputed(app: App) -> Scene:
    """The patient's bank looks into the payment of a visit, which is then cancelled: the refund waits."""
    scene = _paid(app)
    payment = rows(app, "SELECT gateway_payment_id FROM payment WHERE gateway_order_id = ?", scene.order)[0][
        0
    ]
    sandbox(app, f"payments/{payment}/dispute")
    wait_until(
        lambda: rows(app, "SELECT COUNT(*) FROM dispute WHERE gateway_payment_id = ?", payment) == [(1,)],
        what="the dispute",
    )
    found = rows(app, "SELECT id FROM appointment WHERE reference = ?", scene.reference)[0][0]
    api(app, "POST", f"appointments/{found}/cancel", scene.patient.token)
    return scene


@once
def begun(app: App) -> Scene:
    scene = _paid(app)
    begins(app, scene.reference)
    return scene


def newcomer_without_visits(app: App) -> Patient:
    return newcomer(app, "Nila Das")
