"""a person's messages are written in the language of the page on which they last signed in"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel

from alembic import op

revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        'person',
        sa.Column('language', sqlmodel.sql.sqltypes.AutoString(length=8), server_default='', nullable=False),
    )


def downgrade() -> None:
    with op.batch_alter_table('person') as batch_op:
        batch_op.drop_column('language')
