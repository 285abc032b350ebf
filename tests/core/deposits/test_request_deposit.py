"""Who may ask for a deposit, how much, and how soon again."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, time, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from core.clock import NAIROBI, in_nairobi
from core.config.rules import Dated
from core.database import in_transaction, now, sql_state
from core.deposits.answers import Paid
from core.deposits.records import Deposit, deposit
from core.deposits.rules import (
    DailyDepositLimit,
    DepositInProgress,
    DepositOutOfRange,
    SameAmountTooSoon,
    WalletWouldOverflow,
)
from core.ledger.book import KeyReused
from core.ledger.reference import ALPHABET
from core.money import Money, kes
from core.players.records import lock_player
from core.players.rules import NotVerified
from core.text import Language
from tests.chaos.street import eventually
from tests.core.deposits.purse import CANCELLED, LARGEST, SMALLEST, Purse
from tests.world import World


def test_a_deposit_is_a_row_and_a_wish_and_no_money(purse: Purse) -> None:
    deposit = purse.asks(kes(200))
    assert deposit.state == "created"
    assert len(deposit.token) == 32
    assert set(deposit.token) <= set("0123456789abcdef")
    assert len(deposit.reference) <= 12
    assert set(deposit.reference) <= set(ALPHABET)
    assert deposit.token not in repr(deposit), "the token is a secret"
    assert purse.money == kes(0)
    with purse.world.database.connect() as connection:
        query = "SELECT due_at - kibeezy_now() FROM outbox WHERE kind = 'stk_push'"
        [wait] = connection.execute(text(query)).scalars()
    assert timedelta(seconds=1) < wait <= timedelta(seconds=3)


def test_the_same_key_returns_the_first_deposit(purse: Purse) -> None:
    first = purse.asks(key="hop-7")
    again = purse.asks(key="hop-7")
    assert again.id == first.id
    with purse.world.database.connect() as connection:
        query = "SELECT count(*) FROM outbox WHERE kind = 'stk_push'"
        assert connection.execute(text(query)).scalar_one() == 1
    with pytest.raises(KeyReused):
        purse.asks(kes(1001), key="hop-7")


def test_a_key_belongs_to_one_player(purse: Purse, world: World) -> None:
    purse.asks(key="hop-7")
    other = Purse.of_a_new_player(world, phone="+254799999999")
    with pytest.raises(KeyReused):
        other.asks(key="hop-7")


@pytest.mark.parametrize("amount", [Money(0), kes(150_001)])
def test_amounts_out_of_range_are_refused(purse: Purse, amount: Money) -> None:
    with pytest.raises(DepositOutOfRange):
        purse.asks(amount)


def test_an_unverified_number_cannot_deposit(world: World) -> None:
    world.has_player("+254711111111", verified=False)
    with pytest.raises(NotVerified):
        Purse(world, "+254711111111").asks()


def test_one_live_prompt_per_phone(purse: Purse) -> None:
    deposit = purse.asks(kes(100))
    with pytest.raises(DepositInProgress):
        purse.asks(kes(200))
    purse.is_pushed(deposit)
    with pytest.raises(DepositInProgress):
        purse.asks(kes(200))
    purse.is_accepted(deposit)
    purse.world.moves(seconds=88)
    with pytest.raises(DepositInProgress):
        purse.asks(kes(200))
    purse.world.moves(seconds=3)
    assert purse.asks(kes(200)).state == "created"


def test_a_prompt_that_nobody_pushed_still_counts_after_a_day(purse: Purse) -> None:
    stale = purse.asks(kes(100))
    purse.world.moves(hours=30)
    with pytest.raises(DepositInProgress):
        purse.asks(kes(200))
    assert purse.is_pushed(stale) is None
    assert purse.asks(kes(200)).state == "created"


def test_the_same_amount_waits_two_minutes(purse: Purse) -> None:
    deposit = purse.becomes_pending(kes(100))
    purse.hears(deposit, CANCELLED)
    with pytest.raises(SameAmountTooSoon):
        purse.asks(kes(100))
    other = purse.asks(kes(101))
    purse.is_pushed(other)
    purse.is_accepted(other)
    purse.hears(other, CANCELLED)
    purse.world.moves(seconds=121)
    assert purse.asks(kes(100)).state == "created"


def test_the_player_s_daily_limit_counts_days_in_nairobi(purse: Purse) -> None:
    _wait_until_just_before_midnight(purse)
    purse.limits_itself(kes(1000))
    deposit = purse.becomes_pending(kes(600))
    purse.hears(deposit, Paid())
    with pytest.raises(DailyDepositLimit) as refused:
        purse.asks(kes(500))
    assert "KES 400 is left" in refused.value.text.in_(Language.ENGLISH)
    purse.world.moves(minutes=10)
    assert purse.asks(kes(1000)).state == "created"


def test_a_failed_deposit_does_not_use_up_the_limit(purse: Purse) -> None:
    purse.limits_itself(kes(1000))
    deposit = purse.becomes_pending(kes(600))
    purse.hears(deposit, CANCELLED)
    assert purse.asks(kes(500)).state == "created"


def test_eight_requests_at_once_are_one_prompt(purse: Purse) -> None:
    together = threading.Barrier(8)

    def ask(shillings: int) -> Deposit | None:
        together.wait()
        try:
            return purse.asks(kes(shillings))
        except DepositInProgress:
            return None

    with ThreadPoolExecutor(8) as pool:
        asked = list(pool.map(ask, range(100, 108)))
    assert sum(one is not None for one in asked) == 1


def test_the_database_itself_allows_one_live_push_per_player(purse: Purse) -> None:
    player_id = purse.world.player(purse.phone).id

    def insert(token: str, state: str) -> None:
        row = deposit.insert().values(
            player_id=player_id,
            amount_cents=100,
            request_key=token,
            reference=token[:8],
            token=token,
            state=state,
        )
        with purse.world.database.begin() as connection:
            connection.execute(row)

    insert("a" * 32, "created")
    for token, state in (("b" * 32, "created"), ("c" * 32, "submitting")):
        with pytest.raises(IntegrityError, match="deposit_one_live_push") as error:
            insert(token, state)
        assert sql_state(error.value) == "23505"
    insert("d" * 32, "pending")


def test_a_limit_that_was_set_while_a_request_waited_counts(purse: Purse) -> None:
    world, player_id = purse.world, purse.world.player(purse.phone).id
    with ThreadPoolExecutor(1) as pool, world.database.connect() as other:
        lock_player(other, player_id=player_id)
        asking = pool.submit(purse.asks, kes(500))
        eventually(lambda: somebody_waits(world))
        purse.limits_itself(kes(100))
        other.rollback()
        with pytest.raises(DailyDepositLimit):
            asking.result()


def test_a_deposit_is_within_the_limits_in_force(purse: Purse) -> None:
    for amount in (SMALLEST - Money(1), LARGEST + kes(1)):
        with pytest.raises(DepositOutOfRange):
            purse.asks(amount)
    assert purse.asks(SMALLEST).amount == SMALLEST


def test_a_limit_that_begins_to_count_holds_from_then_on(purse: Purse) -> None:
    purse.world.agrees_on(Dated.DEPOSIT_MIN_KES, 50, counts_in=timedelta(minutes=2))
    purse.is_left_alone(purse.asks(kes(49)))
    with pytest.raises(DepositOutOfRange):
        purse.asks(kes(49))
    assert purse.asks(kes(50)).amount == kes(50)


def test_every_refusal_says_what_happened_to_the_money() -> None:
    refusals = [
        DepositOutOfRange(smallest=SMALLEST, largest=LARGEST),
        DepositInProgress(),
        SameAmountTooSoon(),
        DailyDepositLimit(limit=kes(100_000), left=kes(99_999)),
    ]
    for refusal in refusals:
        words = refusal.text.in_(Language.ENGLISH)
        assert "No money was taken." in words
        assert len(words) <= 130, "a page also needs its keys"


def somebody_waits(world: World) -> bool:
    query = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"
    with world.owner.connect() as connection:
        return bool(connection.execute(text(query)).scalar_one())


def _wait_until_just_before_midnight(purse: Purse) -> None:
    moment = in_nairobi(in_transaction(purse.world.database, now))
    midnight = datetime.combine(moment.date() + timedelta(days=1), time(), NAIROBI)
    purse.world.moves(seconds=(midnight - moment - timedelta(minutes=5)).total_seconds())


def test_everybody_s_daily_limit_counts_beside_the_player_s_own(purse: Purse) -> None:
    purse.world.always_had(Dated.DAILY_DEPOSIT_MAX_KES, 1_500)
    purse.hears(purse.becomes_pending(kes(1000)), Paid())
    with pytest.raises(DailyDepositLimit) as refusal:
        purse.asks(kes(501))
    assert refusal.value.text.in_(Language.ENGLISH) == (
        "Your daily deposit limit is KES 1,500; KES 500 is left today. No money was taken."
    )
    purse.limits_itself(kes(1_200))
    with pytest.raises(DailyDepositLimit):
        purse.asks(kes(201))
    purse.limits_itself(kes(1_100))
    purse.asks(kes(100))


def test_an_account_is_not_filled_beyond_what_it_may_hold(purse: Purse) -> None:
    """What is held counts, too; of the deposit, what excise leaves of it."""
    purse.world.always_had(Dated.EXCISE_BPS, 500)
    purse.world.always_had(Dated.WALLET_MAX_KES, 2_000)
    purse.world.gives(purse.phone, kes(100))
    denied = purse.becomes_pending(kes(1000))
    purse.hears(denied, Paid())
    purse.is_answered(denied, CANCELLED)
    assert (purse.held, purse.money) == (kes(950), kes(100))
    with pytest.raises(WalletWouldOverflow) as refusal:
        purse.asks(kes(1_001))
    assert refusal.value.text.in_(Language.ENGLISH) == (
        "An account may hold KES 2,000 at most. No money was taken."
    )
    purse.world.moves(minutes=3)
    assert purse.asks(kes(1_000)).amount == kes(1_000)
