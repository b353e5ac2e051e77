"""refunds of kept money by the desk, and holds that end because their day is closed"""

from __future__ import annotations

from alembic import op

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None

CAUSES = [
    'slot_claimed', 'tried_again', 'hold_expired', 'let_go', 'payment_failed', 'paid_too_late', 'paid_and_returned',
    'authorized', 'captured', 'lapsed', 'not_the_bill', 'paid', 'paid_late', 'cancelled', 'concluded',
    'taken_for_granted', 'paid_twice', 'mismatch', 'marked_and_paid', 'dashboard', 'by_hand', 'adopted', 'dispute_lost',
]
NEW_CAUSES = ['day_closed', 'desk_refund']
ORIGINS = ['policy', 'desk', 'late_capture', 'second_capture', 'mismatch', 'dashboard', 'by_hand']
NEW_ORIGINS = ['desk_refund']


def one_of(column: str, values: list[str]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


def upgrade() -> None:
    _choices([*CAUSES, *NEW_CAUSES], [*ORIGINS, *NEW_ORIGINS])


def _choices(causes: list[str], origins: list[str]) -> None:
    for table, column, values in (
        ('appointment', 'status_cause', causes),
        ('audit_entry', 'cause', causes),
        ('refund', 'origin', origins),
    ):
        name = op.f(f'ck_{table}_{column}')
        with op.batch_alter_table(table) as batch_op:
            batch_op.drop_constraint(name, type_='check')
            batch_op.create_check_constraint(name, one_of(column, values))


def downgrade() -> None:
    for table, column, new, instead in (
        ('appointment', 'status_cause', 'day_closed', 'hold_expired'),
        ('audit_entry', 'cause', 'day_closed', 'hold_expired'),
        ('audit_entry', 'cause', 'desk_refund', 'by_hand'),
        ('refund', 'origin', 'desk_refund', 'by_hand'),
    ):
        op.execute(f"UPDATE {table} SET {column} = '{instead}' WHERE {column} = '{new}'")
    _choices(CAUSES, ORIGINS)
