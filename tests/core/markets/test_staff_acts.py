"""What is offered to staff is what the acts themselves allow."""

from datetime import timedelta

import pytest
from sqlalchemy import Connection

from core.database import in_transaction, now
from core.markets.create_market import create_market
from core.markets.dossier import Dossier, read_dossier
from core.markets.market import get_market
from core.markets.rules import Outcome, PayoutRule, Ruling, Side
from core.markets.staff_acts import Act, Offer, staff_acts
from core.money import kes
from core.staff.records import Admin, Role
from core.text import Language
from tests.core.markets.bookmaker import Bookmaker
from tests.core.markets.life import disputes, rules, suspends, third_admin
from tests.world import World

WANJIRU = "+254700000001"
MAY = ""


def offered(world: World, market_id: int, by: Admin) -> dict[Act, str]:
    """Each act whose turn it is, with what keeps this admin from it."""

    def read(connection: Connection) -> list[Offer]:
        market = get_market(connection, market_id=market_id)
        return staff_acts(connection, market=market, by=by, challenge_window=timedelta(0))

    return {
        offer.act: offer.hindrance.in_(Language.ENGLISH) if offer.hindrance else MAY
        for offer in in_transaction(world.database, read)
    }


@pytest.fixture
def third(world: World) -> Admin:
    return third_admin(world)


@pytest.fixture
def market_id(world: World) -> int:
    world.has_player(WANJIRU, balance=kes(500))
    return world.has_market()


def test_a_draft_is_edited_by_all_and_approved_by_others(
    world: World, bookmaker: Bookmaker, third: Admin
) -> None:
    world.has_market()
    draft = in_transaction(
        world.database,
        lambda c: create_market(
            c,
            question="Will it snow?",
            closes_at=now(c) + timedelta(hours=1),
            fee_bps=0,
            payout_rule=PayoutRule.PRO_RATA,
            by=bookmaker.asha,
        ),
    ).id
    assert offered(world, draft, third) == {Act.EDIT: MAY, Act.APPROVE: MAY}
    assert "created it" in offered(world, draft, bookmaker.asha)[Act.APPROVE]
    world.moves(hours=1)
    assert offered(world, draft, third)[Act.APPROVE] == "The closing time has passed."
    assert offered(world, draft, world.has_admin("v@kibeezy.test", Role.VIEWER)) == {}


def test_an_open_market_is_paused_closed_or_voided(
    world: World, market_id: int, third: Admin
) -> None:
    assert offered(world, market_id, third) == {Act.SUSPEND: MAY, Act.CLOSE: MAY, Act.VOID: MAY}
    suspends(world, market_id)
    assert offered(world, market_id, third) == {Act.RESUME: MAY, Act.CLOSE: MAY, Act.VOID: MAY}


def test_a_result_is_proposed_by_one_and_resolved_by_another(
    world: World, market_id: int, bookmaker: Bookmaker, third: Admin
) -> None:
    bookmaker.bets(WANJIRU, market_id, Side.YES, 100)
    bookmaker.closes(market_id)
    assert offered(world, market_id, third) == {Act.PROPOSE: MAY, Act.VOID: MAY}
    bookmaker.proposes(market_id, Outcome.NO, window=timedelta(minutes=5))
    assert "may be disputed" in offered(world, market_id, third)[Act.RESOLVE]
    disputes(world, market_id, WANJIRU)
    world.moves(minutes=5)
    mine = offered(world, market_id, bookmaker.asha)
    assert "proposed the result" in mine[Act.RULE]
    assert "proposed the result" in mine[Act.RESOLVE]
    theirs = offered(world, market_id, third)
    assert theirs[Act.RULE] == theirs[Act.VOID] == MAY
    assert "third admin must rule" in theirs[Act.RESOLVE]
    rules(world, market_id, Ruling.DISMISSED, by=third)
    assert "ruled on its dispute" in offered(world, market_id, third)[Act.RESOLVE]
    assert offered(world, market_id, bookmaker.baraka) == {Act.RESOLVE: MAY, Act.VOID: MAY}


def test_a_result_is_corrected_while_it_is_not_final(
    world: World, market_id: int, bookmaker: Bookmaker, third: Admin
) -> None:
    bookmaker.ends(market_id, Outcome.YES)
    assert offered(world, market_id, third) == {Act.CORRECT: MAY}
    bookmaker.corrects(market_id, Outcome.NO)
    assert offered(world, market_id, third) == {Act.RESOLVE: MAY, Act.KEEP: MAY, Act.VOID: MAY}
    assert "proposed the result" in offered(world, market_id, bookmaker.asha)[Act.KEEP]
    dossier = in_transaction(world.database, lambda c: read_dossier(c, market_id=market_id))
    assert dossier.former_outcome is Outcome.YES
    bookmaker.resolves(market_id)
    bookmaker.pays(market_id)
    world.moves(hours=72)
    assert "is final since" in offered(world, market_id, third)[Act.CORRECT]


def test_who_has_a_bet_decides_nothing(world: World, market_id: int, bookmaker: Bookmaker) -> None:
    bookmaker.bets(WANJIRU, market_id, Side.YES, 100)
    better = world.has_admin("better@kibeezy.test", Role.OWNER, phone=WANJIRU)
    bookmaker.closes(market_id)
    hindered = offered(world, market_id, better)
    assert hindered.keys() == {Act.PROPOSE, Act.VOID}
    assert all("has a bet in this market" in said for said in hindered.values())
    bookmaker.proposes(market_id, Outcome.YES)
    hindered = offered(world, market_id, better)
    assert hindered.keys() == {Act.RESOLVE, Act.VOID}
    assert all("has a bet in this market" in said for said in hindered.values())


def test_the_dossier_tells_pools_people_and_chance(
    world: World, market_id: int, bookmaker: Bookmaker
) -> None:
    def read() -> Dossier:
        return in_transaction(world.database, lambda c: read_dossier(c, market_id=market_id))

    assert (read().bets, read().probability, read().final_at) == (0, None, None)
    bookmaker.bets(WANJIRU, market_id, Side.YES, 200)
    bookmaker.bets(WANJIRU, market_id, Side.NO, 100)
    seen = read()
    assert (seen.bets, seen.pool.yes, seen.pool.no, seen.probability) == (
        2,
        kes(200),
        kes(100),
        2 / 3,
    )
    assert (seen.creator, seen.approver) == (bookmaker.asha.email, bookmaker.baraka.email)
