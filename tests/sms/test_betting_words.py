"""What is answered to a bet by SMS, or to its cancelling, fits and says what the money did."""

import ast
import inspect
from itertools import product
from textwrap import dedent

import pytest

from core.errors import Refused
from core.gsm7 import ONE_SEGMENT, septets
from core.ledger.book import InsufficientFunds
from core.markets import bet_by_sms as rules_of_bets_by_sms
from core.markets import cancel_bet as rules_of_cancelling
from core.markets import place_bet as rules_of_bets
from core.markets import rules
from core.markets.rules import NoSuchMarket, Side, ensure_stake
from core.money import kes
from core.notices import bet_texts, examples
from core.players import rules as player_rules
from core.players.rules import ensure_may_play
from core.switches.rules import Stopped, Switch
from core.text import Language, Text
from tests.texts.sentences import made

NOTHING_TAKEN = {Language.ENGLISH: "No money was taken", Language.SWAHILI: "Hujakatwa pesa"}
NOTHING_MOVED = {
    Language.ENGLISH: "No money was moved",
    Language.SWAHILI: "Hakuna pesa zilizohamishwa",
}


def refused_in(*sources: object) -> set[str]:
    """The names of what is raised there."""
    trees = [ast.parse(dedent(inspect.getsource(each))) for each in sources]  # type: ignore[arg-type]
    raised = [
        node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Raise) and node.exc is not None
    ]
    return {each.id for each in raised if isinstance(each, ast.Name)}


def kinds_named(names: set[str], *modules: object) -> list[type[Refused]]:
    known = {name: each for module in modules for name, each in vars(module).items()}
    found = [known[name] for name in names if name in known]
    return [each for each in found if isinstance(each, type) and issubclass(each, Refused)]


def words_of(kinds: list[type[Refused]]) -> list[Text]:
    """Each with its longest values; of what is stopped, bets."""
    plain = [kind for kind in kinds if kind is not Stopped]
    return [Stopped(Switch.BETS).text, *(each.text for kind in plain for each in made(kind))]


@pytest.mark.parametrize("language", Language)
def test_every_refusal_of_a_bet_says_that_nothing_was_taken_in_one_segment(
    language: Language,
) -> None:
    names = refused_in(rules_of_bets, rules_of_bets_by_sms, ensure_may_play, ensure_stake)
    kinds = kinds_named(names, rules, player_rules, rules_of_bets, rules_of_bets_by_sms)
    assert len(kinds) >= 15
    said = words_of([*(set(kinds) - {NoSuchMarket}), InsufficientFunds])
    for each in (*said, examples.bet_on_no_market()):
        assert NOTHING_TAKEN[language] in each.in_(language)
        assert septets(each.in_(language)) <= ONE_SEGMENT


@pytest.mark.parametrize("language", Language)
def test_every_refusal_of_a_cancelling_says_that_nothing_was_moved_in_one_segment(
    language: Language,
) -> None:
    names = refused_in(rules_of_cancelling, ensure_may_play)
    kinds = kinds_named(names, rules_of_cancelling, player_rules)
    assert len(kinds) >= 9
    for each in words_of(kinds):
        words = each.in_(language)
        assert NOTHING_MOVED[language] in words or NOTHING_TAKEN[language] in words
        assert septets(words) <= ONE_SEGMENT


def test_each_way_to_bet_has_its_longest_answer_in_one_segment() -> None:
    for language, returns, side in product(Language, (kes(99_999_999), None), Side):
        said = bet_texts.bet_by_sms_placed(
            reference="WWWWWW",
            stake=kes(250_000),
            side=side,
            market_id=999_999,
            label="Gor Mahia win cup",
            returns=returns,
            balance=kes(99_999_999),
            cancel_until="23:59",
        )
        assert septets(said.in_(language)) <= ONE_SEGMENT
