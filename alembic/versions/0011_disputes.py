"""disputes

A payment may be disputed, several times; refunds wait for the end of one, and what a lost one took is counted.
"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel

from alembic import op

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None

CAUSES = [
    'slot_claimed', 'tried_again', 'hold_expired', 'let_go', 'payment_failed', 'paid_too_late', 'authorized', 'captured',
    'lapsed', 'not_the_bill', 'paid', 'paid_late', 'cancelled', 'concluded', 'taken_for_granted', 'paid_twice', 'mismatch',
    'dashboard', 'by_hand', 'adopted', 'paid_and_returned', 'marked_and_paid',
]
OUTCOMES = [
    'confirm', 'refund', 'adopt', 'refund_extra', 'refund_mismatch', 'authorize', 'lapse', 'fail', 'refund_pending',
    'refund_processed', 'refund_failed', 'dashboard_refund', 'refund_twice', 'downtime_news', 'downtime_began',
    'downtime_ended', 'nothing_new', 'unknown_order', 'unknown_payment', 'not_kept', 'dashboard_refund_failed',
    'already_going_back', 'no_use', 'unreadable', 'other_order', 'broken', 'returned', 'decide',
]
NEW_CAUSES = ['dispute_lost']
NEW_OUTCOMES = [
    'dispute_open', 'dispute_under_review', 'dispute_won', 'dispute_lost', 'dispute_closed', 'unknown_disputed',
]
# table, column, values of before, new values
CHOICES = [
    ('appointment', 'status_cause', CAUSES, NEW_CAUSES),
    ('audit_entry', 'cause', CAUSES, NEW_CAUSES),
    ('webhook_event', 'outcome_code', OUTCOMES, NEW_OUTCOMES),
    ('webhook_event', 'replay_code', OUTCOMES, NEW_OUTCOMES),
]


def upgrade() -> None:
    text = sqlmodel.sql.sqltypes.AutoString
    instant = sa.DateTime(timezone=True)
    op.create_table(
        'dispute',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('payment_id', sa.Integer(), nullable=False),
        sa.Column('gateway_dispute_id', text(length=40), nullable=False),
        sa.Column('gateway_payment_id', text(length=40), nullable=False),
        sa.Column('amount_paise', sa.Integer(), nullable=False),
        sa.Column('deducted_paise', sa.Integer(), nullable=False),
        sa.Column('currency', text(length=3), nullable=False),
        sa.Column('phase', text(length=24), nullable=False),
        sa.Column(
            'status',
            sa.Enum(
                'open', 'under_review', 'won', 'lost', 'closed', name='status', native_enum=False,
                create_constraint=True, length=24,
            ),
            nullable=False,
        ),
        sa.Column('reason_code', text(length=80), nullable=False),
        sa.Column('respond_by', instant, nullable=True),
        sa.Column('created_at', instant, nullable=False),
        sa.Column('changed_at', instant, nullable=False),
        sa.Column('seen_at', instant, nullable=False),
        sa.CheckConstraint('amount_paise >= 0', name=op.f('ck_dispute_amount_not_negative')),
        sa.CheckConstraint('deducted_paise >= 0', name=op.f('ck_dispute_deducted_not_negative')),
        sa.ForeignKeyConstraint(['payment_id'], ['payment.id'], name=op.f('fk_dispute_payment_id_payment')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_dispute')),
        sa.UniqueConstraint('gateway_dispute_id', name=op.f('uq_dispute_gateway_dispute_id')),
    )
    with op.batch_alter_table('dispute') as batch_op:
        batch_op.create_index(op.f('ix_dispute_gateway_payment_id'), ['gateway_payment_id'])
        batch_op.create_index(op.f('ix_dispute_payment_id'), ['payment_id'])
        batch_op.create_index('ix_dispute_status_changed_at', ['status', 'changed_at'])
    with op.batch_alter_table('payment') as batch_op:
        batch_op.add_column(sa.Column('deducted_paise', sa.Integer(), server_default='0', nullable=False))
        batch_op.create_check_constraint(
            op.f('ck_payment_deducted_within_captured'), 'deducted_paise >= 0 AND deducted_paise <= captured_paise'
        )
    with op.batch_alter_table('payment_attempt') as batch_op:
        batch_op.add_column(sa.Column('deducted_paise', sa.Integer(), server_default='0', nullable=False))
    with op.batch_alter_table('refund') as batch_op:
        batch_op.add_column(sa.Column('dispute_id', sa.Integer(), nullable=True))
        batch_op.create_foreign_key(op.f('fk_refund_dispute_id_dispute'), 'dispute', ['dispute_id'], ['id'])
        batch_op.create_check_constraint(
            op.f('ck_refund_none_is_sent_in_a_dispute'), 'dispute_id IS NULL OR next_attempt_at IS NULL'
        )
    for table, column, before, new in CHOICES:
        _choose(table, column, [*before, *new])


def downgrade() -> None:
    # What only a later version understands: the message is applied as one of no use, the change has no cause.
    for table, column, before, new in CHOICES:
        gone = f"UPDATE {table} SET {column} = {'NULL' if before is CAUSES else repr('no_use')}"
        op.execute(f"{gone} WHERE {column} IN ({_listed(new)})")
        _choose(table, column, before)
    # The desk's list of cases can't show a kind that it does not know; the comparison finds the disputes again.
    op.execute("DELETE FROM reconciliation_case WHERE kind IN ('disputed', 'dispute_lost')")
    # A refund that waits for a dispute would wait for the desk; one that a dispute ended would look refused.
    with op.batch_alter_table('refund') as batch_op:
        batch_op.drop_constraint(op.f('ck_refund_none_is_sent_in_a_dispute'), type_='check')
        batch_op.drop_constraint(op.f('fk_refund_dispute_id_dispute'), type_='foreignkey')
        batch_op.drop_column('dispute_id')
    with op.batch_alter_table('payment_attempt') as batch_op:
        batch_op.drop_column('deducted_paise')
    with op.batch_alter_table('payment') as batch_op:
        batch_op.drop_constraint(op.f('ck_payment_deducted_within_captured'), type_='check')
        batch_op.drop_column('deducted_paise')
    op.drop_table('dispute')


def _listed(values: list[str]) -> str:
    return ', '.join(map(repr, values))


def _choose(table: str, column: str, values: list[str]) -> None:
    name = op.f(f'ck_{table}_{column}')
    with op.batch_alter_table(table) as batch_op:
        batch_op.drop_constraint(name, type_='check')
        batch_op.create_check_constraint(name, f'{column} IN ({_listed(values)})')
