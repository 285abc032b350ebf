"""Everybody who bet is asked whether a proposed result is right, once and while it stands."""

import pytest

from core.database import in_transaction
from core.markets.jobs import jobs
from core.markets.market import Market
from core.markets.rules import Outcome, Ruling
from core.markets.tell_proposal import ask_to_tell, tell_proposal
from core.outbox.deliver import Worker
from tests.core.markets.bookmaker import Bookmaker
from tests.core.markets.disputed import AKINYI, OTIENO, WANJIRU, WINDOW, inbox
from tests.core.markets.life import disputes, rules, works
from tests.world import World


def tells(world: World, market: Market, *, after: int) -> int:
    """One chunk of one player."""
    market_id, at = market.id, market.proposed_at
    assert at is not None
    return in_transaction(
        world.database,
        lambda c: tell_proposal(c, market_id=market_id, proposed_at=at, after=after, limit=1),
    )


def test_everybody_who_bet_is_told_once_in_chunks(
    world: World, bookmaker: Bookmaker, proposed: int
) -> None:
    second = world.player(WANJIRU).id
    # Each chunk comes twice, as from a worker that died before it had written down its end.
    market = bookmaker.market(proposed)
    told = [tells(world, market, after=after) for after in (0, 0, second, second)]
    assert told == [1, 0, 1, 0]
    works(Worker(world.database, jobs(database=world.database)))
    [english] = inbox(world, WANJIRU, "result_proposed")
    [swahili] = inbox(world, OTIENO, "result_proposed")
    assert english.startswith(
        f"Market {proposed} Gor Mahia wins: YES proposed, source The referee's report. Not agreed?"
        f" Reply DISPUTE {proposed} by "
    )
    assert f"Jibu PINGA {proposed}" in swahili
    assert inbox(world, AKINYI, "result_proposed") == []


@pytest.mark.parametrize("end", ["replaced", "upheld", "over"])
def test_nobody_is_told_of_what_does_not_stand_any_more(
    world: World, bookmaker: Bookmaker, proposed: int, end: str
) -> None:
    before = bookmaker.market(proposed)
    match end:
        case "replaced":
            bookmaker.proposes(proposed, Outcome.VOID, by=bookmaker.baraka, window=WINDOW)
        case "upheld":
            disputes(world, proposed, WANJIRU)
            rules(world, proposed, Ruling.UPHELD, by=bookmaker.baraka)
        case _:
            world.moves(hours=1)
    assert tells(world, before, after=0) == 0
    works(Worker(world.database, jobs(database=world.database)))
    told = inbox(world, WANJIRU, "result_proposed")
    assert [body.split(": ")[1][:13] for body in told] == (
        ["VOID proposed"] if end == "replaced" else []
    )
    with world.database.begin() as connection:
        assert not ask_to_tell(connection, market=before), "it was asked for with the proposal"
