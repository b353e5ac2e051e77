"""The ledger of mails over HTTP: read and sent again by the desk alone."""

from __future__ import annotations

from sqlmodel import select, update

from booking_ui.db.models import AuditEntry, DeliveryStatus, Notification
from booking_ui.db.session import read, write
from booking_ui.domain.mail_refusal import Refusal
from booking_ui.services.mail import outbox
from tests.support.api import Caller
from tests.support.cast import NOW, Cast

MESSAGE = {
    "messageId", "kind", "label", "channel", "recipient", "patientName", "reference", "status", "attempts", "sentAgain",
    "answer", "dueAt", "sentAt", "nextAttemptAt",
}  # fmt: skip


def a_parked_mail(cast: Cast) -> None:
    with write() as tx:
        outbox.add_account_mail(
            tx, person_id=cast.asha, code_id=None, kind="password_changed", key="1", now=NOW
        )
        tx.flush()
        tx.exec(
            update(Notification).values(
                status=DeliveryStatus.PARKED, next_attempt_at=None, attempts=1,
                refusal=Refusal.RECIPIENT, last_error="SMTPRecipientsRefused 550",
            )
        )  # fmt: skip


def resent() -> list[str]:
    with read() as tx:
        return list(tx.exec(select(AuditEntry.actor).where(AuditEntry.action == "sent_again")).all())


def test_the_mails_are_one_page_with_counts(devi: Caller, cast: Cast) -> None:
    a_parked_mail(cast)
    body = devi.get("/api/admin/messages", status="parked", q="asha").json()
    assert (body["success"], body["message"]) == (True, "1 message.")
    (row,) = body["data"].pop("messages")
    assert set(row) == MESSAGE
    assert (row["recipient"], row["kind"], row["reference"], row["nextAttemptAt"]) == (
        "asha@example.com",
        "password_changed",
        None,
        None,
    )
    assert row["answer"] == "The mail server refuses the recipient (SMTPRecipientsRefused 550)."
    counts = {"waiting": 0, "done": 0, "ignored": 0, "parked": 1}
    assert body["data"] == {"total": 1, "page": 1, "pages": 1, "statusCounts": counts}
    assert devi.get("/api/admin/messages", status="done").json()["data"]["messages"] == []


def test_one_is_sent_again_once_in_the_name_of_who_is_signed_in(devi: Caller, cast: Cast) -> None:
    a_parked_mail(cast)
    (row,) = devi.get("/api/admin/messages").json()["data"]["messages"]
    for _ in range(2):
        answer = devi.post(f"/api/admin/messages/{row['messageId']}/send")
        assert (answer.status_code, answer.json()["data"]["status"]) == (200, "waiting")
    assert resent() == [f"admin:{cast.devi.person_id}"]


def test_what_makes_no_sense_names_its_field(devi: Caller) -> None:
    for query, field in (("status=lost", "status"), ("page=0", "page"), ("pageSize=101", "pageSize")):
        answer = devi.send("GET", f"/api/admin/messages?{query}")
        assert answer.status_code == 422, query
        assert [one["field"] for one in answer.json()["errors"]] == [field]
    assert devi.post("/api/admin/messages/2147483647/send").json()["code"] == "not_found"


def test_only_the_desk_may_see_or_send(asha: Caller, anybody: Caller, cast: Cast) -> None:
    a_parked_mail(cast)
    for who, status in ((asha, 403), (anybody, 401)):
        assert who.get("/api/admin/messages").status_code == status
        assert who.post("/api/admin/messages/1/send").status_code == status
    assert resent() == []
