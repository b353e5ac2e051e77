"""messages, mails and refunds keep the id of the request that they came from, or none if they are older"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel

from alembic import op

revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None

TABLES = ('webhook_event', 'notification', 'refund')


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column('request_id', sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True))


def downgrade() -> None:
    for table in TABLES:
        with op.batch_alter_table(table) as batch_op:
            batch_op.drop_column('request_id')
