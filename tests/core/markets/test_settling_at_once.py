"""Settling and correcting while others bet, withdraw and tell; and what the schema holds."""

from typing import Final

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from core.database import in_transaction, sql_state
from core.errors import Refused
from core.ledger.records import transfer
from core.markets.jobs import jobs
from core.markets.plan import be_patient, freeze_plan
from core.markets.records import settlement_chunk
from core.markets.rules import MarketStatus, Outcome, Side
from core.markets.settle_market import finish_settlement, settle_chunk
from core.markets.tell_settled import Chunk, tell_settled
from core.money import kes
from core.outbox.deliver import Done
from core.outbox.records import Job, outbox
from tests.core.markets.bookmaker import Bookmaker
from tests.core.markets.test_corrections import owes, settled, wallets
from tests.core.markets.test_races import at_once
from tests.core.markets.test_settlement import (
    AMINA,
    OTIENO,
    WANJIRU,
    messages,
    three_players,
)
from tests.core.withdrawals.teller import Teller
from tests.world import World

# As the release before writes a plan: it knows neither version nor kind.
_LINES: Final = """
    INSERT INTO settlement_line (market_id, bet_id, player_id, payout_cents)
    SELECT :market, bet_id, player_id, payout_cents FROM settlement_plan(:market, 'yes')
"""
_FREEZE: Final = """
    INSERT INTO settlement
        (market_id, outcome, refunded, pool_cents, fee_cents, remainder_cents, plan_hash)
    SELECT :market, 'yes', t.refunded, t.pool, t.fee, t.pool - t.fee - l.paid,
        settlement_hash(:market)
    FROM settlement_terms(:market, 'yes') t CROSS JOIN (
        SELECT coalesce(sum(payout_cents), 0) AS paid
        FROM settlement_line WHERE market_id = :market) l
"""


def chunk_by_chunk(world: World, market_id: int) -> int:
    done = 0
    while lines := in_transaction(
        world.database, lambda c: settle_chunk(c, market_id=market_id, limit=1)
    ):
        done += lines
    return done


def test_corrected_by_three_processes_at_once_pays_and_takes_once(
    world: World, bookmaker: Bookmaker
) -> None:
    market = settled(world, bookmaker)
    bookmaker.corrects(market, Outcome.NO)
    bookmaker.resolves(market)
    done = at_once(*[lambda: chunk_by_chunk(world, market)] * 3)
    assert sum(lines for lines in done if isinstance(lines, int)) == 3
    at_once(*[lambda: bookmaker.pays(market)] * 3)
    assert wallets(world) == [kes(900), kes(800), kes(1260)]
    assert len(messages(world, WANJIRU, "bets_corrected")) == 1


@pytest.mark.parametrize("attempt", range(3))
def test_a_correction_against_a_bet_and_a_withdrawal(
    world: World, bookmaker: Bookmaker, attempt: int
) -> None:
    market = settled(world, bookmaker)
    other = world.has_market(f"Will round {attempt} be close?")
    teller = Teller(world, OTIENO)
    bookmaker.corrects(market, Outcome.NO)
    bookmaker.resolves(market)
    _, bet, withdrawal = at_once(
        lambda: bookmaker.pays(market),
        lambda: bookmaker.bets(WANJIRU, other, Side.YES, 1000),
        lambda: teller.asks(kes(1000)),
    )
    staked = kes(0) if isinstance(bet, Refused) else kes(1000)
    held = kes(0) if isinstance(withdrawal, Refused) else kes(1000)
    # Whoever was first: 900 and 800 are theirs, and what is gone of them is owed.
    assert world.wallet(WANJIRU) - owes(world, WANJIRU) == kes(900) - staked
    assert world.wallet(OTIENO) - owes(world, OTIENO) == kes(800) - held
    assert world.wallet(AMINA) == kes(1260)


def test_a_chunk_is_told_once_however_often_its_job_is_done(
    world: World, bookmaker: Bookmaker
) -> None:
    market = settled(world, bookmaker)
    with world.database.connect() as connection:
        [row] = connection.execute(select(settlement_chunk)).all()
    chunk = Chunk(market, 1, row.through_player, row.through_bet)
    repeated = at_once(
        *[lambda: in_transaction(world.database, lambda c: tell_settled(c, chunk=chunk))] * 3
    )
    assert list(repeated) == [0, 0, 0]
    assert [len(messages(world, phone)) for phone in (WANJIRU, OTIENO, AMINA)] == [1, 1, 1]


