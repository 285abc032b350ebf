"""What people write is read as they mean it, or answered with what would be right."""

import re
from typing import Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.gsm7 import septets
from core.markets.rules import Side
from core.money import kes
from core.notices import examples
from core.text import Language
from sms.betting import Order
from sms.grammar import Command, read
from sms.miss import Example, Miss, Why
from sms.misses import answer_to, help_about
from sms.vocabulary import SPELLINGS, WORDS, Word
from tests.sms.spellings import MISSED, UNDERSTOOD

DIAL: Final = "*384*20300*1#"


@pytest.mark.parametrize(("written", "meant"), UNDERSTOOD.items())
def test_it_is_understood(written: str, meant: Command) -> None:
    assert read(written, language=Language.ENGLISH) == meant


@pytest.mark.parametrize(("written", "missed"), MISSED.items())
def test_it_is_answered_with_the_nearest_right_example(written: str, missed: Miss) -> None:
    assert read(written, language=Language.ENGLISH) == missed


@pytest.mark.parametrize("written", ["112 N 100", "BET 112 N 100", "112n100", "112 y 100"])
def test_a_letter_is_no_side_to_who_reads_swahili(written: str) -> None:
    found = read(written, language=Language.SWAHILI)
    assert isinstance(found, Miss)
    assert found.why is Why.SIDE


def test_no_word_is_listed_twice() -> None:
    listed = [word for each in SPELLINGS.values() for words in each for word in words]
    assert len(listed) == len(set(listed)) == len(WORDS)
    assert set(SPELLINGS) == set(Word)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("word", Word)
def test_the_example_of_each_word_is_understood_and_taught(word: Word, language: Language) -> None:
    told = examples.example(word=word).in_(language)
    taught = SPELLINGS[word][list(Language).index(language)][0]
    assert told.startswith(taught)
    found = read(told, language=language)
    if word in (Word.CANCEL, Word.RECEIPT):
        assert found == Miss(Why.REFERENCE, Example(word))
    else:
        assert not isinstance(found, Miss)


@pytest.mark.parametrize("language", Language)
def test_help_names_words_that_are_understood(language: Language) -> None:
    for about in (None, Word.BET):
        told = help_about(about, service_code="").in_(language)
        named = re.findall(r"[A-Z]{3,}(?: [A-Z]{2,}\b| 112(?: [A-Z]+ 100)?)?", told)
        assert len(named) > 2
        for words in set(named) - {"YES", "NDIYO", "KES"}:
            found = read(words, language=language)
            assert not isinstance(found, Miss) or found.why is Why.REFERENCE, words


PARTS: Final = "YES NO N NDIYO HAPANA 112 100 4826 482613 1,000 100.50 # * . , - PIN 7K3QXM KES"
WRITTEN: Final = st.one_of(
    st.text(max_size=200),
    # What is nearly a command: its parts in any order, with any sign between them.
    st.lists(st.sampled_from([*WORDS, *PARTS.split(), "\n", "\u0663"]), max_size=8).map(" ".join),
    st.from_regex(r"[A-Z]{2,5}[ #*.,-][0-9]{1,12}[ #]?[A-Z]{0,6}[ #]?[0-9]{0,12}", fullmatch=True),
)


@given(written=WRITTEN, language=st.sampled_from(Language))
@example(written="1" * 1530, language=Language.ENGLISH)
@example(written="A" * 1530, language=Language.ENGLISH)
@example(written="BET " + "9" * 1500 + " YES 1", language=Language.ENGLISH)
def test_whatever_is_written_is_read_and_no_secret_is_repeated(
    written: str, language: Language
) -> None:
    found = read(written, language=language)
    if isinstance(found, Miss):
        told = answer_to(found, service_code="").in_(language)
        assert not re.search(r"\d{4}", told)
        assert septets(answer_to(found, service_code=DIAL).in_(language)) <= 160


@given(
    market=st.integers(1, 999_999_999),
    side=st.sampled_from(["YES", "NDIYO", "ndio", "NO", "HAPANA"]),
    amount=st.integers(1, 999_999_999),
    parting=st.sampled_from([" ", "#", "*", ",", ".", "-", "\n", " # ", "/"]),
    word=st.sampled_from(["BET", "DAU", "weka dau", "beti", ""]),
)
def test_a_bet_is_read_whatever_parts_it(
    market: int, side: str, amount: int, parting: str, word: str
) -> None:
    written = parting.join(filter(None, [word, str(market), side, str(amount)]))
    assert read(written, language=Language.ENGLISH) == Order(
        market, Side.NO if side in ("NO", "HAPANA") else Side.YES, kes(amount)
    )
