"""Staff find markets among all there ever were."""

from datetime import timedelta

import pytest

from core.database import in_transaction, now
from core.markets import find_markets as module
from core.markets.create_market import create_market
from core.markets.find_markets import Found, Wanted, find_markets, list_categories
from core.markets.rules import MarketStatus, Outcome, PayoutRule, Ruling, Side
from core.money import kes
from core.staff.records import Admin
from tests.core.markets.bookmaker import Bookmaker
from tests.core.markets.life import disputes, rules, third_admin
from tests.world import World

WANJIRU = "+254700000001"


def finds(world: World, wanted: Wanted, limit: int = 50) -> list[Found]:
    return in_transaction(world.database, lambda c: find_markets(c, wanted=wanted, limit=limit))


def numbers(world: World, wanted: Wanted, limit: int = 50) -> list[int]:
    return [each.market.id for each in finds(world, wanted, limit)]


def test_the_newest_come_first_a_page_by_its_key(world: World) -> None:
    one, two, three = (world.has_market(f"Will it rain {n}?") for n in range(3))
    assert numbers(world, Wanted(), limit=2) == [three, two]
    assert numbers(world, Wanted(before_id=two), limit=2) == [one]


def test_by_state_category_words_number_and_closing_time(world: World) -> None:
    rain = world.has_market("Will it rain?", label="Rain 100%", category="Weather")
    derby = world.has_market("Will Gor win?", label="Derby", closes_in=timedelta(days=9))
    world.settles(rain, "no")
    assert numbers(world, Wanted(status=MarketStatus.SETTLED)) == [rain]
    assert numbers(world, Wanted(category="Weather")) == [rain]
    for words in ("gor WIN", "derby", str(derby)):
        assert numbers(world, Wanted(words=words)) == [derby], words
    # A number is a market's, or stands in a question; a pattern's letters are letters.
    assert numbers(world, Wanted(words="100%")) == [rain]
    assert numbers(world, Wanted(words="r_in")) == numbers(world, Wanted(words="9" * 30)) == []
    later = in_transaction(world.database, now) + timedelta(days=5)
    assert numbers(world, Wanted(closes_from=later)) == [derby]
    assert numbers(world, Wanted(closes_before=later)) == [rain]
    assert in_transaction(world.database, list_categories) == ["General", "Weather"]


def test_pools_and_bets_are_those_of_the_market(world: World, bookmaker: Bookmaker) -> None:
    world.has_player(WANJIRU, balance=kes(500))
    quiet, busy = world.has_market(), world.has_market()
    bookmaker.bets(WANJIRU, busy, Side.YES, 100)
    bookmaker.bets(WANJIRU, busy, Side.NO, 50)
    first, second = finds(world, Wanted())
    assert (first.market.id, first.bets, second.market.id, second.bets) == (busy, 2, quiet, 0)
    assert first.pool is not None
    assert (first.pool.yes, first.pool.no) == (kes(100), kes(50))


def test_a_list_sums_up_only_so_many_bets(
    world: World, bookmaker: Bookmaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_BETS_SUMMED", 3)
    world.has_player(WANJIRU, balance=kes(500))
    market_id = world.has_market()
    for bets in (3, 4, 5):
        while bookmaker_bets(world, market_id) < bets:
            bookmaker.bets(WANJIRU, market_id, Side.YES, 20)
        [found] = finds(world, Wanted())
        assert found.bets == 3
        assert (found.pool is None) == (bets > 3)


def bookmaker_bets(world: World, market_id: int) -> int:
    return world.pool(market_id, "yes").cents // kes(20).cents


def test_mine_to_do_is_what_i_may_do_next(world: World, bookmaker: Bookmaker) -> None:
    world.has_player(WANJIRU, balance=kes(500))
    world.has_market()
    settled, proposed, disputed, closed = (world.has_market() for _ in range(4))
    zawadi = third_admin(world)

    def to_do(by: Admin) -> list[int]:
        return numbers(world, Wanted(to_do_for=by))

    draft = in_transaction(
        world.database,
        lambda c: create_market(
            c,
            question="Will it snow?",
            closes_at=now(c) + timedelta(days=1),
            fee_bps=0,
            payout_rule=PayoutRule.PRO_RATA,
            by=bookmaker.asha,
        ),
    ).id
    bookmaker.ends(settled, Outcome.NO)
    bookmaker.bets(WANJIRU, disputed, Side.YES, 100)
    for each in (proposed, disputed, closed):
        bookmaker.closes(each)
    bookmaker.proposes(proposed, Outcome.YES, window=timedelta(minutes=5))
    bookmaker.proposes(disputed, Outcome.NO, window=timedelta(minutes=5))
    disputes(world, disputed, WANJIRU)

    assert to_do(zawadi) == [draft, closed, disputed], "a window keeps the other"
    assert to_do(bookmaker.asha) == [closed], "not what she wrote or proposed herself"
    assert [each.is_disputed for each in finds(world, Wanted(to_do_for=zawadi))] == [
        False,
        False,
        True,
    ]
    rules(world, disputed, Ruling.DISMISSED, by=zawadi)
    world.moves(minutes=5)
    assert to_do(bookmaker.baraka) == [draft, closed, disputed, proposed]
