"""Daraja's vocabulary, and what a player reads of it."""

import pytest

from core.deposits.answers import Failed, NoAnswer, Paid
from core.gsm7 import septets
from core.notices.texts import LONGEST_REASON
from core.text import Language
from payments.mpesa.results import (
    FAILURES,
    Refusal,
    TokenRefused,
    Unclear,
    answer_of,
    classify,
)

# The table of the collected provider facts, typed in again: a code lost from ours is noticed.
LISTED_FAILURES = (
    "1 2 3 4 8 17 26 1001 1019 1025 9999 1031 1036 1032 1037 2001 2028 8006 SFC_IC0003 E3008"
)


@pytest.mark.parametrize("code", LISTED_FAILURES.split())
def test_every_listed_failure_has_words_for_the_player(code: str) -> None:
    answer = answer_of(int(code) if code.isdigit() else code)
    assert isinstance(answer, Failed)
    words = answer.reason.in_(Language.ENGLISH)
    assert words.endswith(".")
    assert septets(words) <= LONGEST_REASON


def test_nothing_else_counts_as_a_failure() -> None:
    assert set(FAILURES) == set(LISTED_FAILURES.split())


@pytest.mark.parametrize("zero", [0, "0", 0.0, " 0 "])
def test_zero_is_success(zero: object) -> None:
    assert answer_of(zero) == Paid()


@pytest.mark.parametrize("code", ["4999", 4999, 31337, "", None, True, [], {}, "-1", 0.5])
def test_what_is_not_listed_is_no_answer(code: object) -> None:
    assert isinstance(answer_of(code), NoAnswer)


@pytest.mark.parametrize(
    ("status", "answer", "kind"),
    [
        (500, {"errorCode": "500.001.1001", "errorMessage": "Merchant does not exist"}, Refusal),
        (500, {"errorCode": "500.001.1001", "errorMessage": "Wrong credentials"}, Refusal),
        (500, {"errorCode": "500.001.1001", "errorMessage": "Unable to lock subscriber"}, Refusal),
        (500, {"errorCode": "500.001.1001", "errorMessage": None}, Unclear),
        (500, {"errorCode": "500.001.1001"}, Unclear),
        (500, {"errorCode": "500.003.03", "errorMessage": "Quota Violation"}, Refusal),
        (500, {"errorCode": "500.003.1001", "errorMessage": "Internal Server Error"}, Unclear),
        (405, {"errorCode": "405.001"}, Refusal),
        (200, {"errorCode": {"a": 1}}, Unclear),
        (500, {"fault": {"faultstring": "Invalid Access Token"}}, TokenRefused),
        (403, {"fault": {"faultstring": "no apiproduct match found"}}, Refusal),
        (500, {"fault": {"faultstring": "Unexpected"}}, Unclear),
        (200, {"fault": "odd"}, type(None)),
        (429, None, Refusal),
        (401, None, TokenRefused),
        (502, None, Unclear),
        (200, None, Unclear),
        (200, [], Unclear),
        (200, {"ResponseCode": "0"}, type(None)),
        (500, {"ResponseCode": "0"}, Unclear),
    ],
)
def test_refused_is_told_from_unclear(status: int, answer: object, kind: type) -> None:
    assert isinstance(classify(status, answer), kind)
