"""the clinic's own words, such as specialities and cities, in other languages"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel

from alembic import op

revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None

text = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    op.create_table(
        'clinic_word',
        sa.Column('key', text(length=64), nullable=False),
        sa.Column('language', text(length=8), nullable=False),
        sa.Column('english', text(length=1200), nullable=False),
        sa.Column('text', text(length=1200), nullable=False),
        sa.PrimaryKeyConstraint('key', 'language', name=op.f('pk_clinic_word')),
    )


def downgrade() -> None:
    op.drop_table('clinic_word')
