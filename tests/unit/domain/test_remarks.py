from __future__ import annotations

import pickle
from datetime import UTC, datetime
from string import Formatter

import pytest

from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.causes import Cause
from booking_ui.domain.channel import Channel
from booking_ui.domain.message_kind import MessageKind
from booking_ui.domain.payment import PaymentStatus
from booking_ui.domain.remark_codes import RemarkCode, reached
from booking_ui.domain.remarks import MARK, Paise, Remark, fitted, read, shown, stored
from booking_ui.domain.webhook_outcome import Outcome, OutcomeCode
from booking_ui.languages import speaking
from tests.support.pseudo import alike, pseudo_hindi

REFUSED = Remark(RemarkCode.REFUSED, amount=Paise(50_000), reference="AB12CD34", reason="network")
AT = datetime(2026, 1, 12, 4, 30, tzinfo=UTC)
EVERY_VALUE = [
    (RemarkCode.OF_BOOKING_WHY, {"amount": Paise(1), "reference": "AB", "why": "chargeback"}),
    (RemarkCode.ANSWER_BY, {"what": REFUSED, "time": AT}),
    (RemarkCode.ORDER, {"amount": Paise(100), "order": RemarkCode.NONE}),
    (RemarkCode.ABOUT_PAYMENT, {"cause": Cause.PAID_TWICE, "payment": "pay_1"}),
    (RemarkCode.PARKED_BY, {"message": MessageKind("refunded"), "channel": Channel.SMS, "error": "away"}),
    (RemarkCode.REPLAYED, {"outcome": Outcome(OutcomeCode.CONFIRM), "replayed": Outcome(OutcomeCode.NO_USE, "x")}),
    (RemarkCode.ALL, {"all": [Remark(RemarkCode.CODES, count=2), Remark(RemarkCode.CASES, count=1)]}),
]  # fmt: skip


def values(code: RemarkCode) -> dict[str, str]:
    return {name: "12" for _text, name, _format, _conversion in Formatter().parse(code.words) if name}


@pytest.mark.parametrize("code", RemarkCode)
def test_a_remark_is_said_in_the_language_of_its_reader(code: RemarkCode) -> None:
    remark = Remark(code, **values(code))
    with pseudo_hindi(), speaking("hi"):
        said = shown(remark)
    assert said == alike(str(remark))
    assert str(remark) == shown(remark) == code.words.format(**values(code))
    assert read(stored(remark)) == remark


@pytest.mark.parametrize(("code", "with_values"), EVERY_VALUE)
def test_every_kind_of_value_is_stored_and_read(code: RemarkCode, with_values: dict[str, object]) -> None:
    remark = Remark(code, **with_values)
    again = read(stored(remark))
    assert isinstance(again, Remark)
    assert (again, again.code, again.values) == (remark, code, with_values)
    with speaking("hi"):
        assert shown(again) == shown(remark) != str(remark)


def test_what_is_stored_is_a_code_with_values_and_no_sentence() -> None:
    assert stored(REFUSED) == (
        f'{MARK}["refused",{{"amount":{{"paise":50000}},"reference":"AB12CD34","reason":"network"}}]'
    )
    assert REFUSED == "₹500 of booking AB12CD34; Razorpay: network"
    assert type(shown(REFUSED)) is str


def test_values_are_said_in_the_language_of_the_reader() -> None:
    remark = Remark(RemarkCode.ANSWER_BY, what=REFUSED, time=AT)
    with speaking("hi"):
        assert shown(remark) == ("बुकिंग AB12CD34 के ₹500; Razorpay: network; जवाब सोम 12 जनवरी, सुबह 10:00 तक दें")


def test_a_persons_words_stay_as_they_are_and_never_become_a_remark() -> None:
    with speaking("hi"):
        assert shown("It was sent.") == read("It was sent.") == stored("It was sent.") == "It was sent."
    assert stored(stored(REFUSED)) == stored(REFUSED)[1:]  # typed, it lost its mark
    assert read(stored(REFUSED)[1:]) == stored(REFUSED)[1:]


@pytest.mark.parametrize(
    "text",
    [
        '["of_a_later_version",{}]',
        '["refused",{"amount":1}]',
        '["sent_here",{"amount":{"gold":1}}]',
        "[",
        "",
        "7",
        "{}",
    ],
)
def test_a_remark_that_this_version_can_not_read_is_shown_as_it_is_stored(text: str) -> None:
    assert read(MARK + text) == MARK + text
    assert not isinstance(read(MARK + text), Remark)


@pytest.mark.parametrize("reason", ["network " * 60, '"\\' * 200])
def test_only_the_longest_value_is_cut_to_fit(reason: str) -> None:
    whole = Remark(RemarkCode.REFUSED, amount=Paise(50_000), reference="AB12CD34", reason=reason)
    cut = fitted(Remark(RemarkCode.MARKED_UNKNOWN, what=whole), 300)
    assert len(stored(cut)) <= 300
    assert cut.startswith(f"₹500 of booking AB12CD34; Razorpay: {reason[:10]}")
    assert cut.endswith("; Razorpay knows no such payment")
    assert fitted(cut, 300) is cut
    assert fitted("x" * 301, 300) == "x" * 300


def test_a_remark_can_be_copied() -> None:
    copy = pickle.loads(pickle.dumps(REFUSED))  # noqa: S301 - our own
    assert (copy, copy.code, copy.values) == (REFUSED, REFUSED.code, REFUSED.values)


@pytest.mark.parametrize("status", [*AppointmentStatus, *PaymentStatus])
def test_every_status_has_its_clause(status: AppointmentStatus | PaymentStatus) -> None:
    assert reached(status).words
