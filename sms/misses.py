"""What is answered to a message that could not be followed."""

from typing import Final

from core.notices import examples
from core.text import Text
from sms.miss import Example, Miss, Why
from sms.vocabulary import Word

_OF_BETS: Final = {
    Why.NEAR: examples.did_you_mean_bet,
    Why.SHAPE: examples.write_the_bet,
    Why.SIDE: examples.write_the_side,
    Why.AMOUNT: examples.write_the_amount,
}


def answer_to(miss: Miss, *, service_code: str) -> Text:
    """The nearest right example, and of a bet that no money was taken."""
    if miss.example is None:
        return examples.not_understood(service_code=service_code)
    written = _written(miss.example)
    match miss.example.word, miss.why:
        case Word.BET, why:
            return _OF_BETS[why](example=written)
        case _, Why.MARKET:
            return examples.which_market(example=written)
        case Word.CANCEL, Why.REFERENCE:
            return examples.which_bet()
        case _, Why.REFERENCE:
            return examples.which_receipt()
        case _, Why.LANGUAGE:
            return examples.which_language()
        case _:
            return examples.did_you_mean(example=written, service_code=service_code)


def help_about(word: Word | None, *, service_code: str) -> Text:
    """All words, or how to write this one."""
    match word:
        case None | Word.HELP:
            return examples.help_words(service_code=service_code)
        case Word.BET | Word.CANCEL:
            return examples.help_bet(service_code=service_code)
        case _:
            return examples.help_word(example=_written(Example(word)), service_code=service_code)


def _written(example: Example) -> Text:
    return examples.example(
        word=example.word,
        market_id=example.market_id,
        side=example.side,
        shillings=example.shillings,
    )
