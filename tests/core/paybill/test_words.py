"""Why a payment is held, as the player reads it."""

import pytest

from core.gsm7 import septets
from core.notices import texts
from core.paybill.rules import Reason, is_same_account
from core.text import Language
from tests.core.notices.test_texts import ONE_SEGMENT
from tests.texts.longest_sms import MOST


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("reason", Reason)
def test_every_reason_fits_one_segment(reason: Reason, language: Language) -> None:
    held = texts.paybill_held(amount=MOST, receipt="SGR7WWWWWW", reason=reason.words)
    assert septets(held.in_(language)) <= ONE_SEGMENT
    assert septets(reason.words.in_(Language.ENGLISH)) <= texts.LONGEST_REASON


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("0712345678", "+254 712 345678", True),
        ("0712345678", "0712345679", False),
        ("AB23CD45", " ab23 cd45", True),
        ("AB23CD45", "0712345678", False),
        ("", "", True),
    ],
)
def test_an_account_is_known_again_in_another_spelling(one: str, other: str, *, same: bool) -> None:
    assert is_same_account(one, other) is same
    assert is_same_account(other, one) is same
