"""What is answered to a bet by SMS, or to its cancelling, fits and says what the money did."""

import pytest

from core.errors import Refused
from core.gsm7 import ONE_SEGMENT, septets
from core.ledger.book import InsufficientFunds
from core.markets import bet_by_sms as rules_of_bets_by_sms
from core.markets import cancel_bet as rules_of_cancelling
from core.markets import place_bet as rules_of_bets
from core.markets.rules import NoSuchMarket, ensure_stake
from core.notices import examples
from core.players.rules import ensure_may_play
from core.switches.rules import Stopped, Switch
from core.text import Language, Text
from tests.texts.refused_by_sms import raised_by
from tests.texts.sentences import made

NOTHING_TAKEN = {Language.ENGLISH: "No money was taken", Language.SWAHILI: "Hujakatwa pesa"}
NOTHING_MOVED = {
    Language.ENGLISH: "No money was moved",
    Language.SWAHILI: "Hakuna pesa zilizohamishwa",
}


def words_of(kinds: set[type[Refused]]) -> list[Text]:
    """Each with its longest values; of what is stopped, bets."""
    plain = [kind for kind in kinds if kind is not Stopped]
    return [Stopped(Switch.BETS).text, *(each.text for kind in plain for each in made(kind))]


@pytest.mark.parametrize("language", Language)
def test_every_refusal_of_a_bet_says_that_nothing_was_taken_in_one_segment(
    language: Language,
) -> None:
    sources = (rules_of_bets, rules_of_bets_by_sms, ensure_may_play, ensure_stake)
    kinds = {kind for source in sources for kind in raised_by(source)}
    assert len(kinds) >= 15
    said = words_of({*kinds, InsufficientFunds} - {NoSuchMarket})
    for each in (*said, examples.bet_on_no_market()):
        assert NOTHING_TAKEN[language] in each.in_(language)
        assert septets(each.in_(language)) <= ONE_SEGMENT


@pytest.mark.parametrize("language", Language)
def test_every_refusal_of_a_cancelling_says_that_nothing_was_moved_in_one_segment(
    language: Language,
) -> None:
    kinds = {*raised_by(rules_of_cancelling), *raised_by(ensure_may_play)}
    assert len(kinds) >= 9
    for each in words_of(kinds):
        words = each.in_(language)
        assert NOTHING_MOVED[language] in words or NOTHING_TAKEN[language] in words
        assert septets(words) <= ONE_SEGMENT
