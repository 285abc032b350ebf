from datetime import UTC, datetime, timedelta

import pytest

from core.gsm7 import NotGsm7, ensure_gsm7, septets
from core.markets.rules import (
    InvalidOutcome,
    InvalidSide,
    Outcome,
    Side,
    StakeOutOfRange,
    ensure_stake,
    parse_outcome,
    parse_side,
)
from core.markets.terms import (
    LABEL_SEPTETS,
    InvalidCategory,
    InvalidClosingTime,
    InvalidLabel,
    InvalidQuestion,
    InvalidTerms,
    parse_category,
    parse_closing_time,
    parse_evidence,
    parse_fee,
    parse_label,
    parse_question,
)
from core.money import Money, kes
from core.staff_input import InvalidFreeText, InvalidMoment
from core.text import Language

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("raw", "question"),
    [
        ("  Will  Gor Mahia win?\n", "Will Gor Mahia win?"),
        ("Will \u201cGor\u201d win \u2013 or\u2026?", 'Will "Gor" win - or...?'),
        ("Will M\u00fcller or \u0160imko win?", "Will M\u00fcller or Simko win?"),
        ("Will [x] cost 5 \u20ac?", "Will [x] cost 5 \u20ac?"),
        ("Will the court hear the kill case of God?", "Will the court hear the kill case of God?"),
        ("x" * 60, "x" * 60),
    ],
)
def test_questions_that_a_phone_can_show(raw: str, question: str) -> None:
    assert parse_question(raw) == question


@pytest.mark.parametrize(
    "raw", ["", "   ", "x" * 61, "[" * 31, "Will the shit hit the fan?", "f u c k ? fuck"]
)
def test_questions_that_are_refused(raw: str) -> None:
    with pytest.raises(InvalidQuestion):
        parse_question(raw)


@pytest.mark.parametrize("raw", ["Rain \N{UMBRELLA}?", "Shida \u4e2d?", "a\x00b", "a\x1bb"])
def test_the_character_that_cannot_be_shown_is_named(raw: str) -> None:
    with pytest.raises(NotGsm7) as refusal:
        parse_question(raw)
    assert refusal.value.character in raw
    assert refusal.value.text.in_(Language.ENGLISH)


def test_characters_of_the_extension_table_count_twice() -> None:
    assert (septets("a[\u20ac]"), septets("@\u00a3\u00e9")) == (7, 3)
    assert ensure_gsm7("\u00e9") == "\u00e9"


@pytest.mark.parametrize(
    ("question", "label"),
    [
        ("Will Gor Mahia win on Sunday?", "Will Gor Mahia win"),
        ("Rain?", "Rain"),
        ("Supercalifragilisticexpialidocious or not?", "Supercalifragilist"),
    ],
)
def test_a_label_is_by_default_the_first_words_that_fit(question: str, label: str) -> None:
    assert parse_label(None, question=question) == label
    assert septets(label) <= LABEL_SEPTETS


@pytest.mark.parametrize("raw", ["", "x" * 19, "{" * 10, "shit"])
def test_labels_and_categories_that_are_refused(raw: str) -> None:
    with pytest.raises(InvalidLabel):
        parse_label(raw, question="Rain?")
    with pytest.raises(InvalidCategory):
        parse_category(raw)


def test_a_category_begins_with_a_capital() -> None:
    assert (parse_category(" local football "), parse_category(None)) == (
        "Local football",
        "General",
    )


def test_a_closing_time_is_read_with_its_offset() -> None:
    moment = parse_closing_time("2026-12-31T18:00+03:00", now=NOW)
    assert moment == datetime(2026, 12, 31, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    "raw",
    ["tomorrow", "", "2026-12-31", "2026-12-31T18:00", NOW.isoformat(), NOW - timedelta(days=1)],
)
def test_closing_times_that_are_refused(raw: str | datetime) -> None:
    with pytest.raises((InvalidClosingTime, InvalidMoment)):
        parse_closing_time(raw, now=NOW)


def test_sides_and_outcomes_in_any_letter_case() -> None:
    assert (parse_side(" Yes "), parse_side("NO")) == (Side.YES, Side.NO)
    assert parse_outcome("Void") is Outcome.VOID
    with pytest.raises(InvalidSide):
        parse_side("void")
    with pytest.raises(InvalidOutcome):
        parse_outcome("maybe")


def test_a_stake_is_whole_shillings_within_the_limits() -> None:
    for stake in (kes(20), kes(1000)):
        ensure_stake(stake, smallest=kes(20), largest=kes(1000))
    for stake in (kes(19), kes(1001), Money(2050)):
        with pytest.raises(StakeOutOfRange):
            ensure_stake(stake, smallest=kes(20), largest=kes(1000))


@pytest.mark.parametrize("fee_bps", [-1, 10_001])
def test_fees_that_are_refused(fee_bps: int) -> None:
    with pytest.raises(InvalidTerms):
        parse_fee(fee_bps)


@pytest.mark.parametrize("raw", ["", "  ", "x" * 501, "a\x00b"])
def test_evidence_that_is_refused(raw: str) -> None:
    with pytest.raises(InvalidFreeText):
        parse_evidence(raw)
