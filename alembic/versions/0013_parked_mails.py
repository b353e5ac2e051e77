"""refusals of mails are values; a mail that was given up is a case

Each mail that is parked already gets its case, as every one does from now on.
"""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None

REFUSALS = ['sender', 'recipient', 'content', 'sign_in', 'no_tls', 'server', 'away', 'no_address', 'broken']


def upgrade() -> None:
    with op.batch_alter_table('notification') as batch_op:
        batch_op.add_column(sa.Column('refusal', sa.String(length=24), nullable=True))
        batch_op.create_check_constraint(
            op.f('ck_notification_refusal'), f"refusal IN ({', '.join(repr(one) for one in REFUSALS)})"
        )
    op.execute(
        "INSERT INTO reconciliation_case (kind, subject, detail, opened_at, seen_at, closing_note) "
        "SELECT 'mail_parked', 'mail:' || id, SUBSTR(kind || ': ' || last_error, 1, 300), created_at, created_at, '' "
        "FROM notification WHERE status = 'parked'"
    )


def downgrade() -> None:
    op.execute("DELETE FROM reconciliation_case WHERE kind = 'mail_parked'")
    with op.batch_alter_table('notification') as batch_op:
        batch_op.drop_constraint(op.f('ck_notification_refusal'), type_='check')
        batch_op.drop_column('refusal')
