import pytest
from sqlalchemy import Connection, func, select, text

from core.database import in_transaction
from core.ledger import book
from core.ledger.transfer import AccountKind
from core.markets.my_bets import my_bets, open_bets
from core.markets.records import settlement
from core.markets.rules import MarketStatus, Outcome, PayoutRule, Side, WrongState
from core.markets.settle_market import finish_settlement, settle_chunk
from core.markets.summary import preview_settlement
from core.money import Money, kes
from core.notices.records import sms_out
from tests.core.markets.bookmaker import Bookmaker
from tests.world import World

WANJIRU, OTIENO, AMINA = "+254700000001", "+254700000002", "+254700000003"


def three_players(world: World) -> None:
    for phone in (WANJIRU, OTIENO, AMINA):
        world.has_player(phone, balance=kes(1000))


def system(world: World, kind: AccountKind) -> Money:
    with world.database.connect() as connection:
        account = book.system_account(connection, kind=kind)
        return book.derived_cents(connection, account_id=account)


def messages(world: World, phone: str, kind: str = "bets_settled") -> list[str | None]:
    query = select(sms_out.c.body).where(sms_out.c.phone == phone, sms_out.c.kind == kind)
    with world.database.connect() as connection:
        return list(connection.execute(query).scalars())


def test_winners_share_the_pool_by_stake_after_the_fee(world: World, bookmaker: Bookmaker) -> None:
    three_players(world)
    market = world.has_market()
    bookmaker.bets(WANJIRU, market, Side.YES, 100)
    bookmaker.bets(OTIENO, market, Side.YES, 200)
    bookmaker.bets(AMINA, market, Side.NO, 100)
    summary = bookmaker.ends(market, Outcome.YES)
    # 400 staked, 40 fee: 360 over 300 staked on YES.
    assert world.wallet(WANJIRU) == kes(900) + kes(120)
    assert world.wallet(OTIENO) == kes(800) + kes(240)
    assert world.wallet(AMINA) == kes(900)
    assert system(world, AccountKind.FEE_REVENUE) == kes(40)
    assert (summary.paid, summary.fee, summary.remainder) == (kes(360), kes(40), kes(0))
    assert (summary.bets, summary.winners, summary.losers) == (3, 2, 1)
    assert summary.largest[0].phone == OTIENO
    assert bookmaker.market(market).status is MarketStatus.SETTLED


def test_a_fraction_of_a_cent_goes_to_rounding(world: World, bookmaker: Bookmaker) -> None:
    three_players(world)
    market = world.has_market()
    bookmaker.bets(WANJIRU, market, Side.YES, 100)
    bookmaker.bets(OTIENO, market, Side.YES, 200)
    bookmaker.bets(AMINA, market, Side.NO, 70)
    summary = bookmaker.ends(market, Outcome.YES)
    # 37,000 cents less 3,700 are 33,300: exactly 11,100 and 22,200.
    assert summary.remainder == Money(0)
    other = world.has_market()
    bookmaker.bets(WANJIRU, other, Side.YES, 30)
    bookmaker.bets(OTIENO, other, Side.YES, 40)
    bookmaker.bets(AMINA, other, Side.NO, 20)
    bookmaker.ends(other, Outcome.YES)
    # 9,000 less 900 are 8,100 over 7,000: 3,471.43 and 4,628.57.
    assert system(world, AccountKind.ROUNDING) == Money(1)


def test_equal_shares_count_players_not_bets(world: World, bookmaker: Bookmaker) -> None:
    three_players(world)
    market = world.has_market(payout_rule=PayoutRule.EQUAL)
    bookmaker.bets(WANJIRU, market, Side.YES, 300)
    bookmaker.bets(WANJIRU, market, Side.YES, 100)
    bookmaker.bets(OTIENO, market, Side.YES, 20)
    bookmaker.bets(AMINA, market, Side.NO, 80)
    bookmaker.ends(market, Outcome.YES)
    # 500 less 50 are 450: 225 each, though Wanjiru staked 400.
    assert world.wallet(WANJIRU) == kes(600) + kes(225)
    assert world.wallet(OTIENO) == kes(980) + kes(225)


@pytest.mark.parametrize("outcome", Outcome)
def test_a_one_sided_pool_goes_back_without_a_fee(
    world: World, bookmaker: Bookmaker, outcome: Outcome
) -> None:
    three_players(world)
    market = world.has_market()
    bookmaker.bets(WANJIRU, market, Side.YES, 100)
    bookmaker.bets(OTIENO, market, Side.YES, 33)
    summary = bookmaker.ends(market, outcome)
    assert summary.refunded
    assert (world.wallet(WANJIRU), world.wallet(OTIENO)) == (kes(1000), kes(1000))
    assert system(world, AccountKind.FEE_REVENUE) == kes(0)


def test_a_void_gives_everything_back(world: World, bookmaker: Bookmaker) -> None:
    three_players(world)
    market = world.has_market()
    bookmaker.bets(WANJIRU, market, Side.YES, 100)
    bookmaker.bets(AMINA, market, Side.NO, 900)
    bookmaker.ends(market, Outcome.VOID)
    assert (world.wallet(WANJIRU), world.wallet(AMINA)) == (kes(1000), kes(1000))
    assert bookmaker.market(market).status is MarketStatus.VOIDED
    assert "void" in str(messages(world, AMINA)[0])


