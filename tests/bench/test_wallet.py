"""What a player may believe about the own money."""

import pytest

from bench.phones.wallet import Wallet


@pytest.fixture
def wallet() -> Wallet:
    """A player who deposited 500, staked 100, and may have staked 30 and 70."""
    wallet = Wallet()
    wallet.asks(500)
    assert wallet.receives(500) is None
    wallet.risks(100)
    assert wallet.is_told_placed("A", 100) is None
    wallet.risks(30)
    wallet.risks(70)
    return wallet


@pytest.mark.parametrize("shillings", [400, 370, 330, 300])
def test_what_is_in_doubt_explains_a_balance(wallet: Wallet, shillings: int) -> None:
    assert not wallet.contradicts(shillings * 100)


@pytest.mark.parametrize("cents", [50_000, 40_001, 39_999, 35_000, 29_999])
def test_nothing_else_does(wallet: Wallet, cents: int) -> None:
    assert wallet.contradicts(cents)


def test_a_deposit_on_its_way_may_have_come(wallet: Wallet) -> None:
    wallet.asks(1000)
    assert not wallet.contradicts(140_000)
    assert not wallet.contradicts(40_000)
    assert wallet.receives(1000) is None
    assert wallet.contradicts(40_000)


def test_only_what_is_sure_may_be_spent(wallet: Wallet) -> None:
    assert wallet.surely == 300


def test_a_redial_settles_the_last_doubt(wallet: Wallet) -> None:
    assert wallet.is_told_placed("B", None) is None
    assert wallet.is_told_not_placed() is None
    assert wallet.settles() == 33_000
    assert not wallet.contradicts(33_000)
    assert wallet.contradicts(40_000)
    assert wallet.contradicts(30_000)


def test_a_receipt_settles_a_doubt_and_confirms_what_was_seen(wallet: Wallet) -> None:
    assert wallet.has_receipt("A", 100) is None
    assert wallet.has_receipt("B", 30) is None
    assert wallet.in_doubt == [70]
    assert wallet.settles() == 37_000


def test_what_was_told_must_agree(wallet: Wallet) -> None:
    assert wallet.has_receipt("A", 90) == "two stakes under one reference"
    assert wallet.has_receipt("B", 40) == "a bet that nobody placed"
    assert wallet.has_receipt("C", 30) is None
    assert wallet.has_receipt("C", 30) == "two SMS for one bet"
    assert wallet.receives(200) == "a deposit that nobody asked for"
    assert wallet.is_told_not_placed() is None
    assert wallet.is_told_not_placed() is not None
