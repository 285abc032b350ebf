"""Staff lock and unlock an account, throw its PIN away and close it: who may, and what stays."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import IntegrityError

from core.database import in_transaction, now
from core.errors import Refused
from core.ledger.transfer import Key
from core.markets.close_account import MoneyLeft, close_for_player
from core.markets.place_bet import place_bet
from core.markets.rules import Side
from core.money import Money, kes
from core.notices.records import sms_out
from core.players.change_pin import change_pin, reset_pin
from core.players.check_pin import check_pin
from core.players.help_player import HasLeft, OwnAccount
from core.players.lock_account import lock_account
from core.players.records import NO_PIN, Player, Status, get_player, player_pin
from core.players.rules import PAUSE_AFTER_PIN_RESET, AccountLocked, PinLocked, WrongPin
from core.players.throw_pin_away import throw_pin_away
from core.players.unlock_account import LockedByYou, unlock_account
from core.staff.records import Admin, NotAllowed, Role
from core.staff_input import InvalidFreeText
from tests.world import PIN, World

WHY = "The phone was stolen"
Act = Callable[..., bool | None]
ACTS = (lock_account, unlock_account, throw_pin_away, close_for_player)


@pytest.fixture
def player(world: World) -> Player:
    return world.has_player(balance=kes(500))


@pytest.fixture
def support(world: World) -> Admin:
    return world.has_admin("amina@kibeezy.test", Role.SUPPORT)


def does(world: World, act: Act, player: Player, by: Admin, why: str = WHY) -> bool | None:
    return in_transaction(world.database, lambda c: act(c, player_id=player.id, why=why, by=by))


def standing(world: World, player: Player) -> Player:
    return in_transaction(world.database, lambda c: get_player(c, player_id=player.id))


def told(world: World, player: Player) -> list[str]:
    with world.database.connect() as connection:
        query = select(sms_out.c.kind).where(sms_out.c.player_id == player.id)
        return list(connection.execute(query.order_by(sms_out.c.id)).scalars())


def signs_in(world: World, player: Player, typed: str = PIN) -> None:
    check_pin(world.database, player_id=player.id, typed=typed, pepper=world.pepper)


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("role", [Role.RESOLVER, Role.VIEWER])
def test_only_who_looks_after_people_may(
    world: World, player: Player, act: Act, role: Role
) -> None:
    by = world.has_admin("other@kibeezy.test", role)
    with pytest.raises(NotAllowed):
        does(world, act, player, by)


@pytest.mark.parametrize("act", ACTS)
def test_nobody_looks_after_the_own_account(world: World, player: Player, act: Act) -> None:
    by = world.has_admin("own@kibeezy.test", Role.OWNER, phone=player.phone)
    with pytest.raises(OwnAccount):
        does(world, act, player, by)


@pytest.mark.parametrize("act", ACTS)
def test_each_act_has_a_reason(world: World, player: Player, support: Admin, act: Act) -> None:
    with pytest.raises(InvalidFreeText):
        does(world, act, player, support, why=" ")


def test_a_lock_keeps_the_money_and_everybody_out(
    world: World, player: Player, support: Admin
) -> None:
    assert does(world, lock_account, player, support)
    assert standing(world, player).status is Status.LOCKED
    assert world.wallet(player.phone) == kes(500)
    with pytest.raises(AccountLocked):
        signs_in(world, player)
    assert not does(world, lock_account, player, support)
    assert told(world, player) == ["account_locked"]


def test_tries_at_a_locked_account_are_not_counted(
    world: World, player: Player, support: Admin
) -> None:
    does(world, lock_account, player, support)
    for _ in range(4):
        with pytest.raises(AccountLocked):
            signs_in(world, player, "9999")
    does(world, unlock_account, player, world.has_admin("owner@kibeezy.test", Role.OWNER))
    signs_in(world, player)


def test_a_locked_account_gets_no_new_pin(world: World, player: Player, support: Admin) -> None:
    does(world, lock_account, player, support)
    for choose in (change_pin, reset_pin):
        with pytest.raises(AccountLocked), world.database.begin() as connection:
            choose(connection, player_id=player.id, new_pin="5937", pepper=world.pepper)


def test_another_than_who_locked_unlocks(world: World, player: Player, support: Admin) -> None:
    does(world, lock_account, player, support)
    with pytest.raises(LockedByYou):
        does(world, unlock_account, player, support)
    colleague = world.has_admin("barasa@kibeezy.test", Role.SUPPORT)
    assert does(world, unlock_account, player, colleague)
    assert standing(world, player).status is Status.ACTIVE
    assert not does(world, unlock_account, player, colleague)
    assert told(world, player) == ["account_locked", "account_unlocked"]
    signs_in(world, player)


def test_an_owner_may_unlock_what_the_owner_locked(world: World, player: Player) -> None:
    owner = world.has_admin("owner@kibeezy.test", Role.OWNER)
    does(world, lock_account, player, owner)
    assert does(world, unlock_account, player, owner)


def test_the_trail_names_who_and_why(world: World, player: Player, support: Admin) -> None:
    does(world, lock_account, player, support)
    with world.owner.connect() as connection:
        query = "SELECT actor, details FROM audit_event WHERE act = 'player.locked'"
        [(actor, details)] = connection.execute(text(query))
    assert actor == support.email
    assert details == {"before": {"status": "active"}, "after": {"status": "locked"}, "why": WHY}


def test_a_reason_without_a_lock_cannot_be_kept(world: World) -> None:
    world.has_player()
    with pytest.raises(IntegrityError), world.owner.begin() as connection:
        connection.execute(text("UPDATE player SET locked_by = 'a@b', locked_why = 'x'"))


def test_a_pin_that_was_thrown_away_opens_nothing(
    world: World, player: Player, support: Admin
) -> None:
    moment = in_transaction(world.database, now)
    assert does(world, throw_pin_away, player, support)
    with pytest.raises(PinLocked):
        signs_in(world, player)
    until = standing(world, player).withdrawals_paused_until
    assert until is not None
    assert until >= moment + PAUSE_AFTER_PIN_RESET
    assert not does(world, throw_pin_away, player, support)
    assert told(world, player) == ["pin_thrown_away"]


def test_who_had_shown_the_old_pin_cannot_choose_the_new_one(
    world: World, player: Player, support: Admin
) -> None:
    does(world, throw_pin_away, player, support)
    with pytest.raises(PinLocked):
        in_transaction(
            world.database,
            lambda c: change_pin(c, player_id=player.id, new_pin="5937", pepper=world.pepper),
        )


def test_the_new_pin_pauses_withdrawals_a_day_again(
    world: World, player: Player, support: Admin
) -> None:
    does(world, throw_pin_away, player, support)
    world.moves(hours=20)
    in_transaction(
        world.database,
        lambda c: reset_pin(c, player_id=player.id, new_pin="5937", pepper=world.pepper),
    )
    world.moves(hours=20)
    assert standing(world, player).withdrawals_paused_until is not None
    signs_in(world, player, "5937")


def test_a_right_pin_in_flight_does_not_bring_it_back(
    world: World, player: Player, support: Admin
) -> None:
    with ThreadPoolExecutor() as pool:
        signing_in = pool.submit(signs_in, world, player)
        _wait_for_a_try(world, player)
        does(world, throw_pin_away, player, support)
        signing_in.result()
    with pytest.raises(PinLocked):
        signs_in(world, player)
    with pytest.raises((PinLocked, WrongPin)):
        signs_in(world, player, "9999")


def _wait_for_a_try(world: World, player: Player) -> None:
    """Until the try is counted: the PIN is looked at after that."""
    query = select(player_pin.c.wrong_tries).where(player_pin.c.player_id == player.id)
    for _ in range(10_000):
        with world.database.connect() as connection:
            if connection.execute(query).scalar_one():
                return


@pytest.mark.parametrize("_round", range(3))
def test_a_lock_and_a_bet_at_once_leave_a_whole_bet_or_none(
    world: World, player: Player, support: Admin, _round: int
) -> None:
    market_id = world.has_market()
    both = Barrier(2)

    def bets(connection: Connection) -> None:
        both.wait()
        place_bet(
            connection,
            player_id=player.id,
            market_id=market_id,
            side=Side.YES,
            stake=kes(100),
            key=Key("test", "race"),
            settings=world.settings,
        )

    def locks(connection: Connection) -> None:
        both.wait()
        lock_account(connection, player_id=player.id, why=WHY, by=support)

    def runs(work: Callable[[Connection], None]) -> bool:
        try:
            with world.database.begin() as connection:
                work(connection)
        except Refused as refusal:
            assert isinstance(refusal, AccountLocked)  # noqa: PT017 - one of two outcomes
            return False
        return True

    with ThreadPoolExecutor() as pool:
        bet, locked = pool.map(runs, (bets, locks))
    assert locked
    staked = kes(100) if bet else Money(0)
    assert world.pool(market_id, "yes") == staked
    assert world.wallet(player.phone) == kes(500) - staked
    assert world.count("bet") == int(bet)
    world.ledger_is_sound()


def test_what_a_locked_player_wins_is_paid(world: World, player: Player, support: Admin) -> None:
    market_id = world.has_market()
    in_transaction(
        world.database,
        lambda c: place_bet(
            c,
            player_id=player.id,
            market_id=market_id,
            side=Side.YES,
            stake=kes(100),
            key=Key("test", "winner"),
            settings=world.settings,
        ),
    )
    does(world, lock_account, player, support)
    world.settles(market_id, "yes")
    assert world.wallet(player.phone) == kes(500)
    world.ledger_is_sound()


def test_closing_for_a_player_demands_what_the_menu_does(
    world: World, player: Player, support: Admin
) -> None:
    with pytest.raises(MoneyLeft):
        does(world, close_for_player, player, support)
    empty = world.has_player("+254700000009")
    does(world, close_for_player, empty, support)
    assert standing(world, empty).status is Status.CLOSED
    assert told(world, empty) == ["account_closed"]
    for act in ACTS:
        with pytest.raises(HasLeft):
            does(world, act, empty, support)


def test_no_pin_has_the_hash_of_none(world: World, player: Player, support: Admin) -> None:
    does(world, throw_pin_away, player, support)
    with world.owner.begin() as connection:
        connection.execute(player_pin.update().values(wrong_tries=0))
        kept = connection.execute(select(player_pin.c.hash)).scalars().all()
    assert set(kept) == {NO_PIN}
    with pytest.raises(WrongPin):
        signs_in(world, player)
