"""Which account a line is paid from, and how much of a wallet the lines of a correction share."""

from core.database import in_transaction
from core.ledger.book import derived_cents, side_account
from core.markets.rules import Outcome, Side
from core.markets.settle_market import settle_chunk
from core.money import Money, kes
from tests.core.markets.bookmaker import Bookmaker
from tests.core.markets.test_corrections import owes
from tests.core.markets.test_settlement import AMINA, WANJIRU, three_players
from tests.world import World


def _sides(world: World, market_id: int) -> list[Money]:
    with world.database.connect() as connection:
        accounts = [side_account(connection, market_id=market_id, side=side) for side in Side]
        return [derived_cents(connection, account_id=account) for account in accounts]


def _market_with_bets(world: World, bookmaker: Bookmaker) -> int:
    """100 on YES, 300 on NO."""
    three_players(world)
    market_id = world.has_market()
    bookmaker.bets(WANJIRU, market_id, Side.YES, 100)
    bookmaker.bets(AMINA, market_id, Side.NO, 300)
    bookmaker.closes(market_id)
    return market_id


def _pays_the_lines_of(
    world: World, bookmaker: Bookmaker, market_id: int, outcome: Outcome
) -> list[Money]:
    """What is on both sides then, before the books are closed."""
    bookmaker.proposes(market_id, outcome)
    bookmaker.resolves(market_id)
    in_transaction(world.database, lambda c: settle_chunk(c, market_id=market_id))
    sides = _sides(world, market_id)
    bookmaker.pays(market_id)
    return sides


def test_a_stake_goes_back_from_the_side_it_was_on(world: World, bookmaker: Bookmaker) -> None:
    market_id = _market_with_bets(world, bookmaker)
    assert _pays_the_lines_of(world, bookmaker, market_id, Outcome.VOID) == [kes(0), kes(0)]


def test_winners_are_paid_from_their_own_side(world: World, bookmaker: Bookmaker) -> None:
    market_id = _market_with_bets(world, bookmaker)
    # 360 for the winners, and the fee of 40 for the closing.
    assert _pays_the_lines_of(world, bookmaker, market_id, Outcome.NO) == [kes(100), kes(-60)]


def test_two_lines_take_from_one_wallet_no_more_than_is_there(
    world: World, bookmaker: Bookmaker
) -> None:
    three_players(world)
    market_id, other = world.has_market(), world.has_market("Will it rain?")
    for _ in range(2):
        bookmaker.bets(WANJIRU, market_id, Side.YES, 100)
    bookmaker.bets(AMINA, market_id, Side.NO, 100)
    bookmaker.ends(market_id, Outcome.YES)
    # Two lines of 135 each; 60 of all that is hers are left.
    bookmaker.bets(WANJIRU, other, Side.YES, 1_010)
    bookmaker.ends_anew(market_id, Outcome.NO)
    assert (world.wallet(WANJIRU), owes(world, WANJIRU)) == (kes(0), kes(210))
