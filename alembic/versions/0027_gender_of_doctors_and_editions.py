"""the gender of a doctor, where the desk gives it, and a number that rises with every change of a doctor"""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = '0027'
down_revision = '0026'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('doctor') as batch_op:
        batch_op.add_column(sa.Column('gender', sa.String(length=24), nullable=True))
        batch_op.add_column(sa.Column('edition', sa.Integer(), server_default='0', nullable=False))
        batch_op.create_check_constraint(op.f('ck_doctor_gender'), "gender IN ('female', 'male')")


def downgrade() -> None:
    with op.batch_alter_table('doctor') as batch_op:
        batch_op.drop_constraint(op.f('ck_doctor_gender'), type_='check')
        batch_op.drop_column('edition')
        batch_op.drop_column('gender')
