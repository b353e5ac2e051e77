"""The newest root of the audit leaves the machine once a day: to the log, and by mail to ALERT_EMAIL.

Somebody who can write to the database, and even somebody who has the key too, can't change what a root covers once that
root lies where they can't reach.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from booking_ui.config.notations import mail_box
from booking_ui.config.settings import settings
from booking_ui.domain.clock import iso
from booking_ui.gateways import mail
from booking_ui.services.journal import audit_roots, heartbeats
from booking_ui.services.mail import letter

log = structlog.get_logger()

DAILY = timedelta(days=1)
TOLD = "audit root told"  # the heartbeat of a root that left


def send_daily(*, now: datetime) -> int:
    """Tell of the newest root once a day; called more often, it tries again as long as the mail is refused.

    Returns 1 when a root left.
    """
    last = heartbeats.last_beats().get(TOLD)
    if last is not None and timedelta(0) <= now - last < DAILY:
        return 0
    audit_roots.extend(now=now)
    root = audit_roots.newest_name()
    if not root:
        return 0
    log.info("audit.root", root=root)
    try:
        _mail(root, now)
    except mail.MailError as exc:
        log.warning("audit.root_not_mailed", reason=str(exc))
        return 0
    heartbeats.beat(job=TOLD, now=now)
    return 1


def _mail(root: str, now: datetime) -> None:
    if not settings().alert_email:
        return
    text = (
        f"Root of the audit of {settings().merchant_name}, {iso(now)}:\n\n{root}\n\n"
        "Keep this mail where nobody who runs the clinic's machine can delete it. To prove that nothing was changed "
        "which happened before it, run:\n\n"
        f"python -m booking_ui audit verify --root {root}"
    )
    link = f"{settings().base_url}/admin/audit/"
    mail.send(
        mail.Message(
            to=mail_box(settings().alert_email)[1],
            subject=f"Root of the audit, {now.date().isoformat()}",
            text=f"{text}\n",
            html=letter.page(text, link, "Open the audit"),
            key=f"audit-root-{root}",
        )
    )
