"""the audit under a key: keyed hashes, the length and head of each chain, and roots over all of them

A chain that verifies by the old hashes gets keyed ones, and its bill, refund or role is stated as it stands now. A chain
that does not verify is left as it is and recorded as broken, so nothing is made good that was not.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from alembic import op
from booking_ui.config.settings import settings

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None

# A process of an earlier version writes rows that have no key.
ALONE = True

GENESIS = '0' * 64
AT_ONCE = 5000
PLAIN = ('subject', 'seq', 'at', 'actor', 'action', 'before', 'after', 'reason', 'previous_hash')
KEYED = (
    'key_id', 'subject', 'seq', 'at', 'actor', 'action', 'before', 'after', 'reason', 'cause', 'facts', 'previous_hash',
)
UPGRADE = 'system:upgrade'

instant = sa.DateTime(timezone=True)
entry = sa.table(
    'audit_entry',
    *map(sa.column, ('id', 'subject', 'seq', 'actor', 'action', 'before', 'after', 'reason', 'cause', 'facts')),
    *map(sa.column, ('key_id', 'previous_hash', 'hash')),
    sa.column('at', instant),
)
chain = sa.table(
    'audit_chain', *map(sa.column, ('subject', 'length', 'head', 'broken', 'key_id', 'seal', 'rooted_length'))
)
Entry = dict[str, Any]


def upgrade() -> None:
    text = sa.String
    with op.batch_alter_table('audit_entry') as batch_op:
        batch_op.add_column(sa.Column('facts', text(length=600), server_default='', nullable=False))
        batch_op.add_column(sa.Column('key_id', text(length=8), server_default='', nullable=False))
    op.create_table(
        'audit_chain',
        sa.Column('subject', text(length=60), nullable=False),
        sa.Column('length', sa.Integer(), nullable=False),
        sa.Column('head', text(length=64), nullable=False),
        sa.Column('broken', text(length=200), nullable=False),
        sa.Column('key_id', text(length=8), nullable=False),
        sa.Column('seal', text(length=64), nullable=False),
        sa.Column('rooted_length', sa.Integer(), server_default='0', nullable=False),
        sa.PrimaryKeyConstraint('subject', name=op.f('pk_audit_chain')),
    )
    changed = sa.text('length <> rooted_length')
    op.create_index(
        'ix_audit_chain_unrooted', 'audit_chain', ['subject'], sqlite_where=changed, postgresql_where=changed
    )
    op.create_table(
        'audit_root',
        sa.Column('number', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('at', instant, nullable=False),
        sa.Column('previous', text(length=64), nullable=False),
        sa.Column('key_id', text(length=8), nullable=False),
        sa.Column('value', text(length=64), nullable=False),
        sa.PrimaryKeyConstraint('number', name=op.f('pk_audit_root')),
    )
    op.create_table(
        'audit_leaf',
        sa.Column('root_number', sa.Integer(), nullable=False),
        sa.Column('subject', text(length=60), nullable=False),
        sa.Column('length', sa.Integer(), nullable=False),
        sa.Column('head', text(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ['root_number'], ['audit_root.number'], name=op.f('fk_audit_leaf_root_number_audit_root')
        ),
        sa.PrimaryKeyConstraint('root_number', 'subject', name=op.f('pk_audit_leaf')),
    )
    op.create_index('ix_audit_leaf_subject', 'audit_leaf', ['subject'])
    if any(True for _ in _rows(limit=1)) or _staff():
        _rekey()


def downgrade() -> None:
    _unkey()
    op.drop_table('audit_leaf')
    op.drop_table('audit_root')
    op.drop_index('ix_audit_chain_unrooted', 'audit_chain')
    op.drop_table('audit_chain')
    with op.batch_alter_table('audit_entry') as batch_op:
        batch_op.drop_column('key_id')
        batch_op.drop_column('facts')


# ── There ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _rekey() -> None:
    key_id, key = next(iter(_keys().items()))
    stated = _stated()
    ends: dict[str, Entry] = {}
    entries, chains = [], []
    for subject, found in groupby(_rows(), key=lambda row: str(row['subject'])):
        rows = list(found)
        broken = _fault(rows)
        if not broken:
            _state(rows, stated.get(subject, {}))
            _chain(rows, lambda row: _keyed(key, ['entry', *_facts(row, KEYED)]), key_id)
            entries += rows
        chains.append(_end(key, key_id, subject, rows[-1]['seq'], rows[-1]['hash'], broken))
        ends[subject] = chains[-1]
        if len(entries) > AT_ONCE:
            entries = _write(entries)
    _write(entries)
    if chains:
        op.get_bind().execute(chain.insert(), chains)
    _add_first_roles(key, key_id, ends)


def _fault(rows: list[Entry]) -> str:
    """The first thing that the old hashes say is wrong with a chain; empty if nothing is."""
    previous = GENESIS
    for number, row in enumerate(rows, 1):
        if row['seq'] != number or row['previous_hash'] != previous:
            return f"a row was missing before number {row['seq']} when the chain got its key"
        if row['hash'] != _plain(row):
            return f"row {number} had been changed when the chain got its key"
        previous = row['hash']
    return ''


def _state(rows: list[Entry], stated: dict[str, str]) -> None:
    """Let the last row of each action state what it is about."""
    for action, facts in stated.items():
        for row in reversed(rows):
            if row['action'] == action:
                row['facts'] = facts
                break


def _stated() -> dict[str, dict[str, str]]:
    """For each subject the facts of its bill, of its refund if it has one only, and of its role."""
    bind = op.get_bind()
    found: dict[str, dict[str, str]] = {}
    bills = sa.text(
        "SELECT p.appointment_id, 'bill ' || p.amount_paise || ' ' || p.currency || ' ' || "
        "COALESCE(p.gateway_payment_id, '-') || ' ' || COALESCE(p.marked_payment_id, '-') || ' ' || "
        "COALESCE(CAST(p.marked_by_id AS TEXT), '-') || ' ' || p.mark_reference || ' ' || p.mark_reason FROM payment p"
    )
    for appointment_id, facts in bind.execute(bills):
        found[f'appointment:{appointment_id}'] = {'payment': facts}
    refunds = sa.text(
        "SELECT p.appointment_id, 'refund:' || r.id || ' ' || r.amount_paise || ' ' || "
        "COALESCE(NULLIF(r.gateway_payment_id, ''), '-') || ' ' || COALESCE(r.gateway_refund_id, '-') "
        "FROM refund r JOIN payment p ON p.id = r.payment_id "
        "WHERE (SELECT COUNT(*) FROM refund o WHERE o.payment_id = p.id) = 1"
    )
    for appointment_id, facts in bind.execute(refunds):
        found[f'appointment:{appointment_id}']['refund'] = facts
    for person_id, _, doctor_id in _staff():
        found[f'person:{person_id}'] = {'role': f'doctor:{doctor_id}' if doctor_id else ''}
    return found


def _staff() -> list[Any]:
    return list(op.get_bind().execute(sa.text("SELECT id, role, doctor_id FROM person WHERE role <> 'patient'")))


def _add_first_roles(key: bytes, key_id: str, ends: dict[str, Entry]) -> None:
    """Accounts that were made with their role had no row that says so."""
    bind = op.get_bind()
    now = datetime.now(UTC).replace(microsecond=0)
    for person_id, role, doctor_id in _staff():
        subject = f'person:{person_id}'
        known = sa.select(entry.c.id).where(entry.c.subject == subject, entry.c.action == 'role')
        if bind.execute(known.limit(1)).first():
            continue
        end = ends.get(subject)
        row = {
            'subject': subject, 'seq': end['length'] + 1 if end else 1, 'at': now, 'actor': UPGRADE, 'action': 'role',
            'before': '', 'after': role, 'reason': 'found when the audit got its key', 'cause': None,
            'facts': f'doctor:{doctor_id}' if doctor_id else '', 'key_id': key_id,
            'previous_hash': end['head'] if end else GENESIS,
        }  # fmt: skip
        row['hash'] = _keyed(key, ['entry', *_facts(row, KEYED)])
        bind.execute(entry.insert(), [row])
        made = _end(key, key_id, subject, row['seq'], row['hash'], end['broken'] if end else '')
        bind.execute(chain.delete().where(chain.c.subject == subject))
        bind.execute(chain.insert(), [made])


def _end(key: bytes, key_id: str, subject: str, length: int, head: str, broken: str) -> Entry:
    seal = _keyed(key, ['chain', key_id, subject, length, head, broken])
    return {
        'subject': subject, 'length': length, 'head': head, 'broken': broken, 'key_id': key_id, 'seal': seal,
        'rooted_length': 0,
    }  # fmt: skip


# ── And back ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _unkey() -> None:
    """Give the chains that are whole their old hashes; the others stay broken by the old ones too."""
    known = {row.subject: row for row in op.get_bind().execute(sa.select(chain))}
    entries: list[Entry] = []
    for subject, found in groupby(_rows(), key=lambda row: str(row['subject'])):
        rows, end = list(found), known.get(subject)
        if end is None or end.broken or not _is_whole(rows, end):
            continue
        _chain(rows, _plain, '')
        entries += rows
        if len(entries) > AT_ONCE:
            entries = _write(entries)
    _write(entries)


def _is_whole(rows: list[Entry], end: Any) -> bool:
    """True when a chain still verifies. One of a SECRET_KEY that is not set can't be judged, and is not made good."""
    keys = _keys()
    if not {end.key_id, *(row['key_id'] for row in rows)} <= keys.keys():
        return False
    previous = GENESIS
    for number, row in enumerate(rows, 1):
        expected = _keyed(keys[row['key_id']], ['entry', *_facts(row, KEYED)])
        if (row['seq'], row['previous_hash'], row['hash']) != (number, previous, expected):
            return False
        previous = row['hash']
    sealed = _keyed(keys[end.key_id], ['chain', end.key_id, end.subject, end.length, end.head, end.broken])
    return (len(rows), previous, sealed) == (end.length, end.head, end.seal)


