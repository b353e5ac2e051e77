"""promises that could not be checked, and notes on their counts"""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('promise_count') as batch_op:
        batch_op.add_column(sa.Column('unchecked', sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column('note', sa.String(length=200), server_default='', nullable=False))


def downgrade() -> None:
    op.execute('DELETE FROM promise_count WHERE unchecked')
    with op.batch_alter_table('promise_count') as batch_op:
        batch_op.drop_column('note')
        batch_op.drop_column('unchecked')
