"""One English word is one Swahili word, as the glossary says."""

import re
from collections.abc import Iterator

import pytest

from tests.architecture.test_tree import ROOT
from tests.texts.test_catalogue import translated

ROW = re.compile(r"^\| (?P<english>[^|]+) \| [^|]+ \| (?P<form>[^|]+) \|$", re.MULTILINE)
# Where the sentence says the same without the word.
WITHOUT = {
    "Deposit of {amount} received. {ending}",
    "Deposit of {amount} received, M-Pesa {receipt}. {ending}",
    "Deposit of {amount} received, excise {excise}. {ending}",
    "Deposit of {amount} received, excise {excise}, M-Pesa {receipt}. {ending}",
    "If {side}: depends on the number of winners",
    "What do you bet on?",
}


def glossary() -> dict[str, str]:
    """What must be in a translation, by the English word that asks for it."""
    text = (ROOT / "docs" / "glossary.md").read_text()
    table = text.split("## What players read in Swahili")[1].split("\n## ")[0]
    rows = [row for row in ROW.finditer(table) if row["english"] != "English"]
    return {word: row["form"] for row in rows for word in row["english"].split(", ")}


def missing(word: str, form: str) -> Iterator[str]:
    # Not in capitals: BETS and MARKETS are commands by SMS, the same in both languages.
    asks = re.compile(rf"\b(?:{word}|{word[0].upper()}{word[1:]})\b")
    for english, swahili in translated():
        words = re.sub(r"\{\w+\}", "", english)
        if asks.search(words) and form not in swahili.lower() and english not in WITHOUT:
            yield f"{english} -> {swahili}"


@pytest.mark.parametrize(("word", "form"), glossary().items())
def test_a_word_of_the_glossary_has_one_translation(word: str, form: str) -> None:
    assert list(missing(word, form)) == []


def test_every_word_of_the_glossary_is_one_that_players_read() -> None:
    read = " ".join(english for english, _swahili in translated()).lower()
    assert [word for word in glossary() if word.lower() not in read] == []


def test_what_is_excused_is_still_said() -> None:
    assert {english for english, _swahili in translated()} >= WITHOUT
