"""No rule reads a sentence made for people: with nonsense in place of every sentence, the same stories end the same.

Each of two processes plays the stories, one of them with nonsense in the domain and in all services (tests/support/nonsense.py).
Then the values of every table, what the patient and the desk may do about each booking, and the promises must agree; only
the columns that people read may differ. Rules that read sentences, planted as they once stood in the product, prove that
the test can fail: a text in SQL, a text written twice, and a constant that writer and reader share, compared by Python and
by the database. While the sentences are what they are, none of these rules can be told from the right ones.
"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from typing import Any

import pytest

from tests.support import nonsense
from tests.support.servers import ROOT

SEEDS = ("79", "5", "48", "22", "64", "3")
PLANTS = {"text-in-sql": "5", "text-written-twice": "79", "shared-constant": "79", "constant-in-query": "79"}
"""Each with a seed that finds it out: money that went back at the dashboard of a visit that stands, or a hold that ended."""

Values = dict[str, Any]


@pytest.fixture(scope="module")
def told() -> tuple[Values, Values]:
    """The stories' values with their sentences, and in nonsense."""
    command = [sys.executable, "-m", "tests.simulation.nonsense", *SEEDS]
    for plant in PLANTS.items():
        command += ["--plant", *plant]
    both = [
        subprocess.Popen([*command, *options], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for options in (["--plain"], [])
    ]
    plain, other = (json.loads(process.communicate()[0]) for process in both)
    return plain, other


@pytest.mark.parametrize("seed", SEEDS)
def test_in_nonsense_nothing_but_what_people_read_changes(told: tuple[Values, Values], seed: str) -> None:
    plain, other = told
    broken, rows, pages = plain[seed]
    assert (broken, bool(rows["audit_entry"]), isinstance(pages, list)) == (False, True, True)
    assert other[seed] == [broken, rows, pages]


@pytest.mark.parametrize("plant", PLANTS)
def test_a_rule_that_reads_a_sentence_is_found_out(told: tuple[Values, Values], plant: str) -> None:
    plain, other = told
    assert plain[plant] == plain[PLANTS[plant]]
    assert other[plant] != other[PLANTS[plant]]


@pytest.mark.parametrize(
    ("code", "kept"),
    [
        ("log.info('refund.twice', refund=7)", True),
        ("tx.execute(text('SELECT 1 FROM refund'))", True),
        ("re.compile('[a-z] [0-9]')", True),
        ("Wanted: Literal['not at all'] = found", True),
        ("'Docstring of a module.'", True),
        ("f'{now:%d %b}'", True),
        ("status = 'pending_payment'", True),
        ("raise WrongState('Only a confirmed visit can be moved.')", False),
        ("WORDS = {Cause.PAID: 'paid', Cause.PAID_LATE: 'late payment'}", False),
        ("NAMES = {'upi': 'Wallet'}", False),
        ("WORDS = {Cause.PAID: N_('paid'), Cause.PAID_LATE: N_('late payment')}", False),
        ("raise WrongState(_('Only a confirmed visit can be moved.'))", False),
        ("detail = f'{sum} of booking {reference}'", False),
    ],
)
def test_sentences_are_told_by_their_place(code: str, kept: bool) -> None:
    before = ast.dump(ast.parse(code))
    assert (ast.dump(nonsense.garbled(ast.parse(code), "a.module")) == before) is kept


def test_a_sentence_keeps_what_is_filled_in_and_reads_otherwise_at_every_place() -> None:
    code = "a = 'Paid {sum} at {place}.'\nb = 'Paid {sum} at {place}.'"
    found: dict[str, str] = {}
    exec(compile(nonsense.garbled(ast.parse(code), "a.module"), "<test>", "exec"), {"Sentence": str}, found)  # noqa: S102
    filled = [text.format(sum="₹500", place="the desk") for text in found.values()]
    assert all("₹500" in text and "the desk" in text and text.endswith(".") for text in filled)
    assert len({"Paid ₹500 at the desk.", *filled}) == 3
