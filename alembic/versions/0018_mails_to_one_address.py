"""mails are counted for each address, by a keyed hash of it"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel

from alembic import op

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None

REFUSALS = ['sender', 'recipient', 'content', 'sign_in', 'no_tls', 'server', 'away', 'no_address', 'broken']


def upgrade() -> None:
    with op.batch_alter_table('notification') as batch_op:
        batch_op.add_column(
            sa.Column('address_hash', sqlmodel.sql.sqltypes.AutoString(length=64), server_default='', nullable=False)
        )
    _refusals([*REFUSALS, 'too_many'])
    op.create_index('ix_notification_address_hash_sent_at', 'notification', ['address_hash', 'sent_at'])


def _refusals(values: list[str]) -> None:
    with op.batch_alter_table('notification') as batch_op:
        batch_op.drop_constraint(op.f('ck_notification_refusal'), type_='check')
        batch_op.create_check_constraint(
            op.f('ck_notification_refusal'), f"refusal IN ({', '.join(repr(one) for one in values)})"
        )


def downgrade() -> None:
    op.execute("UPDATE notification SET refusal = NULL WHERE refusal = 'too_many'")
    op.drop_index('ix_notification_address_hash_sent_at', 'notification')
    _refusals(REFUSALS)
    with op.batch_alter_table('notification') as batch_op:
        batch_op.drop_column('address_hash')
