"""What a due mail says, without sending it."""

from __future__ import annotations

from datetime import datetime

from booking_ui.db.models import Appointment, Notification
from booking_ui.db.session import read
from booking_ui.gateways import mail
from booking_ui.services.mail import visit_mails
from booking_ui.services.visits import patient_view


def written(notification_id: int, now: datetime) -> mail.Message:
    with read() as tx:
        row = tx.get_one(Notification, notification_id)
        booking = patient_view.load(tx, Appointment.id == row.appointment_id)[0]
    return visit_mails.compose(row, booking, now)
