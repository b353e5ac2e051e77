"""facts are values

What a rule read out of a sentence becomes a column: why a status changed, who made a refund, what became of a message.
The audit trail keeps its sentences as they were hashed.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
import sqlmodel

from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None

ALONE = True  # columns are dropped and renamed: no process of an earlier version can go on

CAUSES = {
    'slot claimed': 'slot_claimed',
    'tried again': 'tried_again',
    'hold expired': 'hold_expired',
    'let go by the patient': 'let_go',
    'payment failed': 'payment_failed',
    'paid too late': 'paid_too_late',
    'paid after the visit began': 'paid_too_late',  # so it was called at first
    'authorized by the bank': 'authorized',
    'money captured': 'captured',
    'authorization lapsed': 'lapsed',
    'what the bank agreed to was not the bill': 'not_the_bill',
    'paid': 'paid',
    'late payment, slot still free': 'paid_late',
    'cancelled': 'cancelled',
    'concluded': 'concluded',
    'nobody said otherwise': 'taken_for_granted',
    'paid twice': 'paid_twice',
    'amount or currency differs': 'mismatch',
    'made at Razorpay': 'dashboard',
    'given back by hand': 'by_hand',
    'the payment that the desk had marked': 'adopted',
}
CAUSE_VALUES = list(dict.fromkeys(CAUSES.values()))

ORIGINS = {
    'paid too late': 'late_capture',
    'paid twice': 'second_capture',
    'amount or currency differs': 'mismatch',
    'made at Razorpay': 'dashboard',
    'given back by hand': 'by_hand',
}
ORIGIN_VALUES = ['policy', 'desk', *ORIGINS.values()]

SOURCES = ['webhook', 'return', 'question', 'capture', 'refund', 'comparison', 'preview']

LAPSED = "the bank's promise was not taken up in time"
PAID_AFTER_ALL = 'Razorpay paid it after all'

OUTCOMES = {
    **{
        f'applied: {verdict}': verdict
        for verdict in (
            'confirm', 'refund', 'adopt', 'refund_extra', 'refund_mismatch', 'authorize', 'lapse', 'fail'
        )
    },
    'applied: refund pending': 'refund_pending',
    'applied: refund processed': 'refund_processed',
    'applied: refund failed': 'refund_failed',
    'applied: a refund made at Razorpay': 'dashboard_refund',
    'applied: a case, because money may have gone back twice': 'refund_twice',
    'ignored: nothing new': 'nothing_new',
    'ignored: an order we do not know': 'unknown_order',
    'ignored: a refund of a payment we do not know': 'unknown_payment',
    "ignored: Razorpay's own refund of money we never kept": 'not_kept',
    'ignored: a refund made at Razorpay that failed': 'dashboard_refund_failed',
    'ignored: that much of the payment is already on its way back': 'already_going_back',
    'payment: known by another order of ours': 'other_order',
}
# (what stands before the detail, what stands behind it, code)
DETAILED = [
    ('ignored: no use for ', '', 'no_use'),
    ('applied: ', ' is in trouble', 'downtime_began'),
    ('applied: ', ' works again', 'downtime_ended'),
    ('failed: ', '', 'broken'),
]
OUTCOME_VALUES = [
    *list(OUTCOMES.values())[:13], 'downtime_news', 'downtime_began', 'downtime_ended',
    *list(OUTCOMES.values())[13:-1], 'no_use', 'unreadable', 'other_order', 'broken',
]
REPLAYED = '; replayed: '

THE_ACCOUNT = "the account's list"
DAY = '%A %d %B %Y'


def one_of(column: str, values: list[str]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


def upgrade() -> None:
    _refunds()
    _appointments()
    _audit()
    _payments()
    _attempts()
    _webhooks()
    _cases()
    _downtimes()


def _refunds() -> None:
    with op.batch_alter_table('refund') as batch_op:
        batch_op.add_column(sa.Column('origin', sa.String(24), nullable=True))
        batch_op.add_column(sa.Column('paid_after_all', sa.Boolean(), server_default=sa.false(), nullable=False))
    refund = sa.table('refund', *map(sa.column, ('payment_id', 'status', 'reason', 'origin', 'paid_after_all', 'last_error')))
    payment = sa.table('payment', *map(sa.column, ('id', 'appointment_id')))
    trail = sa.table('audit_entry', *map(sa.column, ('subject', 'action', 'after', 'actor')))
    # Of a cancelled visit the trail knows who cancelled it.
    by_the_desk = sa.exists().where(
        payment.c.id == refund.c.payment_id,
        trail.c.subject == sa.literal('appointment:') + sa.cast(payment.c.appointment_id, sa.String),
        trail.c.action == 'appointment',
        trail.c.after == 'cancelled',
        trail.c.actor.like('admin:%'),
    )
    known = [(refund.c.reason == text, sa.literal(origin)) for text, origin in ORIGINS.items()]
    op.execute(refund.update().values(origin=sa.case(*known, (by_the_desk, sa.literal('desk')), else_=sa.literal('policy'))))
    op.execute(
        refund.update()
        .where(refund.c.status == 'failed', refund.c.last_error == PAID_AFTER_ALL)
        .values(paid_after_all=sa.true(), last_error='')
    )
    with op.batch_alter_table('refund') as batch_op:
        batch_op.alter_column('origin', existing_type=sa.String(24), nullable=False)
        batch_op.create_check_constraint(op.f('ck_refund_origin'), one_of('origin', ORIGIN_VALUES))


def _appointments() -> None:
    with op.batch_alter_table('appointment') as batch_op:
        batch_op.add_column(sa.Column('status_cause', sa.String(24), nullable=True))
    appointment = sa.table('appointment', sa.column('status_reason'), sa.column('status_cause'))
    op.execute(appointment.update().values(status_cause=_cause_of(appointment.c.status_reason)))
    with op.batch_alter_table('appointment') as batch_op:
        batch_op.drop_column('status_reason')
        batch_op.create_check_constraint(
            op.f('ck_appointment_status_cause'), one_of('status_cause', CAUSE_VALUES)
        )


def _audit() -> None:
    with op.batch_alter_table('audit_entry') as batch_op:
        batch_op.add_column(sa.Column('cause', sa.String(24), nullable=True))
    trail = sa.table('audit_entry', *map(sa.column, ('action', 'reason', 'cause')))
    changes = trail.c.action.in_(['appointment', 'payment', 'refund', 'adopted'])
    op.execute(trail.update().where(changes).values(cause=_cause_of(trail.c.reason)))
    with op.batch_alter_table('audit_entry') as batch_op:
        batch_op.create_check_constraint(op.f('ck_audit_entry_cause'), one_of('cause', CAUSE_VALUES))


def _cause_of(reason: sa.ColumnElement[str]) -> sa.ColumnElement[str | None]:
    return sa.case(*((reason == text, sa.literal(cause)) for text, cause in CAUSES.items()), else_=sa.null())


def _payments() -> None:
    with op.batch_alter_table('payment') as batch_op:
        batch_op.add_column(sa.Column('failure_kind', sa.String(24), nullable=True))
    payment = sa.table('payment', sa.column('failure'), sa.column('failure_kind'))
    text = payment.c.failure
    op.execute(
        payment.update()
        .where(text != '')
        .values(
            failure_kind=sa.case((text == LAPSED, sa.literal('lapsed')), else_=sa.literal('declined')),
            # These two were ours; what is left are the bank's own words.
            failure=sa.case((text.in_([LAPSED, 'payment failed']), sa.literal('')), else_=text),
        )
    )
    with op.batch_alter_table('payment') as batch_op:
        batch_op.create_check_constraint(
            op.f('ck_payment_failure_kind'), one_of('failure_kind', ['declined', 'lapsed'])
        )


def _attempts() -> None:
    # No version has written any other source; one that somebody wrote by hand they must have asked for.
    op.execute(f"UPDATE payment_attempt SET heard_from = 'question' WHERE NOT ({one_of('heard_from', SOURCES)})")
    with op.batch_alter_table('payment_attempt') as batch_op:
        batch_op.alter_column(
            'heard_from', new_column_name='source', existing_type=sa.String(20), type_=sa.String(24),
            existing_nullable=False,
        )
    with op.batch_alter_table('payment_attempt') as batch_op:
        batch_op.create_check_constraint(op.f('ck_payment_attempt_source'), one_of('source', SOURCES))


def _webhooks() -> None:
    with op.batch_alter_table('webhook_event') as batch_op:
        batch_op.add_column(sa.Column('outcome_code', sa.String(24), nullable=True))
        batch_op.add_column(
            sa.Column('outcome_detail', sqlmodel.sql.sqltypes.AutoString(length=300), server_default='', nullable=False)
        )
        batch_op.add_column(sa.Column('replay_code', sa.String(24), nullable=True))
    event = sa.table('webhook_event', *map(sa.column, ('id', 'outcome', 'outcome_code', 'outcome_detail', 'replay_code')))
    connection = op.get_bind()
    for number, text in connection.execute(
        sa.select(event.c.id, event.c.outcome).where(event.c.outcome.contains(REPLAYED))
    ).all():
        first, _, again = text.partition(REPLAYED)
        code, _ = outcome_of(f'ignored: {again}')
        connection.execute(event.update().where(event.c.id == number).values(outcome=first, replay_code=code))
    # Sentence by sentence: there are as many as ways to word an outcome, however many messages were stored.
    for (text,) in connection.execute(sa.select(event.c.outcome).where(event.c.outcome != '').distinct()).all():
        code, detail = outcome_of(text)
        connection.execute(
            event.update().where(event.c.outcome == text).values(outcome_code=code, outcome_detail=detail)
        )
    with op.batch_alter_table('webhook_event') as batch_op:
        batch_op.drop_column('outcome')
        batch_op.create_check_constraint(
            op.f('ck_webhook_event_outcome_code'), one_of('outcome_code', OUTCOME_VALUES)
        )
        batch_op.create_check_constraint(
            op.f('ck_webhook_event_replay_code'), one_of('replay_code', OUTCOME_VALUES)
        )


def outcome_of(text: str) -> tuple[str, str]:
    """(code, detail); what is no sentence of ours is why a message could not be read."""
    if text in OUTCOMES:
        return OUTCOMES[text], ''
    for before, behind, code in DETAILED:
        if text.startswith(before) and text.endswith(behind):
            return code, text[len(before) : len(text) - len(behind)]
    return 'unreadable', text


def text_of(code: str, detail: str) -> str:
    for text, known in OUTCOMES.items():
        if known == code:
            return text
    for before, behind, known in DETAILED:
        if known == code:
            return f'{before}{detail}{behind}'
    return detail


def _cases() -> None:
    """The subject of a case is its key, and must not be a sentence either."""
    case = sa.table('reconciliation_case', *map(sa.column, ('id', 'kind', 'subject')))
    op.execute(case.update().where(case.c.subject == THE_ACCOUNT).values(subject='account'))
    connection = op.get_bind()
    late = sa.select(case.c.id, case.c.subject).where(case.c.kind == 'settlement_late')
    for number, subject in connection.execute(late).all():
        day = datetime.strptime(subject, DAY).date().isoformat()
        connection.execute(case.update().where(case.c.id == number).values(subject=day))


def _downtimes() -> None:
    with op.batch_alter_table('downtime') as batch_op:
        batch_op.alter_column('told_at', new_column_name='changed_at')
        batch_op.alter_column('heard_at', new_column_name='seen_at')


def downgrade() -> None:
    _downtimes_back()
    _cases_back()
    _webhooks_back()
    _attempts_back()
    _payments_back()
    _audit_back()
    _appointments_back()
    _refunds_back()


def _downtimes_back() -> None:
    with op.batch_alter_table('downtime') as batch_op:
        batch_op.alter_column('seen_at', new_column_name='heard_at')
        batch_op.alter_column('changed_at', new_column_name='told_at')


def _cases_back() -> None:
    case = sa.table('reconciliation_case', *map(sa.column, ('id', 'kind', 'subject')))
    op.execute(case.update().where(case.c.subject == 'account').values(subject=THE_ACCOUNT))
    connection = op.get_bind()
    late = sa.select(case.c.id, case.c.subject).where(case.c.kind == 'settlement_late')
    for number, subject in connection.execute(late).all():
        day = datetime.strptime(subject, '%Y-%m-%d')
        label = f'{day:%A} {day.day} {day:%B} {day.year}'
        connection.execute(case.update().where(case.c.id == number).values(subject=label))


def _webhooks_back() -> None:
    with op.batch_alter_table('webhook_event') as batch_op:
        batch_op.add_column(
            sa.Column('outcome', sqlmodel.sql.sqltypes.AutoString(length=300), server_default='', nullable=False)
        )
    columns = ('event', 'outcome', 'outcome_code', 'outcome_detail', 'replay_code')
    event = sa.table('webhook_event', *map(sa.column, columns))
    code, detail, replay, name = event.c.outcome_code, event.c.outcome_detail, event.c.replay_code, event.c.event
    connection = op.get_bind()
    found = sa.select(code, detail, replay, sa.case((replay.is_(None), sa.literal('')), else_=name).label('name'))
    for one in connection.execute(found.where(code.is_not(None)).distinct()).all():
        first = text_of(one.outcome_code, one.outcome_detail)
        again = text_of(one.replay_code, one.name).removeprefix('ignored: ') if one.replay_code else ''
        same = [code == one.outcome_code, detail == one.outcome_detail, replay.is_not_distinct_from(one.replay_code)]
        if again:
            same.append(name == one.name)
        text = f'{first}{REPLAYED}{again}' if again else first
        connection.execute(event.update().where(*same).values(outcome=text[:300]))
    with op.batch_alter_table('webhook_event') as batch_op:
        batch_op.drop_constraint(op.f('ck_webhook_event_replay_code'), type_='check')
        batch_op.drop_constraint(op.f('ck_webhook_event_outcome_code'), type_='check')
        batch_op.drop_column('replay_code')
        batch_op.drop_column('outcome_detail')
        batch_op.drop_column('outcome_code')
        batch_op.alter_column('outcome', existing_type=sa.String(300), server_default=None)


def _attempts_back() -> None:
    with op.batch_alter_table('payment_attempt') as batch_op:
        batch_op.drop_constraint(op.f('ck_payment_attempt_source'), type_='check')
    with op.batch_alter_table('payment_attempt') as batch_op:
        batch_op.alter_column(
            'source', new_column_name='heard_from', existing_type=sa.String(24), type_=sa.String(20),
            existing_nullable=False,
        )


def _payments_back() -> None:
    payment = sa.table('payment', sa.column('failure'), sa.column('failure_kind'))
    op.execute(payment.update().where(payment.c.failure_kind == 'lapsed').values(failure=LAPSED))
    op.execute(
        payment.update()
        .where(payment.c.failure_kind == 'declined', payment.c.failure == '')
        .values(failure='payment failed')
    )
    with op.batch_alter_table('payment') as batch_op:
        batch_op.drop_constraint(op.f('ck_payment_failure_kind'), type_='check')
        batch_op.drop_column('failure_kind')


def _audit_back() -> None:
    with op.batch_alter_table('audit_entry') as batch_op:
        batch_op.drop_constraint(op.f('ck_audit_entry_cause'), type_='check')
        batch_op.drop_column('cause')


def _appointments_back() -> None:
    """The last audit row of an appointment knows its reason word for word."""
    with op.batch_alter_table('appointment') as batch_op:
        batch_op.add_column(
            sa.Column('status_reason', sqlmodel.sql.sqltypes.AutoString(length=200), server_default='', nullable=False)
        )
    appointment = sa.table('appointment', sa.column('id'), sa.column('status_reason'))
    trail = sa.table('audit_entry', *map(sa.column, ('subject', 'seq', 'action', 'before', 'reason')))
    said = (
        sa.select(sa.func.substr(trail.c.reason, 1, 200))
        .where(
            trail.c.subject == sa.literal('appointment:') + sa.cast(appointment.c.id, sa.String),
            trail.c.action == 'appointment',
            trail.c.before != '',  # the claim itself gave none
        )
        .order_by(trail.c.seq.desc())
        .limit(1)
        .scalar_subquery()
    )
    op.execute(appointment.update().values(status_reason=sa.func.coalesce(said, '')))
    with op.batch_alter_table('appointment') as batch_op:
        batch_op.drop_constraint(op.f('ck_appointment_status_cause'), type_='check')
        batch_op.drop_column('status_cause')
        batch_op.alter_column('status_reason', existing_type=sa.String(200), server_default=None)


def _refunds_back() -> None:
    refund = sa.table('refund', sa.column('paid_after_all'), sa.column('last_error'))
    op.execute(refund.update().where(refund.c.paid_after_all.is_(sa.true())).values(last_error=PAID_AFTER_ALL))
    with op.batch_alter_table('refund') as batch_op:
        batch_op.drop_constraint(op.f('ck_refund_origin'), type_='check')
        batch_op.drop_column('paid_after_all')
        batch_op.drop_column('origin')
