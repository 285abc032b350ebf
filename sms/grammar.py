"""What a message asks for: words in, a command out, or the miss with the nearest right example."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from core.text import Language
from sms.betting import Order
from sms.miss import Example, Miss, Why, repeatable
from sms.tokens import Number, Token, compact, tokens_of
from sms.vocabulary import (
    LANGUAGES,
    LANGUAGES_ALONE,
    POLITE,
    SECRETS,
    SIDES,
    SPELLINGS,
    SWAHILI_WORDS,
    WORDS,
    Word,
)
from sms.wager import bet_example, holds_a_pin, looks_like_a_bet, read_wager

# Four digits or more and no letter: a PIN or a code, however it is spaced.
_DIGITS_ONLY: Final = re.compile(r"[\W_]*(?:\d[\W_]*){4,}", re.ASCII)
# A bookmaker's bet, 112#1#100: no code is written like that.
_PICKED: Final = re.compile(r"[\W_]*(\d{3,})[\W_]+\d[\W_]+\d{2,}[\W_]*", re.ASCII)
_REFERENCE_LENGTH: Final = 6
_CODE_LENGTH: Final = 6
_LONGEST_WORD: Final = 20
# BTE is nearer to BET than this, ASANTE further from BALANCE.
_NEAR: Final = 0.65


@dataclass(frozen=True)
class Ask:
    """A word that stands alone."""

    word: Word


@dataclass(frozen=True)
class Help:
    """All words, or how to write one of them."""

    about: Word | None


@dataclass(frozen=True)
class Digits:
    """A code, or what was taken for one."""

    digits: str


@dataclass(frozen=True)
class Secret:
    """A PIN, or a message about it."""

    in_bet: bool


@dataclass(frozen=True)
class Cancel:
    """A bet's reference, not looked up yet."""

    reference: str


@dataclass(frozen=True)
class Receipt:
    """A reference as typed."""

    typed: str


@dataclass(frozen=True)
class Dispute:
    """The result of this market; None for a number that no market can have."""

    market_id: int | None


@dataclass(frozen=True)
class Speak:
    """The language to answer in from now on."""

    language: Language


@dataclass(frozen=True)
class Watch:
    """What happens to this market; None for a number that no market can have."""

    market_id: int | None


@dataclass(frozen=True)
class Unwatch:
    """This market no more, or `everything`."""

    market_id: int | None
    everything: bool = False


@dataclass(frozen=True)
class Stop:
    """No more news; or, where the player watches this market, only this one no more."""

    market_id: int | None


Command = (
    Ask
    | Help
    | Digits
    | Secret
    | Order
    | Cancel
    | Receipt
    | Dispute
    | Speak
    | Watch
    | Unwatch
    | Stop
    | Miss
)


def read(text: str, *, language: Language) -> Command:
    """What the message asks for; the language is the player's. Never raises."""
    text = unicodedata.normalize("NFKC", text)
    if _DIGITS_ONLY.fullmatch(text):
        picked = _PICKED.fullmatch(text)
        if picked is None:
            return Digits("".join(re.findall(r"\d", text, re.ASCII)))
        return Miss(Why.SIDE, bet_example(tokens_of(picked[1])))
    tokens = tokens_of(text)
    while tokens and tokens[0] in POLITE:
        del tokens[0]
    if not tokens:
        return Help(None)
    if any(isinstance(each, str) and each in SECRETS for each in tokens):
        return Secret(in_bet=looks_like_a_bet(tokens) or WORDS.get(str(tokens[0])) is Word.BET)
    return _about_a_reference(compact(tokens)) or _command(tokens, language)


def holds_a_secret(text: str) -> bool:
    """Whether the message is a code or a PIN, or speaks of one."""
    return isinstance(read(text, language=Language.ENGLISH), Digits | Secret)


def _about_a_reference(letters: str) -> Command | None:
    # Its letters and digits may stand apart, or stick to the word: rcpt7k3-qxm.
    found = _WITH_REFERENCE.fullmatch(letters)
    if found is None:
        return None
    word, reference = WORDS[found["word"]], found["reference"]
    if word is Word.RECEIPT and reference:
        return Receipt(reference)
    if word is Word.CANCEL and len(reference) == _REFERENCE_LENGTH:
        return Cancel(reference)
    return Miss(Why.REFERENCE, Example(word))


