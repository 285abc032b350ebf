"""A correction is paid in chunks, too, whole players at a time."""

from core.database import in_transaction
from core.markets.rules import Outcome, Side
from core.markets.settle_market import settle_chunk
from core.money import kes
from tests.core.markets.bookmaker import Bookmaker
from tests.core.markets.test_corrections import owes, settled, wallets
from tests.core.markets.test_settlement import AMINA, OTIENO, WANJIRU, messages, three_players
from tests.world import World


def test_a_correction_stopped_between_chunks_goes_on(world: World, bookmaker: Bookmaker) -> None:
    market = settled(world, bookmaker)
    bookmaker.corrects(market, Outcome.NO)
    bookmaker.resolves(market)
    while in_transaction(world.database, lambda c: settle_chunk(c, market_id=market, limit=1)):
        world.ledger_is_sound()
    bookmaker.pays(market)
    bookmaker.pays(market)
    assert wallets(world) == [kes(900), kes(800), kes(1260)]
    assert len(messages(world, WANJIRU, "bets_corrected")) == 1


def test_a_player_with_more_lines_than_a_chunk_is_corrected_exactly(
    world: World, bookmaker: Bookmaker
) -> None:
    three_players(world)
    market, other = world.has_market(), world.has_market("Will it rain?")
    for side in (Side.YES, Side.NO, Side.YES):
        bookmaker.bets(WANJIRU, market, side, 100)
    bookmaker.bets(AMINA, market, Side.NO, 100)
    bookmaker.ends(market, Outcome.YES)
    bookmaker.bets(WANJIRU, other, Side.YES, 1000)
    bookmaker.corrects(market, Outcome.NO)
    bookmaker.resolves(market)
    while in_transaction(world.database, lambda c: settle_chunk(c, market_id=market, limit=2)):
        world.ledger_is_sound()
    bookmaker.pays(market)
    # 360 were paid, of which 60 were left; 180 are due.
    assert world.wallet(WANJIRU) - owes(world, WANJIRU) == kes(-120)
    assert len(messages(world, WANJIRU, "bets_corrected")) == 1


def test_a_chunk_takes_whole_players_where_they_fit(world: World, bookmaker: Bookmaker) -> None:
    three_players(world)
    market = world.has_market()
    for phone in (WANJIRU, OTIENO, OTIENO, AMINA):
        bookmaker.bets(phone, market, Side.YES, 100)
    bookmaker.proposes(market, Outcome.VOID)
    bookmaker.resolves(market)
    lines = [
        in_transaction(world.database, lambda c: settle_chunk(c, market_id=market, limit=2))
        for _ in range(4)
    ]
    assert lines == [1, 2, 1, 0]
    bookmaker.pays(market)
