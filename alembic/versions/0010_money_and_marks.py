"""the desk's marks, retired orders, and terms frozen at the hold

The payment that a mark is about gets a column that is written once; an order that took another amount is kept beside the
one that is open; a booking keeps the cancellation policy of its hold.
"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel

from alembic import op
from booking_ui.db.columns import Instant

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None

CAUSES = [
    'slot_claimed', 'tried_again', 'hold_expired', 'let_go', 'payment_failed', 'paid_too_late', 'authorized',
    'captured', 'lapsed', 'not_the_bill', 'paid', 'paid_late', 'cancelled', 'concluded', 'taken_for_granted',
    'paid_twice', 'mismatch', 'dashboard', 'by_hand', 'adopted',
]
NEW_CAUSES = ['paid_and_returned', 'marked_and_paid']
OUTCOMES = [
    'confirm', 'refund', 'adopt', 'refund_extra', 'refund_mismatch', 'authorize', 'lapse', 'fail', 'refund_pending',
    'refund_processed', 'refund_failed', 'dashboard_refund', 'refund_twice', 'downtime_news', 'downtime_began',
    'downtime_ended', 'nothing_new', 'unknown_order', 'unknown_payment', 'not_kept', 'dashboard_refund_failed',
    'already_going_back', 'no_use', 'unreadable', 'other_order', 'broken',
]
NEW_OUTCOMES = ['returned', 'decide']


def one_of(column: str, values: list[str]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


def upgrade() -> None:
    with op.batch_alter_table('appointment') as batch_op:
        batch_op.add_column(sa.Column('held_at', Instant(), nullable=True))
        batch_op.add_column(
            sa.Column('cancellation_policy', sqlmodel.sql.sqltypes.AutoString(length=200), server_default='', nullable=False)
        )
    with op.batch_alter_table('payment') as batch_op:
        batch_op.add_column(sa.Column('recorded_at', Instant(), nullable=True))
        batch_op.add_column(
            sa.Column('marked_payment_id', sqlmodel.sql.sqltypes.AutoString(length=40), nullable=True)
        )
        batch_op.create_unique_constraint(op.f('uq_payment_marked_payment_id'), ['marked_payment_id'])
    _name_marked_payments()
    _say_when_holds_began()
    op.create_table(
        'retired_order',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('payment_id', sa.Integer(), nullable=False),
        sa.Column('gateway_order_id', sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column('retired_at', Instant(), nullable=False),
        sa.ForeignKeyConstraint(['payment_id'], ['payment.id'], name=op.f('fk_retired_order_payment_id_payment')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_retired_order')),
        sa.UniqueConstraint('gateway_order_id', name=op.f('uq_retired_order_gateway_order_id')),
    )
    op.create_index(op.f('ix_retired_order_payment_id'), 'retired_order', ['payment_id'])
    _choices([*CAUSES, *NEW_CAUSES], [*OUTCOMES, *NEW_OUTCOMES])


def _name_marked_payments() -> None:
    """The reference of a mark that is a payment's id; of two bookings marked by one payment the older one has it."""
    payment = sa.table(
        'payment', *map(sa.column, ('id', 'method', 'status', 'gateway_payment_id', 'mark_reference', 'marked_payment_id', 'captured_at', 'recorded_at'))
    )
    older = payment.alias('older')
    first = ~sa.exists().where(older.c.mark_reference == payment.c.mark_reference, older.c.id < payment.c.id)
    op.execute(
        payment.update()
        .where(payment.c.mark_reference.like('pay\\_%', escape='\\'), sa.func.length(payment.c.mark_reference) <= 40, first)
        .where(sa.or_(payment.c.method == 'desk', payment.c.gateway_payment_id == payment.c.mark_reference))
        .values(marked_payment_id=payment.c.mark_reference)
    )
    op.execute(payment.update().values(recorded_at=payment.c.captured_at))


def _say_when_holds_began() -> None:
    """A hold that runs began with the booking's last change to it; else an old attempt that fails late would end it."""
    op.execute(
        "UPDATE appointment SET held_at = (SELECT MAX(e.at) FROM audit_entry e WHERE e.subject = 'appointment:' || appointment.id "
        "AND e.action = 'appointment' AND e.after = 'pending_payment') WHERE status = 'pending_payment'"
    )


def _choices(causes: list[str], outcomes: list[str]) -> None:
    for table, columns, values in (
        ('appointment', ['status_cause'], causes),
        ('audit_entry', ['cause'], causes),
        ('webhook_event', ['outcome_code', 'replay_code'], outcomes),
    ):
        with op.batch_alter_table(table) as batch_op:
            for column in columns:
                name = op.f(f'ck_{table}_{column}')
                batch_op.drop_constraint(name, type_='check')
                batch_op.create_check_constraint(name, one_of(column, values))


def downgrade() -> None:
    for table, column, values, instead in (
        ('appointment', 'status_cause', NEW_CAUSES, 'paid_too_late'),
        ('audit_entry', 'cause', NEW_CAUSES, 'paid_too_late'),
        ('webhook_event', 'outcome_code', NEW_OUTCOMES, 'refund'),
        ('webhook_event', 'replay_code', NEW_OUTCOMES, 'refund'),
    ):
        op.execute(f"UPDATE {table} SET {column} = '{instead}' WHERE {one_of(column, values)}")
    _choices(CAUSES, OUTCOMES)
    # A bill whose only order was retired gets it back: without one its payments would be nobody's.
    op.execute(
        'UPDATE payment SET gateway_order_id = (SELECT MAX(gateway_order_id) FROM retired_order r WHERE r.payment_id = payment.id) '
        'WHERE gateway_order_id IS NULL'
    )
    op.drop_index(op.f('ix_retired_order_payment_id'), table_name='retired_order')
    op.drop_table('retired_order')
    with op.batch_alter_table('payment') as batch_op:
        batch_op.drop_constraint(op.f('uq_payment_marked_payment_id'), type_='unique')
        batch_op.drop_column('marked_payment_id')
        batch_op.drop_column('recorded_at')
    with op.batch_alter_table('appointment') as batch_op:
        batch_op.drop_column('cancellation_policy')
        batch_op.drop_column('held_at')
