"""Accounts and tokens."""

from __future__ import annotations

from booking_ui.smoke.visit import PASSWORD, Visit, must


def registers(visit: Visit) -> str:
    visit.first_account, visit.second_account = (
        visit.open_account("Smoke Asha"),
        visit.open_account("Smoke Bilal"),
    )
    body = {"name": "Twice", "email": visit.first_account.email, "phone": "9876543210", "password": PASSWORD}
    visit.ask("POST", "/api/auth/register", body=body).expect(409, "email_taken")
    return "two accounts; the same mail again is refused"


def signs_in(visit: Visit) -> str:
    email = visit.patient.email
    pair = visit.ask("POST", "/api/auth/login", body={"email": email, "password": PASSWORD}).expect(200).data
    visit.patient.token, visit.patient.refresh = pair["accessToken"], pair["refreshToken"]
    wrong = {"email": email, "password": f"not-{PASSWORD}"}
    visit.ask("POST", "/api/auth/login", body=wrong).expect(401, "wrong_credentials")
    return f"token for {pair['expiresIn']} s; a wrong password is refused"


def refreshes(visit: Visit) -> str:
    body = {"refreshToken": visit.patient.refresh}
    pair = visit.ask("POST", "/api/auth/refresh", body=body).expect(200).data
    must(pair["refreshToken"] != body["refreshToken"], "the same refresh token came back")
    visit.patient.token, visit.patient.refresh = pair["accessToken"], pair["refreshToken"]
    return "a new pair"


def signs_out(visit: Visit) -> str:
    body = {"refreshToken": visit.other.refresh}
    visit.ask("POST", "/api/auth/logout", body=body).expect(200)
    visit.ask("POST", "/api/auth/refresh", body=body).expect(401, "not_signed_in")
    return "its refresh token is dead"


def wants_a_token(visit: Visit) -> str:
    visit.ask("GET", "/api/appointments").expect(401, "not_signed_in")
    visit.ask("GET", "/api/appointments", headers={"Authorization": "Bearer made.up.token"}).expect(
        401, "not_signed_in"
    )
    return "none and a made-up one are refused"
