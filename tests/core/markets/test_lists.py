from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from core.errors import NoSuchThing
from core.markets.list_markets import (
    BETS_OF_LATE,
    list_markets,
    list_open_markets,
    show_market,
)
from core.markets.market import get_market, lock_market
from core.markets.my_bets import MyBet, find_bet
from core.markets.pricing import Pool
from core.markets.rules import MarketStatus, NoSuchMarket, Outcome, Side
from core.money import kes
from tests.core.markets.bookmaker import Bookmaker
from tests.world import World

WANJIRU, OTIENO = "+254700000001", "+254700000002"


def test_what_closes_soonest_comes_first_and_what_is_over_is_gone(
    world: World, bookmaker: Bookmaker
) -> None:
    late = world.has_market("Late?", closes_in=timedelta(hours=3))
    soon = world.has_market("Soon?", closes_in=timedelta(hours=1))
    closed = world.has_market("Closed?", closes_in=timedelta(hours=2))
    bookmaker.closes(closed)
    assert _open(world) == [soon, late]
    # The worker may be late: the closing time counts, not the status.
    world.moves(hours=1)
    assert _open(world) == [late]
    assert bookmaker.market(soon).status is MarketStatus.OPEN


def test_a_list_tells_both_sides_of_the_pool_also_after_the_end(
    world: World, bookmaker: Bookmaker
) -> None:
    world.has_player(WANJIRU, balance=kes(500))
    market_id, other = world.has_market("Rain?"), world.has_market("Sun?")
    bookmaker.bets(WANJIRU, market_id, Side.YES, 100)
    bookmaker.bets(WANJIRU, market_id, Side.YES, 50)
    bookmaker.bets(WANJIRU, market_id, Side.NO, 30)
    bookmaker.ends(market_id, Outcome.YES)
    with world.database.connect() as connection:
        settled = list_markets(connection, status=MarketStatus.SETTLED)
        everything = list_markets(connection)
        shown = show_market(connection, market_id=market_id)
    assert [listed.market.id for listed in settled] == [market_id]
    assert [listed.market.id for listed in everything] == [market_id, other]
    assert everything[0].pool == shown.pool == Pool(yes=kes(150), no=kes(30))
    assert everything[1].pool == Pool(yes=kes(0), no=kes(0))


def test_a_number_that_no_market_has(world: World) -> None:
    with world.database.connect() as connection, pytest.raises(NoSuchThing):
        show_market(connection, market_id=999)


def test_the_list_is_one_statement_that_reads_the_last_bets_by_their_key(
    world: World, bookmaker: Bookmaker
) -> None:
    world.has_player(WANJIRU, balance=kes(1_000_000))
    market_id = world.has_market()
    bookmaker.bets_in_bulk(WANJIRU, market_id, 6 * BETS_OF_LATE)
    asked: list[tuple[str, object]] = []
    event.listen(world.database, "before_cursor_execute", lambda *call: asked.append(call[2:4]))
    assert _open(world) == [market_id]
    [(statement, values)] = asked
    with world.owner.connect() as connection:
        explain = f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}"
        [plan] = connection.exec_driver_sql(explain, values).scalar_one()  # type: ignore[arg-type]
    [bets] = [node for node in _nodes(plan["Plan"]) if node.get("Relation Name") == "bet"]
    assert bets["Index Name"] == "bet_pkey"
    assert bets["Actual Rows"] == BETS_OF_LATE
    assert bets["Actual Loops"] == 1


@pytest.mark.parametrize("number", [2**31, 2**63, -(2**63) - 1])
def test_a_number_that_no_market_can_have(world: World, bookmaker: Bookmaker, number: int) -> None:
    world.has_player(WANJIRU, balance=kes(500))
    world.has_market()
    with world.database.connect() as connection:
        for look in (lock_market, get_market):
            with pytest.raises(NoSuchMarket):
                look(connection, market_id=number)
    with pytest.raises(NoSuchMarket):
        bookmaker.bets(WANJIRU, number, Side.YES, 100)


def test_a_bet_is_found_by_its_reference_and_by_its_player_only(
    world: World, bookmaker: Bookmaker
) -> None:
    for phone in (WANJIRU, OTIENO):
        world.has_player(phone, balance=kes(500))
    market_id = world.has_market()
    placed = [bookmaker.bets(WANJIRU, market_id, Side.YES, 20) for _ in range(16)]
    found = _bet(world, WANJIRU, placed[0].reference)
    assert found is not None
    assert (found.reference, found.stake) == (placed[0].reference, kes(20))
    assert _bet(world, OTIENO, placed[0].reference) is None
    assert _bet(world, WANJIRU, "no ref") is None


def _bet(world: World, phone: str, reference: str) -> MyBet | None:
    player_id = world.player(phone).id
    with world.database.connect() as connection:
        return find_bet(connection, player_id=player_id, reference=reference)


def _open(world: World) -> list[int]:
    with world.database.connect() as connection:
        return [market.id for market in list_open_markets(connection)]


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from _nodes(part)
