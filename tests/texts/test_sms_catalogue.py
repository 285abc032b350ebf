"""The page of every SMS, held against the texts themselves."""

import pytest

from core.notices.kinds import KINDS
from tests.architecture.test_tree import ROOT
from tests.texts.longest_sms import written
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
