from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, time, timedelta
from threading import Barrier

import pytest
from sqlalchemy import event, func, select

from core.clock import NAIROBI, in_nairobi
from core.config.rules import Dated
from core.database import in_transaction, now
from core.errors import NoSuchThing, Refused
from core.ledger.book import KeyReused
from core.ledger.reference import transfer_of
from core.ledger.transfer import Key
from core.markets.place_bet import DailyStakeLimit, StakeNotCovered
from core.markets.rules import (
    MarketClosed,
    RunsTheMarket,
    Side,
    StakeAboveOwnLimit,
    StakeOutOfRange,
)
from core.money import Money, kes
from core.notices.records import sms_out
from core.players.limits import LimitKind, set_limit
from core.players.records import player
from core.players.rules import AccountClosed, AccountLocked, NotVerified, OnBreak
from core.text import Language
from tests.core.markets.bookmaker import Bookmaker
from tests.world import World

WANJIRU, OTIENO = "+254700000001", "+254700000002"


def words(refusal: pytest.ExceptionInfo[Refused]) -> str:
    return refusal.value.text.in_(Language.ENGLISH)


def test_a_bet_moves_the_stake_and_sends_a_receipt(world: World, bookmaker: Bookmaker) -> None:
    world.has_player(WANJIRU, balance=kes(500))
    market_id = world.has_market()
    placed = bookmaker.bets(WANJIRU, market_id, Side.NO, 120)
    assert (world.wallet(WANJIRU), world.pool(market_id, "no")) == (kes(380), kes(120))
    assert transfer_of(placed.reference) == placed.transfer_id
    assert placed.balance == kes(380)
    with world.database.connect() as connection:
        [receipt] = connection.execute(
            select(sms_out.c.body).where(sms_out.c.kind == "bet_placed")
        ).scalars()
    assert placed.reference in str(receipt)
    assert "Balance KES 380" in str(receipt)


def test_a_repeat_returns_the_first_bet_even_after_the_close(
    world: World, bookmaker: Bookmaker
) -> None:
    world.has_player(WANJIRU, balance=kes(500))
    market_id = world.has_market()
    key = Key("hop", "1")
    first = bookmaker.bets(WANJIRU, market_id, Side.YES, 100, key=key)
    bookmaker.closes(market_id)
    assert bookmaker.bets(WANJIRU, market_id, Side.YES, 100, key=key) == first
    assert world.wallet(WANJIRU) == kes(400)
    with world.database.connect() as connection:
        assert connection.execute(select(func.count()).select_from(sms_out)).scalar_one() == 1


@pytest.mark.parametrize(("side", "stake"), [(Side.NO, 100), (Side.YES, 101)])
def test_the_same_key_for_another_bet_is_an_error(
    world: World, bookmaker: Bookmaker, side: Side, stake: int
) -> None:
    world.has_player(WANJIRU, balance=kes(500))
    market_id = world.has_market()
    bookmaker.bets(WANJIRU, market_id, Side.YES, 100, key=Key("hop", "1"))
    with pytest.raises(KeyReused):
        bookmaker.bets(WANJIRU, market_id, side, stake, key=Key("hop", "1"))


def test_a_closed_market_takes_no_bet(world: World, bookmaker: Bookmaker) -> None:
    world.has_player(WANJIRU, balance=kes(500))
    market_id = world.has_market()
    bookmaker.closes(market_id)
    with pytest.raises(MarketClosed) as refusal:
        bookmaker.bets(WANJIRU, market_id, Side.YES, 100)
    assert "No money was taken." in words(refusal)


def test_the_closing_time_counts_before_the_worker_comes(
    world: World, bookmaker: Bookmaker
) -> None:
    world.has_player(WANJIRU, balance=kes(500))
    market_id = world.has_market(closes_in=timedelta(hours=1))
    world.moves(minutes=59)
    bookmaker.bets(WANJIRU, market_id, Side.YES, 100)
    world.moves(minutes=1)
    with pytest.raises(MarketClosed):
        bookmaker.bets(WANJIRU, market_id, Side.YES, 100)


def test_a_market_that_is_not_there(world: World, bookmaker: Bookmaker) -> None:
    world.has_player(WANJIRU, balance=kes(500))
    with pytest.raises(NoSuchThing):
        bookmaker.bets(WANJIRU, 999, Side.YES, 100)


@pytest.mark.parametrize("stake", [kes(19), kes(20_001), Money(2_050)])
def test_a_stake_outside_the_limits_names_them(
    world: World, bookmaker: Bookmaker, stake: Money
) -> None:
    world.has_player(WANJIRU, balance=kes(50_000))
    market_id = world.has_market()
    with pytest.raises(StakeOutOfRange) as refusal:
        bookmaker.bets(WANJIRU, market_id, Side.YES, stake)
    assert words(refusal) == "Bet from KES 20 to KES 20,000. No money was taken."


