"""The page of every SMS, held against the texts themselves."""

import pytest

from core.gsm7 import septets
from core.notices.kinds import KINDS
from core.text import Language
from tests.architecture.test_tree import ROOT
from tests.core.notices.test_texts import ENGLISH_BUDGET, ONE_SEGMENT
from tests.texts.longest_sms import written
from tests.texts.refused_by_sms import refusals
from tests.texts.sms_catalogue import WORDED_AS, draw, kind_of

PAGE = ROOT / "docs" / "sms.md"


def test_the_page_in_the_documents_is_that_of_the_code() -> None:
    same = PAGE.read_text(encoding="utf-8") == draw()
    assert same, "run `make messages`"


def test_every_text_is_on_the_page() -> None:
    page = draw()
    assert [each.__name__ for each in written() if f"| `{each.__name__}`" not in page] == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_text(kind: str) -> None:
    worded = {kind_of(function) for function in written()} | WORDED_AS.keys()
    assert kind in worded, "say in WORDED_AS which text it has"


def test_every_refusal_fits_one_segment() -> None:
    known = refusals()
    assert {"SmsBetsOff", "StakeNotCovered", "TooManyWatched", "WrongCode"} <= known.keys()
    for text in (text for said in known.values() for text in said):
        assert septets(text.in_(Language.ENGLISH)) <= ENGLISH_BUDGET
        assert septets(text.in_(Language.SWAHILI)) <= ONE_SEGMENT
