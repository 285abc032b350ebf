"""Who may leave, and that no money arrives after the door is shut."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text

from core.config.in_force import read_config
from core.database import in_transaction
from core.deposits.answers import Paid
from core.deposits.begin_push import begin_push
from core.deposits.request_deposit import request_deposit
from core.ledger.transfer import Key
from core.markets.close_account import (
    DepositOnItsWay,
    MoneyLeft,
    ResultNotFinal,
    close_account,
)
from core.markets.rules import Outcome, Side
from core.money import kes
from core.paybill.ask_for_proof import give_up
from core.paybill.place_payment import approve_placement, propose_placement
from core.paybill.records import lock_payment
from core.players.records import Status
from core.players.rules import AccountClosed
from core.staff.records import Role
from tests.chaos.street import eventually
from tests.core.deposits.purse import CANCELLED, Purse
from tests.core.markets.bookmaker import Bookmaker
from tests.core.paybill.payer import is_heard, is_proven
from tests.world import World

PHONE, RIVAL = "+254700000001", "+254700000002"


@pytest.fixture
def purse(world: World) -> Purse:
    return Purse.of_a_new_player(world, phone=PHONE)


def closes(world: World) -> Status:
    player_id = world.player(PHONE).id
    in_transaction(world.database, lambda c: close_account(c, player_id=player_id))
    return world.player(PHONE).status


@pytest.mark.parametrize("sent", ["created", "submitting", "pending", "submit_unknown"])
def test_a_deposit_on_its_way_keeps_the_account_open(purse: Purse, sent: str) -> None:
    deposit = purse.asks()
    if sent != "created":
        purse.is_pushed(deposit)
    if sent == "pending":
        purse.is_accepted(deposit)
    if sent == "submit_unknown":
        in_transaction(purse.world.database, lambda c: begin_push(c, deposit_id=deposit.id))
    assert purse.state(deposit) == sent
    with pytest.raises(DepositOnItsWay):
        closes(purse.world)
    assert purse.world.player(PHONE).status is Status.ACTIVE


def test_a_deposit_that_nobody_knows_about_keeps_the_account_open(purse: Purse) -> None:
    deposit = purse.becomes_pending()
    purse.is_left_alone(deposit)
    assert purse.state(deposit) == "unresolved"
    with pytest.raises(DepositOnItsWay):
        closes(purse.world)


def test_money_and_open_bets_keep_it_open_and_a_lost_bet_does_not(
    purse: Purse, world: World, bookmaker: Bookmaker
) -> None:
    deposit = purse.becomes_pending(kes(100))
    purse.hears(deposit, Paid())
    purse.is_answered(deposit, Paid())
    market_id = world.has_market()
    with pytest.raises(MoneyLeft):
        closes(world)
    bookmaker.bets(PHONE, market_id, Side.YES, 100)
    world.has_player(RIVAL, balance=kes(100))
    bookmaker.bets(RIVAL, market_id, Side.NO, 100)
    with pytest.raises(MoneyLeft):
        closes(world)
    bookmaker.ends(market_id, Outcome.NO)
    world.moves(hours=72)
    assert closes(world) is Status.CLOSED


def test_an_account_stays_open_while_a_bet_can_be_corrected(
    world: World, bookmaker: Bookmaker
) -> None:
    world.has_player(PHONE, balance=kes(100))
    world.has_player(RIVAL, balance=kes(100))
    market_id = world.has_market()
    bookmaker.bets(PHONE, market_id, Side.YES, 100)
    bookmaker.bets(RIVAL, market_id, Side.NO, 100)
    bookmaker.ends(market_id, Outcome.NO)
    world.moves(hours=71, minutes=59)
    with pytest.raises(ResultNotFinal):
        closes(world)
    bookmaker.corrects(market_id, Outcome.YES)
    world.moves(minutes=1)
    with pytest.raises(MoneyLeft):
        closes(world)
    bookmaker.resolves(market_id)
    bookmaker.pays(market_id)
    assert world.wallet(PHONE) == kes(180)
    with pytest.raises(MoneyLeft):
        closes(world)


def test_a_failed_deposit_keeps_nobody(purse: Purse) -> None:
    deposit = purse.becomes_pending()
    purse.hears(deposit, CANCELLED)
    assert closes(purse.world) is Status.CLOSED
    assert closes(purse.world) is Status.CLOSED, "a repeat changes nothing"
    query = "SELECT count(*) FROM audit_event WHERE act = 'player.closed'"
    with purse.world.database.connect() as connection:
        assert connection.execute(text(query)).scalar_one() == 1


def test_closing_waits_for_a_deposit_that_is_being_asked_for(purse: Purse) -> None:
    world, player_id = purse.world, purse.world.player(PHONE).id
    with ThreadPoolExecutor(1) as pool, world.database.connect() as asking:
        request_deposit(
            asking,
            player_id=player_id,
            amount=kes(100),
            key=Key("test", "1"),
            config=read_config(asking, settings=world.settings),
            push_delay=timedelta(0),
        )
        closing = pool.submit(closes, world)
        eventually(lambda: somebody_waits(world) or closing.done())
        asking.commit()
        with pytest.raises(DepositOnItsWay):
            closing.result()


def test_a_deposit_waits_for_the_closing_and_is_refused(purse: Purse) -> None:
    world, player_id = purse.world, purse.world.player(PHONE).id
    with ThreadPoolExecutor(1) as pool, world.database.connect() as closing:
        close_account(closing, player_id=player_id)
        asking = pool.submit(purse.asks)
        eventually(lambda: somebody_waits(world) or asking.done())
        closing.commit()
        with pytest.raises(AccountClosed):
            asking.result()


def test_a_payment_that_waits_for_proof_or_people_keeps_the_account_open(purse: Purse) -> None:
    world = purse.world
    paybill_id = is_heard(world, account="0700000001")
    with pytest.raises(DepositOnItsWay):
        closes(world)
    with world.owner.begin() as connection:
        connection.execute(text("UPDATE player SET locked_at = now()"))
    is_proven(world, paybill_id)
    with pytest.raises(DepositOnItsWay):
        closes(world)
    by = [world.has_admin(f"{name}@kibeezy.test", Role.OWNER) for name in ("asha", "baraka")]
    world.has_player(RIVAL)
    with world.database.begin() as connection:
        propose_placement(
            connection, paybill_id=paybill_id, phone=RIVAL, evidence="It was his", by=by[0]
        )
        approve_placement(connection, paybill_id=paybill_id, by=by[1])
    assert closes(world) is Status.CLOSED


def test_a_payment_that_was_never_proven_keeps_nobody(purse: Purse) -> None:
    world = purse.world
    paybill_id = is_heard(world, account="0700000001")
    with world.database.begin() as connection:
        give_up(connection, lock_payment(connection, paybill_id=paybill_id), why="a test")
    assert closes(world) is Status.CLOSED


def somebody_waits(world: World) -> bool:
    query = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"
    with world.owner.connect() as connection:
        return bool(connection.execute(text(query)).scalar_one())