def test_a_market_without_bets_settles_without_a_transfer(
    world: World, bookmaker: Bookmaker
) -> None:
    market = world.has_market()
    bookmaker.ends(market, Outcome.NO)
    assert bookmaker.market(market).status is MarketStatus.SETTLED


def test_each_player_gets_one_message_losers_too(world: World, bookmaker: Bookmaker) -> None:
    three_players(world)
    market = world.has_market()
    for _ in range(3):
        bookmaker.bets(WANJIRU, market, Side.YES, 50)
    bookmaker.bets(WANJIRU, market, Side.NO, 50)
    bookmaker.bets(AMINA, market, Side.NO, 100)
    bookmaker.ends(market, Outcome.YES)
    bookmaker.pays(market)
    assert len(messages(world, WANJIRU)) == 1
    assert "Balance KES 1,070" in str(messages(world, WANJIRU)[0])
    assert "lost" in str(messages(world, AMINA)[0])
    assert messages(world, OTIENO) == []


def test_the_dry_run_tells_what_then_happens_and_changes_nothing(
    world: World, bookmaker: Bookmaker
) -> None:
    three_players(world)
    market = world.has_market()
    bookmaker.bets(WANJIRU, market, Side.YES, 100)
    bookmaker.bets(AMINA, market, Side.NO, 300)
    bookmaker.closes(market)
    bookmaker.proposes(market, Outcome.NO)
    with world.database.connect() as connection:
        before = preview_settlement(connection, market_id=market)
        assert not connection.execute(select(settlement)).all()
    assert bookmaker.market(market).status is MarketStatus.PROPOSED
    after = bookmaker.resolves(market)
    assert (before.paid, before.fee, before.largest) == (after.paid, after.fee, after.largest)
    bookmaker.pays(market)
    assert world.wallet(AMINA) == kes(700) + before.paid


def test_the_dry_run_needs_an_outcome(world: World) -> None:
    market = world.has_market()
    with world.database.connect() as connection, pytest.raises(WrongState):
        preview_settlement(connection, market_id=market)


def test_a_settlement_stopped_between_chunks_goes_on(world: World, bookmaker: Bookmaker) -> None:
    three_players(world)
    market = world.has_market()
    for phone in (WANJIRU, OTIENO, AMINA):
        bookmaker.bets(phone, market, Side.YES, 100)
    bookmaker.bets(AMINA, market, Side.NO, 100)
    bookmaker.closes(market)
    bookmaker.proposes(market, Outcome.YES)
    bookmaker.resolves(market)
    assert _chunk(world, market, limit=1) == 1
    world.ledger_is_sound()
    in_transaction(world.database, lambda c: finish_settlement(c, market_id=market))
    assert bookmaker.market(market).status is MarketStatus.SETTLING
    bookmaker.pays(market)
    assert bookmaker.market(market).status is MarketStatus.SETTLED
    assert [len(messages(world, phone)) for phone in (WANJIRU, OTIENO, AMINA)] == [1, 1, 1]


def test_a_killed_chunk_leaves_nothing_and_is_done_again(
    world: World, bookmaker: Bookmaker
) -> None:
    three_players(world)
    market = world.has_market()
    bookmaker.bets(WANJIRU, market, Side.YES, 100)
    bookmaker.bets(AMINA, market, Side.NO, 100)
    bookmaker.closes(market)
    bookmaker.proposes(market, Outcome.YES)
    bookmaker.resolves(market)
    kills: list[int] = []

    def chunk_that_dies_once(connection: Connection) -> int:
        lines = settle_chunk(connection, market_id=market, limit=1)
        if not kills:
            kills.append(lines)
            _kill(world, connection)
        return lines

    while in_transaction(world.database, chunk_that_dies_once):
        world.ledger_is_sound()
    assert kills == [1]
    bookmaker.pays(market)
    assert world.wallet(WANJIRU) == kes(1080)
    assert len(messages(world, WANJIRU)) == 1


def _kill(world: World, connection: Connection) -> None:
    victim = connection.execute(select(func.pg_backend_pid())).scalar_one()
    with world.database.connect() as killer:
        killer.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": victim})
    connection.execute(text("SELECT 1"))


def test_the_player_sees_open_bets_and_then_their_results(
    world: World, bookmaker: Bookmaker
) -> None:
    three_players(world)
    market = world.has_market("Will it rain in Kisumu on Friday?")
    placed = bookmaker.bets(WANJIRU, market, Side.YES, 100)
    bookmaker.bets(AMINA, market, Side.NO, 100)
    player_id = world.player(WANJIRU).id
    with world.database.connect() as connection:
        [mine] = open_bets(connection, player_id=player_id)
    assert (mine.reference, mine.stake, mine.paid) == (placed.reference, kes(100), None)
    bookmaker.ends(market, Outcome.YES)
    with world.database.connect() as connection:
        assert open_bets(connection, player_id=player_id) == []
        [mine] = my_bets(connection, player_id=player_id, limit=5)
    assert (mine.outcome, mine.paid) == (Outcome.YES, kes(180))


def test_resolving_again_is_refused(world: World, bookmaker: Bookmaker) -> None:
    market = world.has_market()
    bookmaker.ends(market, Outcome.VOID)
    with pytest.raises(WrongState):
        bookmaker.resolves(market)


def _chunk(world: World, market_id: int, *, limit: int) -> int:
    return in_transaction(
        world.database, lambda c: settle_chunk(c, market_id=market_id, limit=limit)
    )
