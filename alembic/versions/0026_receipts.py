"""receipts and credit notes with gapless numbers; doctors' registration numbers"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel

from alembic import op
from booking_ui.db.columns import Instant

revision = '0026'
down_revision = '0024'
branch_labels = None
depends_on = None

OF_A_BILL = sa.text("kind = 'receipt'")


def upgrade() -> None:
    op.create_table(
        'receipt',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('kind', sa.String(length=24), nullable=False),
        sa.Column('financial_year', sa.Integer(), nullable=False),
        sa.Column('number', sa.Integer(), nullable=False),
        sa.Column('previous', sa.Integer(), nullable=True),
        sa.Column('payment_id', sa.Integer(), nullable=True),
        sa.Column('refund_id', sa.Integer(), nullable=True),
        sa.Column('amount_paise', sa.Integer(), nullable=False),
        sa.Column('currency', sqlmodel.sql.sqltypes.AutoString(length=3), nullable=False),
        sa.Column('facts', sa.JSON(), nullable=False),
        sa.Column('issued_at', Instant(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('receipt', 'credit_note')", name=op.f('ck_receipt_kind')),
        sa.CheckConstraint(
            'number = 1 AND previous IS NULL OR number > 1 AND previous IS NOT NULL AND previous = number - 1',
            name=op.f('ck_receipt_follows_its_predecessor'),
        ),
        sa.CheckConstraint('amount_paise > 0', name=op.f('ck_receipt_amount_positive')),
        sa.CheckConstraint(
            "kind = 'credit_note' OR refund_id IS NULL", name=op.f('ck_receipt_a_receipt_is_of_no_refund')
        ),
        sa.ForeignKeyConstraint(
            ['kind', 'financial_year', 'previous'],
            ['receipt.kind', 'receipt.financial_year', 'receipt.number'],
            name=op.f('fk_receipt_kind_receipt'),
        ),
        sa.ForeignKeyConstraint(['payment_id'], ['payment.id'], name=op.f('fk_receipt_payment_id_payment')),
        sa.ForeignKeyConstraint(['refund_id'], ['refund.id'], name=op.f('fk_receipt_refund_id_refund')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_receipt')),
        sa.UniqueConstraint('kind', 'financial_year', 'number', name=op.f('uq_receipt_kind_financial_year_number')),
        sa.UniqueConstraint('refund_id', name=op.f('uq_receipt_refund_id')),
    )
    op.create_index(
        'uq_receipt_of_payment',
        'receipt',
        ['payment_id'],
        unique=True,
        sqlite_where=OF_A_BILL,
        postgresql_where=OF_A_BILL,
    )
    op.create_index('ix_receipt_payment_id', 'receipt', ['payment_id'])
    op.create_index('ix_refund_refunded_at', 'refund', ['refunded_at'])
    with op.batch_alter_table('doctor') as batch_op:
        batch_op.add_column(
            sa.Column(
                'registration', sqlmodel.sql.sqltypes.AutoString(length=60), server_default='', nullable=False
            )
        )


def downgrade() -> None:
    with op.batch_alter_table('doctor') as batch_op:
        batch_op.drop_column('registration')
    op.drop_index('ix_refund_refunded_at', 'refund')
    op.drop_table('receipt')