# ── Both ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _keys() -> dict[str, bytes]:
    """By their ids, the one of now first, as `services/journal/audit_keys.py` derives them."""
    found = {}
    for secret in (settings().signing_key(), *settings().previous_keys):
        extracted = hmac.digest(bytes(32), secret.encode(), 'sha256')
        key = hmac.digest(extracted, b'booking_ui audit, version 1\x01', 'sha256')
        found[hmac.digest(key, b'id', 'sha256').hex()[:8]] = key
    return found


def _keyed(key: bytes, facts: list[Any]) -> str:
    return hmac.digest(key, json.dumps(facts, ensure_ascii=False).encode(), 'sha256').hex()


def _plain(row: Entry) -> str:
    return hashlib.sha256(json.dumps(_facts(row, PLAIN), ensure_ascii=False).encode()).hexdigest()


def _facts(row: Entry, names: tuple[str, ...]) -> list[Any]:
    at = row['at'] if row['at'].tzinfo else row['at'].replace(tzinfo=UTC)
    return [at.astimezone(UTC).strftime('%Y-%m-%dT%H:%M:%SZ') if name == 'at' else row[name] for name in names]


def _chain(rows: list[Entry], digest: Any, key_id: str) -> None:
    previous = GENESIS
    for row in rows:
        row['previous_hash'], row['key_id'] = previous, key_id
        row['hash'] = previous = digest(row)


def _rows(limit: int | None = None) -> Iterator[Entry]:
    """Every audit row, chain by chain; read whole before anything is written."""
    query = sa.select(entry).order_by(entry.c.subject, entry.c.seq).limit(limit)
    yield from (dict(row) for row in op.get_bind().execute(query).mappings().all())


def _write(rows: list[Entry]) -> list[Entry]:
    if rows:
        changed = entry.update().where(entry.c.id == sa.bindparam('row_id'))
        values = [
            {'row_id': row['id'], **{f'new_{name}': row[name] for name in ('facts', 'key_id', 'previous_hash', 'hash')}}
            for row in rows
        ]
        names = ('facts', 'key_id', 'previous_hash', 'hash')
        op.get_bind().execute(changed.values({name: sa.bindparam(f'new_{name}') for name in names}), values)
    return []
