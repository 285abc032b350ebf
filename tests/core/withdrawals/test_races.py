"""Withdrawals, bets and the provider's answers at once: nothing below zero, and no deadlock."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest
from sqlalchemy import text

from core.database import in_transaction
from core.deposits.answers import Paid
from core.errors import Refused
from core.ledger.transfer import Key
from core.markets.close_account import MoneyLeft, close_account
from core.markets.place_bet import place_bet
from core.markets.rules import Side
from core.money import Money, kes
from core.provider.status_answers import Fate
from core.withdrawals.answers import PaidOut
from core.withdrawals.check_sim import SimAnswer, sim_not_asked
from core.withdrawals.records import Withdrawal
from tests.chaos.street import at_once, eventually
from tests.core.deposits.purse import Purse
from tests.core.deposits.test_request_deposit import somebody_waits
from tests.core.withdrawals.teller import NO_ACCOUNT, Teller

ROUNDS = range(3)
_calls = count(1)


def tried(act: Callable[[], object]) -> Callable[[], str]:
    """Whether it was done; a polite refusal is an answer, anything else is a defect."""

    def try_it() -> str:
        try:
            act()
        except Refused as refusal:
            return type(refusal).__name__
        return "done"

    return try_it


def bets(teller: Teller, market_id: int, stake: Money) -> Callable[[], object]:
    player_id, key = teller.player_id, Key("teller", f"bet-{next(_calls)}:1")
    return lambda: in_transaction(
        teller.world.database,
        lambda c: place_bet(
            c,
            player_id=player_id,
            market_id=market_id,
            side=Side.YES,
            stake=stake,
            key=key,
            settings=teller.world.settings,
        ),
    )


def asks(teller: Teller, amount: Money, key: str | None = None) -> Callable[[], Withdrawal]:
    call = key or f"race-{next(_calls)}:1"
    return lambda: teller.asks(amount, key=call)


def in_open_withdrawals(teller: Teller) -> Money:
    query = "SELECT coalesce(sum(amount_cents), 0)::text FROM withdrawal WHERE ended_at IS NULL"
    return Money(int(teller.column(query)[0]))


@pytest.mark.parametrize("_round", ROUNDS)
def test_two_sessions_withdraw_and_bet_and_no_wallet_goes_below_zero(
    teller: Teller,
    _round: int,
) -> None:
    market = teller.world.has_market(label="Rain")
    acts = [
        *(tried(asks(teller, kes(300))) for _ in range(4)),
        *(tried(bets(teller, market, kes(300))) for _ in range(4)),
    ]
    said = at_once(*acts)
    assert said.count("done") == 3, said
    assert teller.money == kes(100)
    assert teller.held == in_open_withdrawals(teller)
    assert teller.held + teller.world.pool(market, "yes") == kes(900)


def test_a_bet_does_not_leave_the_withdrawal_what_is_not_confirmed(teller: Teller) -> None:
    purse = Purse(teller.world, teller.phone)
    purse.hears(purse.becomes_pending(kes(300)), Paid())
    market = teller.world.has_market(label="Rain")
    with ThreadPoolExecutor(1) as pool, teller.world.database.connect() as other:
        place_bet(
            other,
            player_id=teller.player_id,
            market_id=market,
            side=Side.YES,
            stake=kes(300),
            key=Key("teller", "bet-first:1"),
            settings=teller.world.settings,
        )
        withdrawal = pool.submit(tried(asks(teller, kes(1000))))
        eventually(lambda: somebody_waits(teller.world))
        other.commit()
        assert withdrawal.result() == "NotWithdrawable"
    assert (teller.money, teller.held) == (kes(1000), kes(0))
    assert tried(asks(teller, kes(700)))() == "done"


def test_one_hop_that_arrives_many_times_at_once_holds_once(teller: Teller) -> None:
    made = at_once(*[asks(teller, kes(500), "call:1") for _ in range(6)])
    assert len({each.id for each in made}) == 1
    assert (teller.held, teller.world.count("withdrawal")) == (kes(500), 1)


def test_two_workers_claim_one_call(teller: Teller) -> None:
    asked = teller.asks()
    teller.is_queued(asked)
    calls = at_once(*[lambda: teller.is_sent(asked) for _ in range(4)])
    # Those who came later took the first for dead, which only makes it unknown.
    assert sum(call is not None for call in calls) == 1
    assert (teller.state(asked), teller.held) == ("unknown", kes(500))


@pytest.mark.parametrize("_round", ROUNDS)
def test_all_news_of_a_payment_at_once_pay_once(
    teller: Teller,
    _round: int,
) -> None:
    asked = teller.goes_out()

    def is_accepted() -> str:
        teller.is_accepted(asked)
        return "noted"

    said = at_once(
        lambda: str(teller.hears(asked, PaidOut())),
        lambda: str(teller.hears(asked, PaidOut())),
        lambda: str(teller.status_is(asked, Fate.COMPLETED, amount=asked.net)),
        is_accepted,
        lambda: str(teller.is_left(asked)),
    )
    assert said.count("paid") == 1, said
    assert (teller.state(asked), teller.held, teller.money) == ("paid", kes(0), kes(500))


@pytest.mark.parametrize("_round", ROUNDS)
def test_what_was_given_back_is_taken_again_while_it_is_bet(
    teller: Teller,
    _round: int,
) -> None:
    market = teller.world.has_market(label="Rain")
    asked = teller.goes_out()
    teller.hears(asked, NO_ACCOUNT)
    said = at_once(
        lambda: str(teller.hears(asked, PaidOut())),
        *(tried(bets(teller, market, kes(200))) for _ in range(4)),
        tried(asks(teller, kes(100))),
    )
    assert said[0] == "paid after release"
    assert teller.state(asked) == "paid_after_release"
    staked = teller.world.pool(market, "yes")
    assert teller.money + teller.held + staked + kes(500) - teller.owes == kes(1000)
    assert teller.money >= kes(0)


@pytest.mark.parametrize("_round", ROUNDS)
def test_a_swapped_sim_and_the_end_of_patience_at_once(
    teller: Teller,
    _round: int,
) -> None:
    asked = teller.asks()
    teller.is_asked_about_its_sim(asked)

    def patience_ends() -> object:
        with teller.world.database.begin() as connection:
            sim_not_asked(connection, withdrawal_id=asked.id, because="late")
        return teller.is_sent(asked)

    at_once(
        lambda: teller.sim_is(asked, SimAnswer.SWAPPED),
        patience_ends,
        tried(asks(teller, kes(100))),
    )
    assert teller.paused_until is not None
    assert teller.state(asked) in {"cancelled", "sending"}
    assert teller.held == in_open_withdrawals(teller)


def test_an_account_does_not_close_under_a_withdrawal(teller: Teller) -> None:
    player_id = teller.player_id

    def close() -> object:
        return in_transaction(
            teller.world.database, lambda c: close_account(c, player_id=player_id)
        )

    said = at_once(tried(asks(teller, kes(1000))), tried(close))
    assert said == ["done", MoneyLeft.__name__]
    with teller.world.database.connect() as connection:
        closed = text("SELECT count(*) FROM player WHERE closed_at IS NOT NULL")
        assert connection.execute(closed).scalar_one() == 0
