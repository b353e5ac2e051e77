"""messages go by mail, SMS or WhatsApp; people stop those that they do not want"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel

from alembic import op

revision = '0024'
down_revision = '0023'
branch_labels = None
depends_on = None

REFUSALS = ['sender', 'recipient', 'content', 'sign_in', 'no_tls', 'server', 'away', 'no_address', 'broken', 'too_many']
CHANNELS = ['mail', 'sms', 'whatsapp']


def upgrade() -> None:
    with op.batch_alter_table('notification') as batch_op:
        batch_op.add_column(sa.Column('channel', sa.String(length=24), server_default='mail', nullable=False))
        batch_op.add_column(_text('words', 300))
        batch_op.create_check_constraint(op.f('ck_notification_channel'), _one_of('channel', CHANNELS))
    _refusals([*REFUSALS, 'lost', 'quiet'])
    with op.batch_alter_table('person') as batch_op:
        batch_op.add_column(_text('stopped_messages', 40))


def _text(name: str, length: int) -> sa.Column[str]:
    return sa.Column(
        name, sqlmodel.sql.sqltypes.AutoString(length=length), server_default='', nullable=False
    )


def _one_of(column: str, values: list[str]) -> str:
    return f"{column} IN ({', '.join(repr(one) for one in values)})"


def _refusals(values: list[str]) -> None:
    with op.batch_alter_table('notification') as batch_op:
        batch_op.drop_constraint(op.f('ck_notification_refusal'), type_='check')
        batch_op.create_check_constraint(op.f('ck_notification_refusal'), _one_of('refusal', values))


def downgrade() -> None:
    with op.batch_alter_table('person') as batch_op:
        batch_op.drop_column('stopped_messages')
    # The old code would mail them: what was meant for a telephone goes, and its case with it.
    op.execute(
        "DELETE FROM reconciliation_case WHERE kind = 'mail_parked' AND subject IN "
        "(SELECT 'mail:' || id FROM notification WHERE channel <> 'mail')"
    )
    op.execute("DELETE FROM notification WHERE channel <> 'mail'")
    op.execute("UPDATE notification SET refusal = NULL WHERE refusal IN ('lost', 'quiet')")
    _refusals(REFUSALS)
    with op.batch_alter_table('notification') as batch_op:
        batch_op.drop_constraint(op.f('ck_notification_channel'), type_='check')
        batch_op.drop_column('words')
        batch_op.drop_column('channel')