def test_the_own_limit_counts_and_a_later_lowering_beats_a_waiting_raise(
    world: World, bookmaker: Bookmaker
) -> None:
    player_id = world.has_player(WANJIRU, balance=kes(500)).id
    market_id = world.has_market(closes_in=timedelta(days=9))
    for amount in (kes(100), kes(200), kes(50)):
        in_transaction(
            world.database,
            lambda c, amount=amount: set_limit(  # type: ignore[misc]
                c, player_id=player_id, kind=LimitKind.STAKE, amount=amount
            ),
        )
    bookmaker.bets(WANJIRU, market_id, Side.YES, 50)
    world.moves(hours=25)
    with pytest.raises(StakeAboveOwnLimit) as refusal:
        bookmaker.bets(WANJIRU, market_id, Side.YES, 51)
    assert refusal.value.limit == kes(50)


def test_the_bets_of_a_day_in_nairobi_stay_within_everybody_s_limit(
    world: World, bookmaker: Bookmaker
) -> None:
    world.always_had(Dated.DAILY_STAKE_MAX_KES, 300)
    for phone in (WANJIRU, OTIENO):
        world.has_player(phone, balance=kes(1000))
    one, other = (
        world.has_market(f"Will it be {n}?", closes_in=timedelta(days=9)) for n in range(2)
    )
    to_midnight(world)
    world.moves(hours=12)
    bookmaker.bets(WANJIRU, one, Side.YES, 200)
    with pytest.raises(DailyStakeLimit) as refusal:
        bookmaker.bets(WANJIRU, other, Side.NO, 101)
    assert words(refusal) == "Bets of one day may be KES 300 in all. No money was taken."
    assert world.wallet(WANJIRU) == kes(800)
    bookmaker.bets(WANJIRU, other, Side.NO, 100)
    bookmaker.bets(OTIENO, other, Side.NO, 300)
    to_midnight(world)
    bookmaker.bets(WANJIRU, one, Side.YES, 300)
    world.ledger_is_sound()


def to_midnight(world: World) -> None:
    """The next one in Nairobi, and a second."""
    with world.database.connect() as connection:
        moment = in_nairobi(now(connection))
    midnight = datetime.combine(moment.date() + timedelta(days=1), time(), NAIROBI)
    world.moves(seconds=(midnight - moment).total_seconds() + 1)


def test_two_bets_at_once_do_not_pass_the_limit_of_a_day(
    world: World, bookmaker: Bookmaker
) -> None:
    world.always_had(Dated.DAILY_STAKE_MAX_KES, 300)
    world.has_player(WANJIRU, balance=kes(1000))
    markets = [world.has_market(f"Will it be {n}?") for n in range(2)]
    together = Barrier(2)

    def bets(market_id: int) -> bool:
        together.wait()
        try:
            bookmaker.bets(WANJIRU, market_id, Side.YES, 200)
        except DailyStakeLimit:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(bets, markets)) == [False, True]
    assert world.wallet(WANJIRU) == kes(800)


def test_too_little_money_says_how_much_is_missing(world: World, bookmaker: Bookmaker) -> None:
    world.has_player(WANJIRU, balance=kes(80))
    market_id = world.has_market()
    with pytest.raises(StakeNotCovered) as refusal:
        bookmaker.bets(WANJIRU, market_id, Side.YES, 100)
    assert refusal.value.shortfall == kes(20)
    assert world.wallet(WANJIRU) == kes(80)


@pytest.mark.parametrize(
    ("column", "refusal"),
    [
        ("locked_at", AccountLocked),
        ("closed_at", AccountClosed),
        ("break_until", OnBreak),
        ("kyc_verified_at", NotVerified),
    ],
)
def test_only_active_players_bet(
    world: World, bookmaker: Bookmaker, column: str, refusal: type[Refused]
) -> None:
    person = world.has_player(WANJIRU, balance=kes(500))
    market_id = world.has_market()
    later = func.kibeezy_now() + timedelta(days=1)
    change = {column: None if column == "kyc_verified_at" else later}
    with world.database.begin() as connection:
        connection.execute(player.update().where(player.c.id == person.id).values(change))
    with pytest.raises(refusal):
        bookmaker.bets(WANJIRU, market_id, Side.YES, 100)


def test_who_runs_a_market_does_not_bet_in_it(world: World, bookmaker: Bookmaker) -> None:
    world.has_admin("asha@kibeezy.test", phone="0700000001")
    world.has_player(WANJIRU, balance=kes(500))
    market_id = world.has_market()
    with pytest.raises(RunsTheMarket):
        bookmaker.bets(WANJIRU, market_id, Side.YES, 100)


def test_a_bet_takes_five_statements(world: World, bookmaker: Bookmaker) -> None:
    world.has_player(WANJIRU, balance=kes(500))
    market_id = world.has_market()
    world.player(WANJIRU)
    statements: list[str] = []
    event.listen(world.database, "before_cursor_execute", lambda *call: statements.append(call[2]))
    bookmaker.bets(WANJIRU, market_id, Side.YES, 100)
    # One more finds the player by phone, for this test.
    assert len(statements) == 1 + 5
