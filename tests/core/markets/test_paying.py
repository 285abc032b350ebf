"""A frozen plan is paid in short chunks, as it was frozen and no other way."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event, select, text

from core.database import in_transaction
from core.ledger.transfer import AccountKind
from core.markets.plan import PlanChanged
from core.markets.records import settlement_line
from core.markets.rules import MarketStatus, Outcome, Side
from core.markets.settle_market import LINES_A_CHUNK, finish_settlement, settle_chunk
from core.money import kes
from core.notices.records import sms_out
from core.outbox.records import BULK, NORMAL, outbox
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

# One player's many bets, each posted as place_bet would, in one statement.
_MANY_BETS = text(
    """
    WITH place AS (
        SELECT w.id AS wallet, s.id AS side, p.id AS player
        FROM player p
        JOIN account w ON w.kind = 'player_available' AND w.owner = p.id
        JOIN account s ON s.kind = 'market_side' AND s.market = :market_id AND s.side = 'yes'
        WHERE p.phone = :phone
    ), posted AS MATERIALIZED (
        SELECT t.transfer_id, t.posted_at, place.player
        FROM place CROSS JOIN generate_series(1, :bets) n CROSS JOIN LATERAL post_transfer(
            'stake', 'many', n::text,
            sha256(convert_to('stake|None|' || (
                SELECT string_agg(leg, '|' ORDER BY leg COLLATE "C")
                FROM (VALUES (wallet || ':-2000'), (side || '\\:2000')) legs (leg)), 'UTF8')),
            ARRAY[wallet, side], ARRAY[-2000, 2000]::bigint[], 'test', NULL, NULL, NULL) t
    )
    INSERT INTO bet (market_id, player_id, side, stake_cents, transfer_id, placed_at)
    SELECT :market_id, player, 'yes', 2000, transfer_id, posted_at FROM posted
    """
)


def test_a_player_with_thousands_of_bets_is_paid_a_thousand_at_a_time(
    world: World, bookmaker: Bookmaker
) -> None:
    market = _resolved_with_many_bets(world, bookmaker, bets=2_500)
    assert _chunk(world, market) == LINES_A_CHUNK == 1_000
    world.ledger_is_sound()
    assert _chunk(world, market) == 1_000
    bookmaker.tells()
    assert messages(world, WANJIRU) == messages(world, AMINA) == []
    assert _chunk(world, market) == 501
    assert _chunk(world, market) == 0
    bookmaker.pays(market)
    # 50,100 staked, the fee no more than the 100 that lost.
    assert world.wallet(WANJIRU) == kes(50_000)
    [told] = messages(world, WANJIRU)
    assert "Staked KES 50,000, paid KES 50,000." in str(told)
    assert len(messages(world, AMINA)) == 1


def test_the_message_goes_out_with_the_last_line(world: World, bookmaker: Bookmaker) -> None:
    three_players(world)
    market = world.has_market()
    for phone in (WANJIRU, OTIENO, WANJIRU):
        bookmaker.bets(phone, market, Side.YES, 100)
    bookmaker.bets(AMINA, market, Side.NO, 300)
    bookmaker.closes(market)
    bookmaker.proposes(market, Outcome.YES)
    bookmaker.resolves(market)
    told = []
    while _chunk(world, market, limit=1):
        world.ledger_is_sound()
        bookmaker.tells()
        told.append([len(messages(world, phone)) for phone in (WANJIRU, OTIENO, AMINA)])
    assert told == [[0, 0, 0], [1, 0, 0], [1, 1, 0], [1, 1, 1]]
    assert "Staked KES 200, paid KES 360. Balance KES 1,160." in str(messages(world, WANJIRU)[0])
    bookmaker.pays(market)


@pytest.mark.parametrize("act", [settle_chunk, finish_settlement])
def test_paying_may_take_longer_than_a_hop(
    world: World, bookmaker: Bookmaker, act: Callable[..., object]
) -> None:
    market = _resolved_with_many_bets(world, bookmaker, bets=3)
    with world.database.begin() as connection:
        act(connection, market_id=market)
        assert connection.execute(text("SHOW statement_timeout")).scalar_one() == "10min"


def test_a_plan_that_was_tampered_with_is_not_paid(world: World, bookmaker: Bookmaker) -> None:
    market = _resolved_with_many_bets(world, bookmaker, bets=2)
    with _tampering(world, market), pytest.raises(PlanChanged):
        bookmaker.pays(market)
    assert world.wallet(WANJIRU) == kes(0)
    bookmaker.pays(market)


def test_a_plan_that_was_tampered_with_is_not_finished(world: World, bookmaker: Bookmaker) -> None:
    market = _resolved_with_many_bets(world, bookmaker, bets=2)
    while _chunk(world, market):
        pass
    with _tampering(world, market), pytest.raises(PlanChanged):
        in_transaction(world.database, lambda c: finish_settlement(c, market_id=market))
    assert system(world, AccountKind.FEE_REVENUE) == kes(0)
    assert bookmaker.market(market).status is MarketStatus.SETTLING
    bookmaker.pays(market)


def test_a_bet_is_told_before_a_result(world: World, bookmaker: Bookmaker) -> None:
    three_players(world)
    market = world.has_market()
    bookmaker.bets(WANJIRU, market, Side.YES, 100)
    bookmaker.ends(market, Outcome.YES)
    query = (
        select(sms_out.c.kind, outbox.c.priority)
        .join(outbox, outbox.c.payload["sms_id"].as_integer() == sms_out.c.id)
        .where(sms_out.c.phone == WANJIRU)
        .order_by(sms_out.c.id)
    )
    with world.database.connect() as connection:
        told = [tuple(row) for row in connection.execute(query)]
    assert told == [("bet_placed", NORMAL), ("bets_settled", BULK)]


def test_resolving_computes_the_plan_once(world: World, bookmaker: Bookmaker) -> None:
    three_players(world)
    market = world.has_market()
    bookmaker.bets(WANJIRU, market, Side.YES, 100)
    bookmaker.closes(market)
    bookmaker.proposes(market, Outcome.YES)
    statements: list[str] = []
    event.listen(world.database, "before_cursor_execute", lambda *call: statements.append(call[2]))
    bookmaker.resolves(market)
    assert sum(statement.count("settlement_plan(") for statement in statements) == 1


def _resolved_with_many_bets(world: World, bookmaker: Bookmaker, *, bets: int) -> int:
    """Every shilling of one player on YES, in bets of 20; 100 of another on NO; YES it is."""
    world.has_player(WANJIRU, balance=kes(20 * bets))
    world.has_player(AMINA, balance=kes(100))
    market = world.has_market()
    with world.owner.begin() as connection:
        connection.execute(_MANY_BETS, {"market_id": market, "phone": WANJIRU, "bets": bets})
    bookmaker.bets(AMINA, market, Side.NO, 100)
    bookmaker.closes(market)
    bookmaker.proposes(market, Outcome.YES)
    bookmaker.resolves(market)
    return market


@contextmanager
def _tampering(world: World, market_id: int) -> Iterator[None]:
    """A cent from one line to the other, past the triggers, and back again."""
    lines = select(settlement_line.c.bet_id).where(
        settlement_line.c.market_id == market_id, settlement_line.c.payout_cents > 0
    )
    with world.owner.connect() as connection:
        giver, taker = connection.execute(lines.order_by(settlement_line.c.bet_id)).scalars()
    _move_a_cent(world, giver, taker)
    yield
    _move_a_cent(world, taker, giver)


def _move_a_cent(world: World, giver: int, taker: int) -> None:
    with world.owner.begin() as connection:
        connection.execute(text("ALTER TABLE settlement_line DISABLE TRIGGER USER"))
        for bet_id, cents in ((giver, -1), (taker, 1)):
            change = settlement_line.update().where(settlement_line.c.bet_id == bet_id)
            changed = settlement_line.c.payout_cents + cents
            connection.execute(change.values(payout_cents=changed))
        connection.execute(text("ALTER TABLE settlement_line ENABLE TRIGGER USER"))


def _chunk(world: World, market_id: int, *, limit: int = LINES_A_CHUNK) -> int:
    return in_transaction(
        world.database, lambda c: settle_chunk(c, market_id=market_id, limit=limit)
    )
