"""What a withdrawal costs, which amounts may be, and how long a new SIM waits."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.config.in_force import Config
from core.money import kes
from core.money_input import NotAnAmount
from core.text import Language
from core.withdrawals.rules import (
    SMALLEST_PAYOUT,
    WithdrawalOutOfRange,
    ensure_in_range,
    parse_withdrawal,
    pause_after_swap,
    payable_range,
    price_in,
    price_of,
)

NOON = datetime(2026, 11, 25, 9, tzinfo=UTC)
TODAY = date(2026, 11, 25)
NOTHING = kes(0)


def counting(*, fee: int = 0, bps: int = 0) -> Config:
    """What is in force; of the rest a withdrawal knows nothing."""
    return Config(
        platform_fee_bps=0,
        stake_range=(NOTHING, NOTHING),
        deposit_range=(NOTHING, NOTHING),
        withdrawal_range=(kes(10), kes(150_000)),
        withdrawal_fee=kes(fee),
        withholding_bps=bps,
        sim_swap_check_from=NOTHING,
        withdrawal_approval_from=None,
        excise_bps=0,
        gaming_tax_bps=0,
        wallet_max=None,
        daily_deposit_max=None,
        daily_stake_max=None,
        sms_stake_daily_max=kes(1000),
    )


@pytest.mark.parametrize(
    ("shillings", "fee", "bps", "tax", "net"),
    [
        (500, 0, 0, 0, 500),
        (500, 25, 0, 0, 475),
        (500, 0, 2000, 100, 400),
        (101, 0, 500, 5, 96),
        (109, 0, 500, 5, 104),
        (110, 0, 500, 6, 104),
        (111, 9, 500, 6, 96),
        (150_000, 11, 2000, 30_000, 119_989),
    ],
)
def test_tax_is_on_the_amount_and_rounded_to_a_shilling_half_up(
    shillings: int, fee: int, bps: int, tax: int, net: int
) -> None:
    price = price_of(kes(shillings), fee=kes(fee), withholding_bps=bps)
    assert (price.tax, price.net) == (kes(tax), kes(net))


@given(shillings=st.integers(10, 150_000), fee=st.integers(0, 1000), bps=st.integers(0, 10_000))
def test_the_parts_are_whole_shillings_and_make_up_the_amount(
    shillings: int, fee: int, bps: int
) -> None:
    price = price_of(kes(shillings), fee=kes(fee), withholding_bps=bps)
    assert price.net + price.fee + price.tax == price.amount == kes(shillings)
    assert {part.cents % 100 for part in (price.net, price.tax)} == {0}
    assert abs(price.tax.cents * 100 - shillings * bps) <= 5000


@given(shillings=st.integers(1, 300), fee=st.integers(0, 60), bps=st.integers(0, 8000))
def test_the_least_that_is_told_is_the_least_that_can_be_paid(
    shillings: int, fee: int, bps: int
) -> None:
    config = counting(fee=fee, bps=bps)

    def is_refused(amount: int) -> str | None:
        try:
            ensure_in_range(kes(amount), config)
        except WithdrawalOutOfRange as refusal:
            return refusal.text.in_(Language.ENGLISH)
        return None

    said = is_refused(shillings)
    if said is None:
        assert price_in(config, kes(shillings)).net >= SMALLEST_PAYOUT
        return
    assert f"{payable_range(config)[0]} to" in said
    least = int(said.removeprefix("You can withdraw KES ").split(" to ")[0].replace(",", ""))
    assert is_refused(least) is None
    assert is_refused(least - 1) is not None


def test_where_fee_and_tax_leave_nothing_of_any_amount_all_are_refused() -> None:
    for shillings in (10, 100, 150_000):
        with pytest.raises(WithdrawalOutOfRange):
            ensure_in_range(kes(shillings), counting(bps=10_000))


@pytest.mark.parametrize("shillings", [9, 150_001])
def test_an_amount_outside_the_range_is_refused(shillings: int) -> None:
    with pytest.raises(WithdrawalOutOfRange):
        parse_withdrawal(str(shillings), counting())
    with pytest.raises(WithdrawalOutOfRange):
        ensure_in_range(kes(shillings), counting())


def test_both_ends_of_the_range_may_be_withdrawn() -> None:
    for shillings in (10, 150_000):
        assert parse_withdrawal(str(shillings), counting()).net == kes(shillings)


@pytest.mark.parametrize("typed", ["", "lots", "10.50", "-5", "1e3"])
def test_what_is_no_amount_is_refused(typed: str) -> None:
    with pytest.raises(NotAnAmount):
        parse_withdrawal(typed, counting())


@pytest.mark.parametrize(
    ("swapped_on", "pause"),
    [
        (None, timedelta(hours=24)),
        (TODAY, timedelta(days=7)),
        (TODAY - timedelta(days=1), timedelta(days=6)),
        (TODAY - timedelta(days=6), timedelta(hours=24)),
        (TODAY - timedelta(days=7), timedelta(hours=24)),
        (TODAY - timedelta(days=8), None),
        (date(1900, 1, 2), None),
        (TODAY + timedelta(days=1), timedelta(days=7)),
        (date.max, timedelta(days=7)),
    ],
)
def test_a_new_sim_waits_for_the_rest_of_its_week_and_a_day_at_least(
    swapped_on: date | None, pause: timedelta | None
) -> None:
    assert pause_after_swap(swapped_on, now=NOON) == (None if pause is None else NOON + pause)


def test_the_week_goes_by_nairobi_s_calendar() -> None:
    late_evening_in_london = datetime(2026, 11, 25, 22, tzinfo=UTC)
    swapped_on = TODAY - timedelta(days=7)
    assert pause_after_swap(swapped_on, now=late_evening_in_london) is None
