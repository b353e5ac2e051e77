"""when a case was announced to ALERT_EMAIL, and mails about cases

A case that is open already counts as not announced: the first start with ALERT_EMAIL tells of it.
"""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op
from booking_ui.db.columns import Instant

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None

ABOUT = "appointment_id IS NOT NULL OR person_id IS NOT NULL OR status = 'ignored'"


def upgrade() -> None:
    with op.batch_alter_table('reconciliation_case') as batch_op:
        batch_op.add_column(sa.Column('announced_at', Instant(), nullable=True))
    _mails_about(f"{ABOUT} OR kind = 'case_opened'")


def _mails_about(condition: str) -> None:
    with op.batch_alter_table('notification') as batch_op:
        batch_op.drop_constraint(op.f('ck_notification_about_something'), type_='check')
        batch_op.create_check_constraint(op.f('ck_notification_about_something'), condition)


def downgrade() -> None:
    op.execute("DELETE FROM reconciliation_case WHERE kind = 'alert_parked'")
    op.execute("DELETE FROM notification WHERE kind = 'case_opened'")
    _mails_about(ABOUT)
    with op.batch_alter_table('reconciliation_case') as batch_op:
        batch_op.drop_column('announced_at')
