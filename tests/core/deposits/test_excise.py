"""Excise is taken when a deposit is credited, at the rate of that moment, and goes back with it."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core.config.rules import BOUNDS, Dated
from core.database import in_transaction, sql_state
from core.deposits.answers import Paid
from core.deposits.excise import smallest_leaving, tax
from core.ledger.audit import verify
from core.money import Money, kes
from core.provider.decide import DecisionOutcome
from core.withdrawals.withdrawable import withdrawable
from tests.core.deposits.purse import CANCELLED, Purse

SOON = timedelta(minutes=2)
RATES = st.integers(0, BOUNDS[Dated.EXCISE_BPS][1])


@pytest.mark.parametrize(
    ("cents", "bps", "excise"),
    [
        (10_000, 0, 0),
        (10_000, 500, 500),
        # Rounded down, in the player's favour.
        (2_099, 500, 104),
        (100, 1, 0),
        (10_000, 1, 1),
        (1, 9_999, 0),
    ],
)
def test_the_excise_of_an_amount(cents: int, bps: int, excise: int) -> None:
    assert tax(Money(cents), bps=bps).excise == Money(excise)


@given(cents=st.integers(1, 25_000_000), bps=RATES)
def test_what_is_left_is_never_nothing_and_adds_up(cents: int, bps: int) -> None:
    taxed = tax(Money(cents), bps=bps)
    assert taxed.excise + taxed.net == Money(cents)
    assert taxed.net > Money(0)
    assert 0 <= cents * bps - taxed.excise.cents * 10_000 < 10_000


@given(wanted=st.integers(1, 25_000_000), bps=RATES)
def test_the_smallest_deposit_that_leaves_enough_is_the_smallest(wanted: int, bps: int) -> None:
    smallest = smallest_leaving(Money(wanted), bps=bps)
    assert tax(smallest, bps=bps).net >= Money(wanted)
    one_less = smallest - kes(1)
    assert not one_less or tax(one_less, bps=bps).net < Money(wanted)


def test_with_five_percent_a_bet_needs_twenty_two_shillings() -> None:
    assert smallest_leaving(kes(20), bps=500) == kes(22)
    assert smallest_leaving(kes(20), bps=0) == kes(20)


def test_the_player_gets_what_is_left_and_is_told(purse: Purse) -> None:
    purse.world.always_had(Dated.EXCISE_BPS, 500)
    deposit = purse.becomes_pending(kes(101))
    purse.hears(deposit, Paid())
    assert (purse.money, purse.excise_paid) == (Money(9_595), Money(505))
    assert purse.unconfirmed == Money(9_595)
    [said] = purse.messages()
    assert said.startswith(
        f"Deposit of KES 101 received, excise KES 5.05, M-Pesa RECEIPT{deposit.id}."
        " Balance KES 95.95. Ref "
    )
    purse.world.ledger_is_sound()


def test_nothing_is_said_of_an_excise_that_nobody_takes(purse: Purse) -> None:
    deposit = purse.becomes_pending()
    purse.hears(deposit, Paid())
    [said] = purse.messages()
    assert "excise" not in said
    assert purse.money == deposit.amount


def test_the_rate_is_that_of_the_credit_not_of_the_wish(purse: Purse) -> None:
    purse.world.agrees_on(Dated.EXCISE_BPS, 500, counts_in=SOON)
    asked_before = purse.becomes_pending()
    purse.world.moves(minutes=3)
    purse.hears(asked_before, Paid())
    assert purse.money == kes(950)

    purse.world.agrees_on(Dated.EXCISE_BPS, 1_000, counts_in=SOON)
    purse.world.moves(minutes=3)
    purse.is_answered(asked_before, Paid())
    assert purse.money == kes(950), "confirmed at another rate, it stays what it was"
    purse.world.ledger_is_sound()


def test_what_is_withdrawn_is_what_is_left_and_confirmed(purse: Purse) -> None:
    purse.world.always_had(Dated.EXCISE_BPS, 500)
    deposit = purse.becomes_pending()
    purse.hears(deposit, Paid())
    player_id = purse.player_id
    left = in_transaction(purse.world.database, lambda c: withdrawable(c, player_id=player_id))
    assert left == kes(0)
    purse.proves(deposit)
    left = in_transaction(purse.world.database, lambda c: withdrawable(c, player_id=player_id))
    assert left == kes(950)


@pytest.mark.parametrize("spent", [0, 100, 950])
def test_a_freeze_and_its_reversal_are_of_what_was_left(purse: Purse, spent: int) -> None:
    purse.world.always_had(Dated.EXCISE_BPS, 500)
    deposit = purse.becomes_pending()
    purse.hears(deposit, Paid())
    if spent:
        purse.spends(kes(spent))
    # Money from elsewhere is not frozen for it.
    purse.world.gives(purse.phone, kes(30))
    purse.is_answered(deposit, CANCELLED)
    assert purse.held == min(kes(980 - spent), kes(950))
    purse.world.ledger_is_sound()

    purse.is_decided(deposit, DecisionOutcome.REVERSED)
    assert (purse.held, purse.excise_paid) == (kes(0), kes(0))
    assert purse.money - purse.owed == kes(30 - spent)
    purse.world.ledger_is_sound()


def test_one_that_is_proven_after_all_is_given_back_to_play_with(purse: Purse) -> None:
    purse.world.always_had(Dated.EXCISE_BPS, 500)
    deposit = purse.becomes_pending()
    purse.hears(deposit, Paid())
    purse.is_answered(deposit, CANCELLED)
    purse.proves(deposit)
    assert (purse.money, purse.held, purse.excise_paid) == (kes(950), kes(0), kes(50))
    purse.world.ledger_is_sound()


@pytest.mark.parametrize(
    "change",
    [
        "excise_cents = 0, excise_bps = 0",
        "excise_cents = 6000, excise_bps = 600",
        # Another rate of which as much is taken, rounded down.
        "excise_bps = 501",
    ],
)
def test_the_database_lets_nobody_change_the_excise_of_a_credit(purse: Purse, change: str) -> None:
    purse.world.always_had(Dated.EXCISE_BPS, 500)
    deposit = purse.becomes_pending(kes(1))
    purse.hears(deposit, Paid())
    with pytest.raises(DBAPIError) as refused, purse.world.database.begin() as connection:
        connection.execute(text(f"UPDATE deposit SET {change}"))
    assert sql_state(refused.value) == "KB006"


@pytest.mark.parametrize(
    ("change", "guard"),
    [
        ("excise_bps = 500, excise_cents = 5000", "deposit_excise_of_credits"),
        ("excise_cents = 5000", "deposit_excise"),
        ("excise_bps = 10000, excise_cents = amount_cents", "deposit_excise"),
        ("excise_bps = -1", "deposit_excise"),
    ],
)
def test_the_database_takes_no_excise_but_by_its_rate_and_of_a_credit(
    purse: Purse, change: str, guard: str
) -> None:
    purse.becomes_pending()
    with pytest.raises(DBAPIError) as refused, purse.world.database.begin() as connection:
        connection.execute(text(f"UPDATE deposit SET {change}"))
    assert f'"{guard}' in str(refused.value)


def test_the_database_freezes_no_more_than_was_credited(purse: Purse) -> None:
    purse.world.always_had(Dated.EXCISE_BPS, 500)
    deposit = purse.becomes_pending()
    purse.hears(deposit, Paid())
    with pytest.raises(DBAPIError) as refused, purse.world.database.begin() as connection:
        connection.execute(text("UPDATE deposit SET frozen_cents = 95001"))
    assert "deposit_frozen_net" in str(refused.value)


@pytest.mark.parametrize(("ended", "found"), [("10 seconds", 0), ("61 seconds", 1)])
def test_a_rate_that_has_just_ended_may_still_have_been_applied(
    purse: Purse, ended: str, found: int
) -> None:
    """It was looked up before its end and posted after; not so a minute later."""
    purse.world.always_had(Dated.EXCISE_BPS, 500)
    deposit = purse.becomes_pending()
    purse.hears(deposit, Paid())
    with purse.world.owner.begin() as connection:
        connection.execute(text("ALTER TABLE dated_value DISABLE TRIGGER USER"))
        connection.execute(text("UPDATE dated_value SET effective_from = '2026-01-01+03'"))
        another = (
            "INSERT INTO dated_value (name, value, effective_from, source, approved_at)"
            f" SELECT 'excise_bps', 600, posted_at - interval '{ended}', 'test', now()"
            " FROM transfer WHERE kind = 'deposit'"
        )
        connection.execute(text(another))
    with purse.world.database.connect() as connection:
        assert len(verify(connection)) == found
    with purse.world.owner.begin() as connection:
        connection.execute(text("DELETE FROM dated_value WHERE value = 600"))
