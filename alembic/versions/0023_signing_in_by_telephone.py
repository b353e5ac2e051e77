"""people sign in by telephone: a proven number, perhaps no mail address, codes for a device, links to one visit"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel

from alembic import op

revision = '0023'
down_revision = '0022'
branch_labels = None
depends_on = None

KINDS = ['verify', 'reset', 'sign_in']
NEW_KINDS = ['phone', 'new_phone', 'new_email', 'erase']
ABOUT = "appointment_id IS NOT NULL OR person_id IS NOT NULL OR {}status = 'ignored' OR kind = 'case_opened'"


def upgrade() -> None:
    with op.batch_alter_table('person') as batch_op:
        batch_op.alter_column('email', existing_type=sa.String(length=254), nullable=True)
        batch_op.add_column(sa.Column('phone_verified_at', sa.DateTime(timezone=True), nullable=True))
    proven = sa.text('phone_verified_at IS NOT NULL')
    op.create_index(
        'uq_person_proven_phone', 'person', ['phone'], unique=True, sqlite_where=proven, postgresql_where=proven
    )
    with op.batch_alter_table('one_time_code') as batch_op:
        batch_op.add_column(_text('device_hash', 64))
        batch_op.add_column(_text('language', 8))
        batch_op.add_column(sa.Column('bound', sa.Boolean(), server_default=sa.false(), nullable=False))
    _kinds([*KINDS, *NEW_KINDS])
    with op.batch_alter_table('notification') as batch_op:
        batch_op.add_column(_text('address', 254))
    _about('one_time_code_id IS NOT NULL OR ')
    op.add_column('appointment', sa.Column('link_number', sa.Integer(), server_default='0', nullable=False))


def _text(name: str, length: int) -> sa.Column[str]:
    return sa.Column(
        name, sqlmodel.sql.sqltypes.AutoString(length=length), server_default='', nullable=False
    )


def _kinds(values: list[str]) -> None:
    with op.batch_alter_table('one_time_code') as batch_op:
        batch_op.drop_constraint(op.f('ck_one_time_code_kind'), type_='check')
        batch_op.create_check_constraint(
            op.f('ck_one_time_code_kind'), f"kind IN ({', '.join(repr(one) for one in values)})"
        )


def _about(more: str) -> None:
    with op.batch_alter_table('notification') as batch_op:
        batch_op.drop_constraint(op.f('ck_notification_about_something'), type_='check')
        batch_op.create_check_constraint(op.f('ck_notification_about_something'), ABOUT.format(more))


def downgrade() -> None:
    with op.batch_alter_table('appointment') as batch_op:
        batch_op.drop_column('link_number')
    # The old tables have no place for codes of these kinds, and the old code would send them to the wrong address.
    of_new_kinds = f"SELECT id FROM one_time_code WHERE kind IN ({', '.join(repr(one) for one in NEW_KINDS)})"
    op.execute(f"DELETE FROM notification WHERE one_time_code_id IN ({of_new_kinds})")
    op.execute(f"DELETE FROM one_time_code WHERE id IN ({of_new_kinds})")
    op.execute("DELETE FROM notification WHERE address <> ''")
    _about('')
    with op.batch_alter_table('notification') as batch_op:
        batch_op.drop_column('address')
    _kinds(KINDS)
    with op.batch_alter_table('one_time_code') as batch_op:
        batch_op.drop_column('bound')
        batch_op.drop_column('language')
        batch_op.drop_column('device_hash')
    op.drop_index('uq_person_proven_phone', 'person')
    # An address that no mail reaches, for people who have none: they can't sign in any more.
    op.execute("UPDATE person SET email = 'no-mail-' || id || '@no-mail.invalid' WHERE email IS NULL")
    with op.batch_alter_table('person') as batch_op:
        batch_op.drop_column('phone_verified_at')
        batch_op.alter_column('email', existing_type=sa.String(length=254), nullable=False)
