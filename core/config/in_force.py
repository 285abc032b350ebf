"""The values that count now: the table's, and where it has none the environment's."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, text

from core.config.rules import Dated
from core.money import Money, kes
from core.settings import Settings

_IN_FORCE: Final = text("SELECT name, value FROM values_in_force(kibeezy_now())")
# Of what the environment does not set: no fee, no tax, a question before every withdrawal, and a
# week to say how a market ended.
_OTHERWISE: Final = {
    Dated.WITHDRAWAL_FEE_KES: 0,
    Dated.WITHHOLDING_BPS: 0,
    Dated.SIM_SWAP_CHECK_FROM_KES: 0,
    Dated.RESOLUTION_DEADLINE_HOURS: 168,
}


@dataclass(frozen=True)
class Config:
    """Every fee and limit as it counts at one moment; a range is its smallest and largest."""

    platform_fee_bps: int
    stake_range: tuple[Money, Money]
    deposit_range: tuple[Money, Money]
    withdrawal_range: tuple[Money, Money]
    withdrawal_fee: Money
    withholding_bps: int
    sim_swap_check_from: Money


def read_config(connection: Connection, *, settings: Settings) -> Config:
    """What counts now by the database's clock, in one statement."""
    found = connection.execute(_IN_FORCE)
    return config_of({row.name: row.value for row in found}, settings=settings)


def read_unset(connection: Connection, *, name: Dated) -> int:
    """What counts now of a name that the environment does not set."""
    found = {row.name: int(row.value) for row in connection.execute(_IN_FORCE)}
    return found.get(name, _OTHERWISE[name])


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
    )


def first_values(settings: Settings) -> dict[str, int]:
    """What counts before the table has a row of a name, and what is seeded into it."""
    return {
        name: _OTHERWISE[name] if name in _OTHERWISE else getattr(settings, name) for name in Dated
    }