def _command(tokens: list[Token], language: Language) -> Command:
    spelling, rest = _first_word(tokens)
    if spelling is None:
        return _without_a_word(tokens, language)
    word = WORDS[spelling]
    if word is Word.BET and holds_a_pin(rest):
        return Secret(in_bet=True)
    if word is Word.BET:
        spoken = Language.SWAHILI if spelling in SWAHILI_WORDS else language
        return read_wager(rest, language=spoken)
    if word in (Word.BETS, Word.MARKETS, Word.BALANCE) and looks_like_a_bet(rest):
        return Miss(Why.NEAR, bet_example(rest))
    return _with_its_argument(word, rest)


def _with_its_argument(word: Word, rest: Sequence[Token]) -> Command:
    number = next((each for each in rest if isinstance(each, Number)), None)
    value = None if number is None else number.value
    names = [each for each in rest if isinstance(each, str)]
    match word:
        case Word.HELP:
            return Help(next((WORDS[name] for name in names if name in WORDS), None))
        case Word.LANGUAGE:
            chosen = next((LANGUAGES[name] for name in names if name in LANGUAGES), None)
            return Miss(Why.LANGUAGE, Example(word)) if chosen is None else Speak(chosen)
        case Word.STOP:
            return Stop(value)
        case Word.DISPUTE | Word.WATCH if number is None:
            return Miss(Why.MARKET, Example(word))
        case Word.DISPUTE:
            return Dispute(value)
        case Word.WATCH:
            return Watch(value)
        case Word.UNWATCH:
            return Unwatch(value, everything=number is None)
        case _:
            return Ask(word)


def _without_a_word(tokens: list[Token], language: Language) -> Command:
    first = tokens[0]
    if looks_like_a_bet(tokens) and holds_a_pin(tokens):
        return Secret(in_bet=True)
    code = _code_among(tokens)
    if isinstance(first, Number):
        return code or read_wager(tokens, language=language)
    if tokens == [first] and first in LANGUAGES_ALONE:
        return Speak(LANGUAGES[first])
    if looks_like_a_bet(tokens):
        return Miss(Why.SHAPE if first in SIDES else Why.NEAR, bet_example(tokens))
    near = get_close_matches(first[:_LONGEST_WORD], _SINGLE_WORDS, n=1, cutoff=_NEAR)
    if not near:
        return code or Miss(Why.NEAR, None)
    number = next((each for each in tokens if isinstance(each, Number)), None)
    return Miss(Why.NEAR, Example(WORDS[near[0]], repeatable(number)))


def _code_among(tokens: Sequence[Token]) -> Digits | None:
    """A code that somebody wrote a word beside: `Code: 123456`, `123456 asante`."""
    numbers = [each.digits for each in tokens if isinstance(each, Number)]
    if len(numbers) != 1 or len(numbers[0]) != _CODE_LENGTH or looks_like_a_bet(tokens):
        return None
    return Digits(numbers[0])


def _first_word(tokens: list[Token]) -> tuple[str | None, list[Token]]:
    """The spelling that the message begins with, two words before one, and what follows it."""
    for length in (2, 1):
        words = [each for each in tokens[:length] if isinstance(each, str)]
        spelling = " ".join(words)
        if len(words) == length and spelling in WORDS:
            return spelling, tokens[length:]
    return None, tokens


_SINGLE_WORDS: Final = [spelling for spelling in WORDS if " " not in spelling]
_NAMES: Final = "|".join(
    spelling
    for word in (Word.RECEIPT, Word.CANCEL)
    for spellings in SPELLINGS[word]
    for spelling in spellings
)
_WITH_REFERENCE: Final = re.compile(
    rf"(?P<word>{_NAMES})(?:(?:BET|DAU)?(?:REF)?(?=.{{6}}$))?(?P<reference>.*)", re.ASCII
)
