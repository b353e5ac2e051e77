"""refunds have the instant at which Razorpay made them, beside the one at which we heard of it

A refund that went through before keeps its only instant.
"""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op
from booking_ui.db.columns import Instant

revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('refund', sa.Column('refunded_at', Instant(), nullable=True))
    op.execute("UPDATE refund SET refunded_at = updated_at WHERE status = 'processed'")


def downgrade() -> None:
    with op.batch_alter_table('refund') as batch_op:
        batch_op.drop_column('refunded_at')
