"""Proven money that nobody can be credited with: why it waits, and what the payer is told."""

from datetime import timedelta

import pytest
from sqlalchemy import func, update

from core.database import in_transaction
from core.deposits.rules import DailyDepositLimit
from core.ledger import book
from core.ledger.transfer import AccountKind
from core.money import Money, kes
from core.players.account import take_break
from core.players.records import player
from tests.payments.paybill import FIVE_HUNDRED, RECEIPT, Paybill, confirmation
from tests.payments.till import PHONE


def suspense(paybill: Paybill) -> Money:
    with paybill.world.database.connect() as connection:
        account = book.system_account(connection, kind=AccountKind.MPESA_SUSPENSE)
        return book.derived_cents(connection, account_id=account)


def changes(paybill: Paybill, **values: object) -> None:
    """The player of the till, as somebody else has left the row."""
    with paybill.world.owner.begin() as connection:
        connection.execute(update(player).where(player.c.phone == PHONE).values(**values))


def takes_a_break(paybill: Paybill) -> None:
    player_id = paybill.world.player(PHONE).id
    day = timedelta(days=1)
    in_transaction(paybill.world.database, lambda c: take_break(c, player_id=player_id, length=day))


def waits(paybill: Paybill, reason: str, amount: Money = FIVE_HUNDRED) -> None:
    assert paybill.stands() == ("suspense", reason)
    assert suspense(paybill) == amount
    assert paybill.waiting() == [paybill.now.id]
    assert paybill.wallet == kes(0)


@pytest.mark.parametrize("account", ["0799999999", "Sample Transaction", "😀", "a\x00b"])
def test_an_account_that_nobody_has(paybill: Paybill, account: object) -> None:
    paybill.is_told(confirmation(account=account))
    paybill.asks()
    paybill.is_answered()
    waits(paybill, "unknown account")
    assert paybill.messages() == [], "there is nobody to tell"


@pytest.mark.parametrize("account", ["", None])
def test_without_an_account_nothing_moves_before_the_statement(
    paybill: Paybill, account: object
) -> None:
    """It may be the payment of a deposit whose receipt nobody has told."""
    paybill.is_told(confirmation(account=account))
    paybill.asks()
    paybill.is_answered()
    assert paybill.stands() == ("heard", None)
    assert suspense(paybill) == kes(0)


@pytest.mark.parametrize(
    ("values", "reason", "words"),
    [
        ({"kyc_verified_at": None}, "number not verified", "Verify your number on the menu."),
        ({"locked_at": func.now()}, "account locked", "Your account is locked."),
        ({"closed_at": func.now()}, "account closed", "Your account is closed."),
    ],
    ids=["unverified", "locked", "closed"],
)
def test_a_player_who_may_not_deposit_is_told_that_we_hold_it(
    paybill: Paybill, values: dict[str, object], reason: str, words: str
) -> None:
    changes(paybill, **values)
    paybill.is_paid()
    waits(paybill, reason)
    [sms] = paybill.messages()
    assert sms == f"We hold KES 500 that you paid, M-Pesa {RECEIPT}. {words} We will look at it."


def test_a_player_on_a_break(paybill: Paybill) -> None:
    takes_a_break(paybill)
    paybill.is_paid()
    waits(paybill, "on a break")
    assert "You are on a break." in paybill.messages()[0]
    paybill.world.moves(days=2)
    paybill.till.works()
    waits(paybill, "on a break")


def test_what_came_up_between_news_and_proof_counts(paybill: Paybill) -> None:
    paybill.is_told()
    takes_a_break(paybill)
    paybill.asks()
    paybill.is_answered()
    waits(paybill, "on a break")


def test_more_than_the_largest_deposit(paybill: Paybill) -> None:
    paybill.is_paid(150_001)
    waits(paybill, "over the largest deposit", kes(150_001))
    assert "It is over the largest deposit." in paybill.messages()[0]


def test_the_largest_deposit_itself_is_credited(paybill: Paybill) -> None:
    paybill.is_paid(150_000)
    assert paybill.wallet == kes(150_000)


def test_deposits_and_payments_of_today_count_against_the_player_s_own_limit(
    paybill: Paybill,
) -> None:
    paybill.player_limits_itself(kes(1000))
    paybill.is_told(confirmation(receipt="PAIDFIRST1", amount="400.00"))
    paybill.asks()
    paybill.is_answered(amount=400, receipt="PAIDFIRST1")
    asked = paybill.till.asks(kes(300))
    assert paybill.till.state(asked) == "created", "a prompt on its way counts as paid"
    assert paybill.wallet == kes(400)
    paybill.is_paid(301)
    assert paybill.stands() == ("suspense", "over the player's daily limit")
    assert "It is over your daily limit." in paybill.messages()[1]
    paybill.is_told(confirmation(receipt="PAIDTHIRD1", amount="300.00"))
    paybill.asks()
    paybill.is_answered(amount=300, receipt="PAIDTHIRD1")
    assert paybill.wallet == kes(700)


def test_a_new_day_in_nairobi_begins_at_nothing(paybill: Paybill) -> None:
    paybill.player_limits_itself(kes(500))
    paybill.is_paid()
    paybill.world.moves(days=1)
    paybill.is_told(confirmation(receipt="NEXTDAY001"))
    paybill.asks()
    paybill.is_answered(receipt="NEXTDAY001")
    assert paybill.wallet == kes(1000)


def test_what_came_in_by_paybill_leaves_less_for_a_prompt(paybill: Paybill) -> None:
    paybill.player_limits_itself(kes(1000))
    paybill.is_paid(600)
    with pytest.raises(DailyDepositLimit):
        paybill.till.asks(kes(401))
    paybill.till.asks(kes(400))


def test_a_receipt_for_nobody_is_found_on_the_statement_only(paybill: Paybill) -> None:
    paybill.is_told(confirmation(account="wrong"))
    assert paybill.proves() == "suspense"
    waits(paybill, "unknown account")
    assert paybill.proves() == "repeated"
    waits(paybill, "unknown account")


def test_what_is_only_heard_shows_up_after_an_hour(paybill: Paybill) -> None:
    paybill.is_told()
    paybill.world.moves(minutes=59)
    assert paybill.waiting() == []
    paybill.world.moves(minutes=2)
    assert paybill.waiting() == [paybill.now.id]
    assert paybill.now.state == "heard"
