"""The values that count now: the table's, and where it has none the environment's."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, text

from core.config.rules import Dated
from core.money import Money, kes
from core.settings import Settings

_IN_FORCE: Final = text("SELECT name, value FROM values_in_force(kibeezy_now())")
_ONE: Final = text("SELECT value FROM values_in_force(kibeezy_now()) WHERE name = :name")
# Of what the environment does not set: no fee, no tax, no limit but for bets without a PIN, a
# question before every withdrawal, and a week to say how a market ended.
_OTHERWISE: Final = {
    Dated.WITHDRAWAL_FEE_KES: 0,
    Dated.WITHHOLDING_BPS: 0,
    Dated.SIM_SWAP_CHECK_FROM_KES: 0,
    Dated.WITHDRAWAL_APPROVAL_FROM_KES: 0,
    Dated.RESOLUTION_DEADLINE_HOURS: 168,
    Dated.EXCISE_BPS: 0,
    Dated.GAMING_TAX_BPS: 0,
    Dated.WALLET_MAX_KES: 0,
    Dated.DAILY_DEPOSIT_MAX_KES: 0,
    Dated.DAILY_STAKE_MAX_KES: 0,
    Dated.SMS_STAKE_DAILY_MAX_KES: 1_000,
}


@dataclass(frozen=True)
class Config:
    """Every dated value as it counts at one moment; a range is its smallest and largest amount.

    A limit for everybody is None where there is none.
    """

    platform_fee_bps: int
    stake_range: tuple[Money, Money]
    deposit_range: tuple[Money, Money]
    withdrawal_range: tuple[Money, Money]
    withdrawal_fee: Money
    withholding_bps: int
    sim_swap_check_from: Money
    withdrawal_approval_from: Money | None
    excise_bps: int
    gaming_tax_bps: int
    wallet_max: Money | None
    daily_deposit_max: Money | None
    daily_stake_max: Money | None
    # No limit like the others: at nothing nobody bets by SMS.
    sms_stake_daily_max: Money


def read_config(connection: Connection, *, settings: Settings) -> Config:
    """What counts now by the database's clock, in one statement."""
    found = connection.execute(_IN_FORCE)
    return config_of({row.name: row.value for row in found}, settings=settings)


def read_value(connection: Connection, *, name: Dated) -> int:
    """What counts now of a name that the environment does not set."""
    found = connection.execute(_ONE, {"name": name}).scalar_one_or_none()
    return _OTHERWISE[name] if found is None else int(found)


def config_of(in_force: Mapping[str, int], *, settings: Settings) -> Config:
    """The rows in force by name, as a value."""
    values = {**first_values(settings), **in_force}
    return Config(
        platform_fee_bps=values[Dated.PLATFORM_FEE_BPS],
        stake_range=(kes(values[Dated.STAKE_MIN_KES]), kes(values[Dated.STAKE_MAX_KES])),
        deposit_range=(kes(values[Dated.DEPOSIT_MIN_KES]), kes(values[Dated.DEPOSIT_MAX_KES])),
        withdrawal_range=(
            kes(values[Dated.WITHDRAWAL_MIN_KES]),
            kes(values[Dated.WITHDRAWAL_MAX_KES]),
        ),
        withdrawal_fee=kes(values[Dated.WITHDRAWAL_FEE_KES]),
        withholding_bps=values[Dated.WITHHOLDING_BPS],
        sim_swap_check_from=kes(values[Dated.SIM_SWAP_CHECK_FROM_KES]),
        withdrawal_approval_from=limit_in(values, Dated.WITHDRAWAL_APPROVAL_FROM_KES),
        excise_bps=values[Dated.EXCISE_BPS],
        gaming_tax_bps=values[Dated.GAMING_TAX_BPS],
        wallet_max=limit_in(values, Dated.WALLET_MAX_KES),
        daily_deposit_max=limit_in(values, Dated.DAILY_DEPOSIT_MAX_KES),
        daily_stake_max=limit_in(values, Dated.DAILY_STAKE_MAX_KES),
        sms_stake_daily_max=kes(values[Dated.SMS_STAKE_DAILY_MAX_KES]),
    )


def limit_in(in_force: Mapping[str, int], name: Dated) -> Money | None:
    """A limit for everybody, which the environment never sets; None where there is none."""
    shillings = in_force.get(name, 0)
    return kes(shillings) if shillings else None


def first_values(settings: Settings) -> dict[str, int]:
    """What counts before the table has a row of a name, and what is seeded into it."""
    return {
        name: _OTHERWISE[name] if name in _OTHERWISE else getattr(settings, name) for name in Dated
    }
