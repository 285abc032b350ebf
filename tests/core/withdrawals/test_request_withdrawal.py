"""Asking for money: held at once, once per key, and only what the player may take."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core.config.rules import Dated
from core.database import in_transaction, now, sql_state
from core.deposits.answers import Paid
from core.errors import Refused
from core.ledger import book
from core.ledger.book import KeyReused
from core.ledger.transfer import Entry, Key, Transfer, TransferKind
from core.money import Money, kes
from core.players.change_pin import reset_pin
from core.players.records import Status
from core.players.rules import AccountClosed, AccountLocked, NotVerified
from core.switches.rules import Stopped, Switch
from core.switches.stop import stop
from core.text import Language
from core.withdrawals.answers import PaidOut
from core.withdrawals.give_up_withdrawal import WithdrawalGivenUp, give_up_withdrawal
from core.withdrawals.rules import (
    NotWithdrawable,
    PriceChanged,
    WithdrawalOutOfRange,
    WithdrawalsPaused,
)
from tests.core.deposits.purse import Purse
from tests.core.withdrawals.teller import NO_ACCOUNT, Teller, sets
from tests.world import World

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def nothing_moved(teller: Teller) -> bool:
    return teller.world.count("withdrawal") == 0 and teller.held == kes(0)


def refusal(teller: Teller, amount: Money) -> str:
    with pytest.raises(NotWithdrawable) as refused:
        teller.asks(amount)
    return refused.value.text.in_(Language.ENGLISH)


def test_the_money_is_held_and_the_sim_asked_about_before_anybody_is_called(
    teller: Teller,
) -> None:
    asked = teller.asks()
    assert (asked.state, teller.money, teller.held) == ("requested", kes(500), kes(500))
    assert teller.column("SELECT kind FROM outbox WHERE key LIKE 'sim_swap%' ORDER BY id") == [
        "sim_swap_ask",
        "sim_swap_over",
    ]
    assert teller.column("SELECT kind FROM outbox WHERE kind = 'b2c_send'") == []
    assert teller.column("SELECT act FROM audit_event WHERE act LIKE 'withdrawal%'") == [
        "withdrawal.requested"
    ]


def test_what_is_small_is_queued_without_a_question(teller: Teller) -> None:
    sets(teller.world, Dated.SIM_SWAP_CHECK_FROM_KES, 500)
    assert teller.now(teller.asks(kes(499))).state == "queued"
    assert teller.now(teller.asks(kes(500))).state == "requested"


def test_the_same_key_holds_once(teller: Teller) -> None:
    first = teller.asks(key="call:1")
    again = teller.asks(key="call:1")
    assert (again.id, again.reference) == (first.id, first.reference)
    assert (teller.money, teller.held) == (kes(500), kes(500))
    assert teller.world.count("withdrawal") == 1


def test_a_key_is_not_used_for_another_amount_or_player(world: World, teller: Teller) -> None:
    teller.asks(key="call:1")
    with pytest.raises(KeyReused):
        teller.asks(kes(400), key="call:1")
    other = Teller.of_a_new_player(world, phone="+254700000399")
    with pytest.raises(KeyReused):
        other.asks(key="call:1")
    assert (teller.held, other.held) == (kes(500), kes(0))


def test_more_than_there_is_is_refused_with_what_there_is(teller: Teller) -> None:
    assert "You can withdraw KES 1,000 now" in refusal(teller, kes(1001))
    assert nothing_moved(teller)
    teller.asks(kes(1000))
    assert "You can withdraw KES 0 now" in refusal(teller, kes(10))


def test_what_only_a_callback_vouches_for_can_be_played_with_but_not_withdrawn(
    teller: Teller,
) -> None:
    purse = Purse(teller.world, teller.phone)
    purse.hears(purse.becomes_pending(kes(300)), Paid())
    assert teller.money == kes(1300)
    assert "You can withdraw KES 1,000 now" in refusal(teller, kes(1001))
    teller.asks(kes(1000))


def test_what_was_paid_twice_is_owed_and_counts_against_later_withdrawals(
    teller: Teller,
) -> None:
    paid_late = teller.goes_out(kes(600))
    teller.hears(paid_late, NO_ACCOUNT)
    teller.asks(kes(900))
    teller.hears(paid_late, PaidOut())
    assert (teller.money, teller.owes) == (kes(0), kes(500))
    teller.world.gives(teller.phone, kes(700))
    said = refusal(teller, kes(201))
    assert "You owe us KES 500, which is kept back: you can withdraw KES 200 now." in said
    teller.asks(kes(200))


@pytest.mark.parametrize(
    ("columns", "why"),
    [
        ({"kyc_verified_at": None}, NotVerified),
        ({"locked_at": LONG_AGO}, AccountLocked),
        ({"closed_at": LONG_AGO}, AccountClosed),
        ({"withdrawals_paused_until": LONG_AGO + timedelta(days=3650)}, WithdrawalsPaused),
    ],
)
def test_who_may_not_withdraw_is_refused(
    teller: Teller, columns: dict[str, object], why: type[Refused]
) -> None:
    for break_until in (None, LONG_AGO + timedelta(days=3650)):
        teller.becomes(**columns, break_until=break_until)
        with pytest.raises(why):
            teller.asks()
    assert nothing_moved(teller)


def test_who_takes_a_break_may_take_the_money_out(teller: Teller) -> None:
    teller.becomes(break_until=LONG_AGO + timedelta(days=3650))
    assert teller.world.player(teller.phone).status is Status.ON_BREAK
    assert teller.asks().state == "requested"


def test_a_pause_that_is_over_is_none(teller: Teller) -> None:
    teller.becomes(withdrawals_paused_until=LONG_AGO)
    assert teller.asks().state == "requested"


def test_a_new_pin_pauses_for_a_day_and_cuts_no_longer_pause_short(teller: Teller) -> None:
    player_id, world = teller.player_id, teller.world

    def forgets(pin: str) -> None:
        in_transaction(
            world.database,
            lambda c: reset_pin(c, player_id=player_id, new_pin=pin, pepper=world.pepper),
        )

    forgets("5937")
    with pytest.raises(WithdrawalsPaused):
        teller.asks()
    world.moves(hours=24)
    teller.asks(kes(10))

    week = in_transaction(world.database, now) + timedelta(days=7)
    teller.becomes(withdrawals_paused_until=week)
    forgets("8264")
    assert teller.paused_until == week


def test_nothing_is_asked_for_while_withdrawals_are_stopped(teller: Teller) -> None:
    before = teller.asks(key="before")
    in_transaction(
        teller.world.database,
        lambda c: stop(c, kind=Switch.WITHDRAWALS, why="No float", by="test"),
    )
    with pytest.raises(Stopped):
        teller.asks()
    assert teller.asks(key="before").id == before.id, "a repeat is told what was done"
    assert teller.world.count("withdrawal") == 1


@pytest.mark.parametrize("name", [Dated.WITHDRAWAL_FEE_KES, Dated.WITHHOLDING_BPS])
def test_another_price_than_the_page_showed_is_refused(teller: Teller, name: Dated) -> None:
    shown = teller.price()
    sets(teller.world, name, 100)
    with pytest.raises(PriceChanged):
        teller.asks(price=shown)
    assert nothing_moved(teller)
    asked = teller.asks()
    assert asked.net < asked.amount == kes(500)


def test_the_range_counts_when_it_is_asked_for(teller: Teller) -> None:
    sets(teller.world, Dated.WITHDRAWAL_MIN_KES, 501)
    with pytest.raises(WithdrawalOutOfRange):
        teller.asks()
    sets(teller.world, Dated.WITHDRAWAL_MAX_KES, 600)
    with pytest.raises(WithdrawalOutOfRange):
        teller.asks(kes(601))
    assert nothing_moved(teller)


def test_what_was_told_as_not_made_is_never_made(teller: Teller) -> None:
    player_id = teller.player_id

    def give_up(series: str) -> int | None:
        return in_transaction(
            teller.world.database,
            lambda c: give_up_withdrawal(c, player_id=player_id, scope="teller", series=series),
        )

    assert give_up("late-call") is None
    with pytest.raises(WithdrawalGivenUp):
        teller.asks(key="late-call:3")
    assert nothing_moved(teller)
    made = teller.asks(key="good-call:3")
    assert give_up("good-call") == made.hold_transfer_id
    assert teller.asks(key="good-call:3").id == made.id


def test_each_payout_has_ids_of_its_own_as_the_provider_takes_them(teller: Teller) -> None:
    asked = [teller.asks(kes(10)) for _ in range(5)]
    assert len({each.originator_id for each in asked} | {each.token for each in asked}) == 10
    assert all(each.originator_id.isalnum() for each in asked)
    assert {len(each.originator_id) for each in asked} == {20}


def test_the_rate_of_the_tax_is_kept_beside_it(teller: Teller) -> None:
    world = teller.world
    world.always_had(Dated.WITHHOLDING_BPS, 500)
    asked = teller.asks(kes(110))
    world.agrees_on(Dated.WITHHOLDING_BPS, 1_000, counts_in=timedelta(minutes=2))
    world.moves(minutes=3)
    query = text("SELECT tax_cents, withholding_bps FROM withdrawal WHERE id = :id")
    with world.database.connect() as connection:
        assert tuple(connection.execute(query, {"id": asked.id}).one()) == (600, 500)
    with pytest.raises(DBAPIError) as refused, world.database.begin() as connection:
        connection.execute(text("UPDATE withdrawal SET withholding_bps = 1000"))
    assert sql_state(refused.value) == "KB006"


def test_of_the_release_before_the_database_keeps_the_rate(teller: Teller) -> None:
    """It writes the tax alone, while the migration has been made."""
    world, player_id = teller.world, teller.player_id
    world.always_had(Dated.WITHHOLDING_BPS, 500)
    with world.database.begin() as connection:
        wallet = book.available_account(connection, player_id=player_id)
        held = book.held_account(connection, player_id=player_id)
        entries = (Entry(wallet, -kes(100)), Entry(held, kes(100)))
        hold = Transfer(TransferKind.HOLD, Key("test", "old"), entries, actor="test")
        posted = book.post(connection, hold)
        insert = text(
            "INSERT INTO withdrawal (player_id, amount_cents, fee_cents, tax_cents, request_key,"
            " originator_id, token, hold_transfer_id)"
            " VALUES (:player_id, 10000, 0, 500, 'old', 'OLD', :token, :hold)"
        )
        row = {"player_id": player_id, "token": "0" * 32, "hold": posted.transfer_id}
        connection.execute(insert, row)
        rate = connection.execute(text("SELECT withholding_bps FROM withdrawal")).scalar_one()
    assert rate == 500
    world.ledger_is_sound()
