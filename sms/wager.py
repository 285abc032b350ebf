"""Reads a bet: the market's number, the side, the amount, in this order and nothing else."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Final

from core.markets.rules import Side
from core.money import kes
from core.text import Language
from sms.betting import Order
from sms.miss import Example, Miss, Why, repeatable
from sms.tokens import Number, Token
from sms.vocabulary import COURTESIES, ENGLISH_SIDES, POLITE, SHILLINGS, SIDES, Word

_MARKET_AND_AMOUNT: Final = 2
_PIN_DIGITS: Final = 4
_SAY_NOTHING: Final = SHILLINGS | COURTESIES | POLITE


def looks_like_a_bet(tokens: Sequence[Token]) -> bool:
    """Whether there is a side, and a number before or behind it."""
    sides = SIDES | ENGLISH_SIDES
    return any(isinstance(each, Number) for each in tokens) and any(
        isinstance(each, str) and each in sides for each in tokens
    )


def read_wager(tokens: Sequence[Token], *, language: Language) -> Order | Miss:
    """The bet in what follows the word. Money moves only for what can be read in one way."""
    sides = SIDES | ENGLISH_SIDES if language is Language.ENGLISH else SIDES
    parts = [each for each in tokens if isinstance(each, Number) or each not in _SAY_NOTHING]
    match parts:
        case [Number(value=int(market)), str(side), Number(value=int(amount))] if side in sides:
            return Order(market, sides[side], kes(amount))
        case [Number(), str(side), *rest] if side in sides:
            why = Why.AMOUNT if _is_no_amount(rest) else Why.SHAPE
        case [Number(), Number()] | [Number(), str(), Number()]:
            why = Why.SIDE
        case _:
            why = Why.SHAPE
    return Miss(why, bet_example(parts, sides=sides))


def bet_example(tokens: Sequence[Token], *, sides: Mapping[str, Side] = SIDES) -> Example:
    """The nearest right bet: the market, the side and the amount that were written, if they were.

    Two numbers are a market and an amount, in this order; one alone is a market.
    """
    numbers = [each for each in tokens if isinstance(each, Number)]
    words = [each for each in tokens if isinstance(each, str)]
    near = (get_close_matches(word, sides, n=1) for word in words)
    side = next((sides[found[0]] for found in near if found), None)
    market = numbers[0] if numbers else None
    # Without a side between them two short numbers may be the halves of a PIN.
    amount = numbers[1] if len(numbers) == _MARKET_AND_AMOUNT and side is not None else None
    return Example(Word.BET, repeatable(market), side or Side.YES, repeatable(amount))


def holds_a_pin(tokens: Sequence[Token]) -> bool:
    """Whether four digits stand before or behind all that a bet needs: the menu asks for a PIN."""
    numbers = [each.digits for each in tokens if isinstance(each, Number)]
    if len(numbers) <= _MARKET_AND_AMOUNT:
        return False
    return _PIN_DIGITS in (len(numbers[0]), len(numbers[-1]))


def _is_no_amount(rest: Sequence[Token]) -> bool:
    match rest:
        case [] | [str()] | [Number(value=None)]:
            return True
        case _:
            return False
