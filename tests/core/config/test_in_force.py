"""Which value counts at which moment."""

from datetime import timedelta

from annotated_types import Ge, Le

from core.config.in_force import Config, read_config
from core.config.list_values import differences, list_values, undecided
from core.config.rules import BOUNDS, Dated
from core.config.seed_values import seed_values
from core.database import in_transaction
from core.money import kes
from core.settings import Settings
from tests.world import CHEBET, DAUDI, World

SOON, LATER = timedelta(minutes=2), timedelta(minutes=4)


def config(world: World, settings: Settings | None = None) -> Config:
    return in_transaction(
        world.database, lambda c: read_config(c, settings=settings or world.settings)
    )


def seed(world: World, settings: Settings) -> None:
    in_transaction(world.owner, lambda c: seed_values(c, settings=settings))


def changed(settings: Settings, **values: int) -> Settings:
    return settings.model_copy(update=values)


def test_an_empty_table_leaves_it_to_the_environment(world: World) -> None:
    assert world.count("dated_value") == 0
    assert config(world) == Config(
        platform_fee_bps=1000,
        stake_range=(kes(20), kes(20_000)),
        deposit_range=(kes(1), kes(150_000)),
        withdrawal_range=(kes(10), kes(150_000)),
        withdrawal_fee=kes(0),
        withholding_bps=0,
        sim_swap_check_from=kes(0),
        withdrawal_approval_from=None,
        excise_bps=0,
        gaming_tax_bps=0,
        wallet_max=None,
        daily_deposit_max=None,
        daily_stake_max=None,
        sms_stake_daily_max=kes(1000),
    )


def test_each_name_is_read_into_its_own_place(world: World) -> None:
    for value, name in enumerate(Dated, start=11):
        world.agrees_on(name, value, counts_in=SOON)
    world.moves(minutes=3)
    assert config(world) == Config(
        platform_fee_bps=11,
        stake_range=(kes(12), kes(13)),
        deposit_range=(kes(14), kes(15)),
        withdrawal_range=(kes(16), kes(17)),
        withdrawal_fee=kes(18),
        withholding_bps=19,
        sim_swap_check_from=kes(20),
        withdrawal_approval_from=kes(21),
        excise_bps=22,
        gaming_tax_bps=23,
        wallet_max=kes(24),
        daily_deposit_max=kes(25),
        daily_stake_max=kes(26),
        sms_stake_daily_max=kes(27),
    )


def test_what_was_seeded_counts_whatever_the_environment_says_later(world: World) -> None:
    seed(world, changed(world.settings, stake_min_kes=30))
    later = changed(world.settings, stake_min_kes=40, platform_fee_bps=500)
    seed(world, later)

    assert world.count("dated_value") == len(Dated)
    assert config(world, later).stake_range[0] == kes(30)
    assert config(world, later).platform_fee_bps == 1000
    found = in_transaction(world.database, lambda c: differences(c, settings=later))
    assert [(one.name, one.value, one.environment) for one in found] == [
        (Dated.PLATFORM_FEE_BPS, 1000, 500),
        (Dated.STAKE_MIN_KES, 30, 40),
    ]


def test_a_name_that_is_new_is_seeded_beside_those_that_are_not(world: World) -> None:
    world.agrees_on(Dated.STAKE_MIN_KES, 50, counts_in=SOON)
    world.moves(minutes=3)
    seed(world, world.settings)
    assert config(world).stake_range == (kes(50), kes(20_000))
    assert world.count("dated_value") == len(Dated)


def test_a_value_counts_from_its_moment_on(world: World) -> None:
    seed(world, world.settings)
    world.agrees_on(Dated.STAKE_MIN_KES, 50, counts_in=SOON)
    world.moves(minutes=1)
    assert config(world).stake_range[0] == kes(20)
    world.moves(minutes=1)
    assert config(world).stake_range[0] == kes(50)


def test_the_later_moment_wins_whichever_was_approved_last(world: World) -> None:
    world.agrees_on(Dated.WITHHOLDING_BPS, 2000, counts_in=LATER)
    world.agrees_on(Dated.WITHHOLDING_BPS, 500, counts_in=SOON)
    world.moves(minutes=3)
    assert config(world).withholding_bps == 500
    world.moves(minutes=3)
    assert config(world).withholding_bps == 2000


def test_of_two_values_for_one_moment_the_later_proposal_wins(world: World) -> None:
    world.agrees_on(Dated.WITHHOLDING_BPS, 2000, counts_in=SOON)
    world.agrees_on(Dated.WITHHOLDING_BPS, 500, counts_in=SOON)
    with world.owner.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE dated_value DISABLE TRIGGER USER")
        connection.exec_driver_sql(
            "UPDATE dated_value SET effective_from = (SELECT min(effective_from) FROM dated_value)"
        )
    world.moves(minutes=3)
    assert config(world).withholding_bps == 500


def test_the_list_tells_what_is_coming_in_its_order(world: World) -> None:
    world.agrees_on(Dated.WITHHOLDING_BPS, 2000, counts_in=LATER)
    world.agrees_on(Dated.WITHHOLDING_BPS, 500, counts_in=SOON)
    [tax] = [
        one
        for one in in_transaction(world.database, lambda c: list_values(c, settings=world.settings))
        if one.name is Dated.WITHHOLDING_BPS
    ]
    assert (tax.value, tax.since, tax.source, tax.environment) == (0, None, "environment", None)
    assert [(one.value, one.proposed_by, one.approved_by) for one in tax.coming] == [
        (500, CHEBET, DAUDI),
        (2000, CHEBET, DAUDI),
    ]


def test_what_two_people_set_once_is_decided_whatever_comes_next(world: World) -> None:
    seed(world, world.settings)
    world.agrees_on(Dated.EXCISE_BPS, 0, counts_in=SOON)
    world.agrees_on(Dated.EXCISE_BPS, 500, counts_in=LATER)
    assert len(not_decided(world)) == len(Dated)
    world.moves(minutes=3)
    assert set(Dated) - set(not_decided(world)) == {Dated.EXCISE_BPS}


def not_decided(world: World) -> list[Dated]:
    return [
        one.name
        for one in in_transaction(world.database, lambda c: undecided(c, settings=world.settings))
    ]


def test_what_the_environment_does_not_set_takes_and_limits_nothing(world: World) -> None:
    counts = config(world)
    assert (counts.excise_bps, counts.withholding_bps, counts.gaming_tax_bps) == (0, 0, 0)
    assert (counts.withdrawal_fee, counts.wallet_max) == (kes(0), None)
    assert (counts.daily_deposit_max, counts.daily_stake_max) == (None, None)


def test_a_value_has_the_bounds_of_its_setting() -> None:
    fields = {name: Settings.model_fields[name] for name in Dated if name in Settings.model_fields}
    assert len(fields) == 7
    for name, field in fields.items():
        [least] = [rule.ge for rule in field.metadata if isinstance(rule, Ge)]
        [most] = [rule.le for rule in field.metadata if isinstance(rule, Le)]
        assert BOUNDS[name] == (least, most), name