def test_the_first_of_three_tellers_tells(world: World, bookmaker: Bookmaker) -> None:
    three_players(world)
    market = world.has_market()
    bookmaker.bets(WANJIRU, market, Side.YES, 100)
    bookmaker.proposes(market, Outcome.VOID)
    bookmaker.resolves(market)
    chunk_by_chunk(world, market)
    with world.database.connect() as connection:
        asked = connection.execute(select(outbox).where(outbox.c.kind == "tell_settled")).one()
    assert "tell_settled" in jobs(database=world.database)
    chunk = Chunk(*asked.payload["chunk"])
    told = at_once(
        *[lambda: in_transaction(world.database, lambda c: tell_settled(c, chunk=chunk))] * 3
    )
    assert sorted(count for count in told if isinstance(count, int)) == [0, 0, 1]
    bookmaker.pays(market)


def test_a_plan_that_the_release_before_froze_is_paid(world: World, bookmaker: Bookmaker) -> None:
    three_players(world)
    market = world.has_market()
    bookmaker.bets(WANJIRU, market, Side.YES, 100)
    bookmaker.bets(AMINA, market, Side.NO, 100)
    bookmaker.closes(market)
    bookmaker.proposes(market, Outcome.YES)
    with world.database.begin() as connection:
        connection.execute(
            text(
                "UPDATE market SET status = 'settling', outcome = 'yes', resolved_by = :by,"
                " resolved_at = kibeezy_now() WHERE id = :market"
            ),
            {"market": market, "by": bookmaker.baraka.id},
        )
        connection.execute(text(_LINES), {"market": market})
        connection.execute(text(_FREEZE), {"market": market})
    bookmaker.pays(market)
    assert wallets(world) == [kes(1080), kes(1000), kes(900)]
    bookmaker.ends_anew(market, Outcome.NO)
    assert wallets(world) == [kes(900), kes(1000), kes(1080)]


def test_a_worker_that_comes_late_finds_a_correction_and_leaves_it_alone(
    world: World, bookmaker: Bookmaker
) -> None:
    market = settled(world, bookmaker)
    bookmaker.corrects(market, Outcome.NO)
    settle = jobs(database=world.database)["settle_market"]
    job = Job(1, "settle_market", {"market_id": market}, attempts=1, fence=1)
    assert settle(job) == Done()
    assert bookmaker.market(market).status is MarketStatus.PROPOSED


def test_what_the_system_voids_has_no_second_person(world: World, bookmaker: Bookmaker) -> None:
    three_players(world)
    market = world.has_market()
    bookmaker.bets(WANJIRU, market, Side.YES, 100)
    begins = text(
        "UPDATE market SET status = 'voiding', outcome = 'void', voided_by_system = true"
        " WHERE id = :market"
    )
    bookmaker.closes(market)
    world.moves(days=8)
    with world.database.begin() as connection:
        be_patient(connection)
        connection.execute(begins, {"market": market})
        freeze_plan(connection, market_id=market, outcome=Outcome.VOID)
    bookmaker.pays(market)
    assert bookmaker.market(market).status is MarketStatus.VOIDED
    refund = select(transfer.c.actor, transfer.c.second_actor).where(transfer.c.kind == "refund")
    with world.database.connect() as connection:
        assert tuple(connection.execute(refund).one()) == ("system", None)


def test_no_market_ends_with_money_on_a_side(world: World, bookmaker: Bookmaker) -> None:
    three_players(world)
    market = world.has_market()
    bookmaker.bets(WANJIRU, market, Side.YES, 100)
    bookmaker.bets(AMINA, market, Side.NO, 100)
    bookmaker.closes(market)
    bookmaker.proposes(market, Outcome.YES)
    bookmaker.resolves(market)
    ends = text("UPDATE market SET status = 'settled' WHERE id = :market")
    with world.database.connect() as connection, pytest.raises(DBAPIError) as refusal:
        connection.execute(ends, {"market": market})
    assert sql_state(refusal.value) == "KB006"
    chunk_by_chunk(world, market)
    in_transaction(world.database, lambda c: finish_settlement(c, market_id=market))
    bookmaker.tells()
