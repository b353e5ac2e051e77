"""payments by the time they were captured or failed"""

from __future__ import annotations

from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index('ix_payment_captured_at', 'payment', ['captured_at'], unique=False)
    op.create_index('ix_payment_status_updated_at', 'payment', ['status', 'updated_at'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_payment_status_updated_at', table_name='payment')
    op.drop_index('ix_payment_captured_at', table_name='payment')
