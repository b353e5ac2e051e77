"""Payouts and audit through the API: exact, for the desk alone, and safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io

import pytest

from booking_ui.api.desk.payouts import inert
from booking_ui.db.models import Doctor, Person, Role, pk
from booking_ui.db.session import write
from tests.support.api import Caller, Door, signed_in
from tests.support.cast import FIRST_SLOT, NOW, Cast
from tests.support.week_of_money import Week, live_through

JANUARY = {"dateFrom": "2026-01-01", "dateTo": "2026-01-31"}
DESKS_OWN = ("/api/admin/payouts/summary", "/api/admin/payouts.csv", "/api/admin/audit")
FIGURES = ("pending", "captured", "refunded", "refundDue", "deducted", "failed", "net")
ENTRY = {
    "auditEntryId", "at", "subject", "reference", "seq", "actor", "actorName", "action", "before", "after", "reason",
    "text", "chainVerified",
}  # fmt: skip


@pytest.fixture
def week(cast: Cast) -> Week:
    return live_through(cast)


@pytest.fixture
def chandra(door: Door, cast: Cast) -> Caller:
    with write() as tx:
        account = Person(
            name="Dr Chandra Rao", email="chandra@example.com", phone="+919800000009", password_hash="-",
            role=Role.DOCTOR, doctor_id=cast.chandra, created_at=NOW,
        )  # fmt: skip
        tx.add(account)
        tx.flush()
        person_id = pk(account)
    return signed_in(door, person_id)


def test_the_summary_is_exact_in_rupees_and_paise(devi: Caller, week: Week, cast: Cast) -> None:
    body = devi.get("/api/admin/payouts/summary", **JANUARY).json()

    assert (body["success"], body["message"]) == (True, "Thu 1 Jan – Sat 31 Jan.")
    data = body["data"]
    assert {name: tuple(data[name].values()) for name in FIGURES} == {
        "pending": (2, 1600.0, 160_000),
        "captured": (6, 4000.0, 400_000),
        "refunded": (2, 700.0, 70_000),
        "refundDue": (2, 1500.0, 150_000),
        "deducted": (0, 0.0, 0),
        "failed": (1, 800.0, 80_000),
        "net": (6, 1800.0, 180_000),
    }
    assert data["gatewayFees"] == {"payments": 2, "amount": 23.6, "amountPaise": 2360}
    assert (data["dateFrom"], data["dateTo"]) == ("2026-01-01", "2026-01-31")
    assert [(one["doctorId"], one["doctorSlug"], one["net"]["amountPaise"]) for one in data["doctors"]] == [
        (cast.chandra, "dr-chandra-rao", 180_000),
        (week.ezhil, "dr-ezhil-mani", 0),
    ]


def test_one_doctor_may_be_asked_for_and_no_period_means_this_month(devi: Caller, week: Week) -> None:
    data = devi.get("/api/admin/payouts/summary", doctorId=str(week.ezhil)).json()["data"]

    assert (data["dateFrom"], data["dateTo"]) == ("2026-01-01", "2026-01-05")
    assert data["captured"] == {"bookings": 1, "amount": 800.0, "amountPaise": 80_000}
    assert [one["doctorName"] for one in data["doctors"]] == ["Dr Ezhil Mani"]


@pytest.mark.parametrize("name", FIGURES)
def test_the_bookings_of_a_figure_are_those_it_counts(devi: Caller, week: Week, name: str) -> None:
    figure = devi.get("/api/admin/payouts/summary", **JANUARY).json()["data"][name]
    money = "refund_due" if name == "refundDue" else name
    asked = {"money": money, "moneyFrom": "2026-01-01", "moneyTo": "2026-01-31"}

    page = devi.get("/api/admin/appointments", **asked).json()["data"]

    assert (page["total"], page["moneyPaise"]) == (figure["bookings"], figure["amountPaise"])
    assert sum(row["moneyPaise"] for row in page["appointments"]) == figure["amountPaise"]


def test_without_a_figure_no_part_of_one_is_named(devi: Caller, week: Week) -> None:
    page = devi.get("/api/admin/appointments").json()["data"]
    assert page["moneyPaise"] is None
    assert {row["moneyPaise"] for row in page["appointments"]} == {None}


def test_the_spreadsheet_has_every_movement_in_rupees_and_paise(devi: Caller, week: Week) -> None:
    answer = devi.get("/api/admin/payouts.csv", **JANUARY)

    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == (
        'attachment; filename="payouts-2026-01-01-2026-01-31.csv"'
    )
    assert answer.content.startswith(b"\xef\xbb\xbf")
    head, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert head[6:9] == ["Rupees", "Paise", "Currency"]
    assert len(rows) == 11
    assert sum(int(row[7]) for row in rows if row[2] == "captured") == 400_000
    assert rows[0][:3] + rows[0][6:9] == ["2026-01-05", "10:00", "captured", "500.00", "50000", "INR"]


def test_a_doctor_whose_name_is_a_formula_stays_a_name_in_the_spreadsheet(
    devi: Caller, week: Week, cast: Cast
) -> None:
    with write() as tx:
        doctor = tx.get(Doctor, cast.chandra)
        assert doctor is not None
        doctor.name = '=HYPERLINK("http://evil.example","Dr Chandra")'
        tx.add(doctor)

    answer = devi.get("/api/admin/payouts.csv", doctorId=str(cast.chandra), **JANUARY)

    _, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert {row[4] for row in rows} == {'\'=HYPERLINK("http://evil.example","Dr Chandra")'}


@pytest.mark.parametrize("cell", ["=1+1", "+91", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_cell_that_a_spreadsheet_would_run_is_made_inert(cell: str) -> None:
    assert inert(cell) == f"'{cell}"


def test_a_period_that_makes_no_sense_names_its_field(devi: Caller, week: Week) -> None:
    for query, field in (
        ("dateFrom=2026-02-01&dateTo=2026-01-01", "dateTo"),
        ("dateFrom=2024-01-01&dateTo=2026-01-01", "dateTo"),
        ("dateFrom=soon", "dateFrom"),
        ("doctorId=0", "doctorId"),
    ):
        for path in DESKS_OWN[:2]:
            answer = devi.send("GET", f"{path}?{query}")
            assert answer.status_code == 422, query
            assert [one["field"] for one in answer.json()["errors"]] == [field]
    for query, field in (
        ("money=profit", "money"),
        ("money=net&moneyFrom=2026-02-01&moneyTo=2026-01-01", "moneyTo"),
    ):
        answer = devi.send("GET", f"/api/admin/appointments?{query}")
        assert [one["field"] for one in answer.json()["errors"]] == [field]


@pytest.mark.parametrize("path", DESKS_OWN)
def test_only_the_desk_may_see_money_and_trail(
    asha: Caller, chandra: Caller, anybody: Caller, path: str
) -> None:
    for who, status, code in (
        (asha, 403, "forbidden"),
        (chandra, 403, "forbidden"),
        (anybody, 401, "not_signed_in"),
    ):
        answer = who.get(path)
        assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_the_trail_of_a_booking_is_newest_first_and_names_nobodys_mail(devi: Caller, week: Week) -> None:
    body = devi.get("/api/admin/audit", reference=week.c1).json()

    assert (body["message"], body["data"]["total"], body["data"]["pages"]) == ("4 entries.", 4, 1)
    entries = body["data"]["entries"]
    assert [one["seq"] for one in entries] == [4, 3, 2, 1]
    assert all(set(one) == ENTRY and one["chainVerified"] and one["reference"] == week.c1 for one in entries)
    assert (entries[0]["actor"], entries[0]["actorName"], entries[0]["after"]) == (
        "razorpay:webhook",
        "Razorpay, by webhook",
        "confirmed",
    )
    everything = devi.get("/api/admin/audit", pageSize="100").text
    assert "@" not in everything
    assert "+9198" not in everything


def test_a_trail_filter_that_makes_no_sense_names_its_field(devi: Caller) -> None:
    for query, field in (
        ("page=0", "page"),
        ("pageSize=101", "pageSize"),
        ("appointmentId=x", "appointmentId"),
        ("dateFrom=2026-02-01&dateTo=2026-01-01", "dateTo"),
        ("actor=%00", "actor"),
    ):
        answer = devi.send("GET", f"/api/admin/audit?{query}")
        assert answer.status_code == 422, query
        assert [one["field"] for one in answer.json()["errors"]] == [field]


def test_the_desk_says_whether_a_visit_took_place_once_it_began(
    devi: Caller, asha: Caller, week: Week, clock: object
) -> None:
    (row,) = devi.get("/api/admin/appointments", q=week.c1).json()["data"]["appointments"]
    path = f"/api/admin/appointments/{row['appointmentId']}/conclude"
    assert asha.post(path, {"status": "completed"}).status_code == 403
    early = devi.post(path, {"status": "completed"})
    assert (early.status_code, early.json()["code"]) == (409, "wrong_state")
    assert devi.post(path, {"status": "cancelled"}).status_code == 422

    clock.now = FIRST_SLOT  # type: ignore[attr-defined]
    token = {"Authorization": signed_in(devi.door, 3, FIRST_SLOT).headers["Authorization"]}
    said = devi.send("POST", path, json={"status": "no_show"}, headers=token)

    assert said.json() == {"success": True, "message": "Visit marked as missed.", "data": None}
    again = devi.send("POST", path, json={"status": "completed"}, headers=token)
    assert (again.status_code, again.json()["code"]) == (409, "wrong_state")
    (row,) = devi.send("GET", f"/api/admin/appointments?q={week.c1}", headers=token).json()["data"][
        "appointments"
    ]
    assert row["status"] == "no_show"


def test_a_patients_history_says_what_was_paid_and_given_back(bilal: Caller, week: Week) -> None:
    found = {one["reference"]: one for one in bilal.get("/api/appointments").json()["data"]}

    assert {name: (one["paidPaise"], one["refundedPaise"]) for name, one in found.items()} == {
        week.c3: (50_000, 20_000),
        week.c4: (50_000, 0),
        week.e1_bilal: (0, 0),
        week.e3: (70_000, 0),
    }
    assert (found[week.c3]["paidAmount"], found[week.c3]["refundedAmount"]) == (500.0, 200.0)
