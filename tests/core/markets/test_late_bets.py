"""Bets that came after the fact go back in full, before fee and pool are counted."""

from datetime import datetime, timedelta

import pytest

from core.database import now
from core.ledger.transfer import AccountKind
from core.markets.my_bets import my_bets
from core.markets.rules import MarketStatus, Outcome, PayoutRule, Side
from core.markets.summary import preview_settlement
from core.markets.terms import InvalidLateFrom
from core.money import kes
from core.staff_input import InvalidMoment
from tests.core.markets.bookmaker import Bookmaker
from tests.core.markets.test_settlement import (
    AMINA,
    OTIENO,
    WANJIRU,
    messages,
    system,
    three_players,
)
from tests.world import World


def moment(world: World) -> datetime:
    with world.database.connect() as connection:
        return now(connection)


def with_late_bets(
    world: World, bookmaker: Bookmaker, *, rule: PayoutRule = PayoutRule.PRO_RATA
) -> tuple[int, datetime]:
    """100 against 100 in time; then 300 of Otieno's on the winner and 50 of Amina's on both."""
    three_players(world)
    market = world.has_market(label="Gor Mahia", payout_rule=rule)
    bookmaker.bets(WANJIRU, market, Side.YES, 100)
    bookmaker.bets(AMINA, market, Side.NO, 100)
    late_from = moment(world)
    bookmaker.bets(OTIENO, market, Side.YES, 300)
    for side in Side:
        bookmaker.bets(AMINA, market, side, 50)
    return market, late_from


@pytest.mark.parametrize("rule", PayoutRule)
def test_late_bets_go_back_and_the_others_are_settled_as_if_alone(
    world: World, bookmaker: Bookmaker, rule: PayoutRule
) -> None:
    market, late_from = with_late_bets(world, bookmaker, rule=rule)
    summary = bookmaker.ends(market, Outcome.YES, late_from=late_from)
    assert (summary.late_bets, summary.late) == (3, kes(400))
    assert (summary.winners, summary.losers) == (1, 1)
    assert (summary.paid, summary.fee) == (kes(180 + 400), kes(20))
    assert summary.pool.total == summary.paid + summary.fee + summary.remainder
    assert world.wallet(WANJIRU) == kes(900 + 180)
    assert world.wallet(OTIENO) == kes(1000)
    assert world.wallet(AMINA) == kes(900)
    assert system(world, AccountKind.FEE_REVENUE) == kes(20)


def test_the_dry_run_and_the_proposal_name_the_late_bets(
    world: World, bookmaker: Bookmaker
) -> None:
    market, late_from = with_late_bets(world, bookmaker)
    bookmaker.closes(market)
    proposed = bookmaker.proposes(market, Outcome.YES, late_from=late_from)
    assert proposed.late_from == late_from
    with world.database.connect() as connection:
        preview = preview_settlement(connection, market_id=market)
    assert (preview.late_bets, preview.late, preview.fee) == (3, kes(400), kes(20))


def test_a_side_that_had_only_late_bets_gives_everything_back(
    world: World, bookmaker: Bookmaker
) -> None:
    three_players(world)
    market = world.has_market()
    bookmaker.bets(WANJIRU, market, Side.YES, 100)
    late_from = moment(world)
    bookmaker.bets(AMINA, market, Side.NO, 100)
    summary = bookmaker.ends(market, Outcome.YES, late_from=late_from)
    assert summary.refunded
    assert (world.wallet(WANJIRU), world.wallet(AMINA)) == (kes(1000), kes(1000))


def test_all_bets_may_have_been_late(world: World, bookmaker: Bookmaker) -> None:
    three_players(world)
    market = world.has_market()
    late_from = moment(world)
    bookmaker.bets(WANJIRU, market, Side.YES, 100)
    bookmaker.bets(AMINA, market, Side.NO, 100)
    summary = bookmaker.ends(market, Outcome.YES, late_from=late_from)
    assert (summary.refunded, summary.late_bets, summary.fee) == (True, 2, kes(0))
    assert (world.wallet(WANJIRU), world.wallet(AMINA)) == (kes(1000), kes(1000))


def test_who_was_late_with_everything_is_told_so(world: World, bookmaker: Bookmaker) -> None:
    market, late_from = with_late_bets(world, bookmaker)
    bookmaker.ends(market, Outcome.YES, late_from=late_from)
    [told] = messages(world, OTIENO)
    assert "result YES. Bet too late: your KES 300 is back. Balance KES 1,000." in str(told)
    [told] = messages(world, AMINA)
    assert "Paid KES 100, of which KES 100 for late bets." in str(told)
    with world.database.connect() as connection:
        [mine] = my_bets(connection, player_id=world.player(OTIENO).id, limit=5)
    assert (mine.late, mine.paid) == (True, kes(300))


def test_bets_are_late_from_a_moment_while_the_market_was_open(
    world: World, bookmaker: Bookmaker
) -> None:
    before = moment(world)
    market = world.has_market()
    bookmaker.closes(market)
    for wrong in (before, moment(world) + timedelta(minutes=1)):
        with pytest.raises(InvalidLateFrom):
            bookmaker.proposes(market, Outcome.YES, late_from=wrong)
    with pytest.raises(InvalidLateFrom):
        bookmaker.proposes(market, Outcome.VOID, late_from=moment(world))
    with pytest.raises(InvalidMoment):
        bookmaker.proposes(market, Outcome.YES, late_from=moment(world).replace(tzinfo=None))
    assert bookmaker.market(market).status is MarketStatus.CLOSED


def test_only_the_late_bets_are_corrected(world: World, bookmaker: Bookmaker) -> None:
    market, late_from = with_late_bets(world, bookmaker)
    bookmaker.ends(market, Outcome.YES)
    bookmaker.ends_anew(market, Outcome.YES, late_from=late_from)
    assert world.wallet(WANJIRU) == kes(900 + 180)
    assert (world.wallet(OTIENO), world.wallet(AMINA)) == (kes(1000), kes(900))
    bookmaker.ends_anew(market, Outcome.YES)
    assert bookmaker.market(market).late_from is None
