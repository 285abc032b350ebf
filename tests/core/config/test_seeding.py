"""`alembic upgrade` with the environment's settings, as a release runs it."""

from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text

from core.config.rules import Dated
from core.money import kes
from tests.core.withdrawals.teller import Teller
from tests.settings import DEFAULTS
from tests.world import World


@pytest.fixture
def environment(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> pytest.MonkeyPatch:
    urls = ("database_url", "migration_database_url", "redis_url")
    given = {**DEFAULTS, **{name: getattr(world.settings, name) for name in urls}}
    for name, value in given.items():
        monkeypatch.setenv(name.upper(), str(value))
    monkeypatch.setenv("KIBEEZY_HOME", str(tmp_path))
    return monkeypatch


def upgrade() -> None:
    command.upgrade(Config("alembic.ini"), "head")


def values(world: World) -> dict[str, tuple[int, str]]:
    with world.database.connect() as connection:
        rows = connection.execute(text("SELECT * FROM values_in_force(kibeezy_now())"))
        return {row.name: (row.value, row.source) for row in rows}


def test_the_first_release_seeds_and_the_next_ones_leave_it(
    world: World, environment: pytest.MonkeyPatch
) -> None:
    assert values(world) == {}
    environment.setenv("STAKE_MIN_KES", "30")
    upgrade()
    assert values(world)["stake_min_kes"] == (30, "environment")
    assert values(world)["withdrawal_fee_kes"] == (0, "environment")
    environment.setenv("STAKE_MIN_KES", "40")
    upgrade()
    assert values(world)["stake_min_kes"] == (30, "environment")


@pytest.mark.usefixtures("environment")
def test_a_migration_that_stops_before_the_table_seeds_nothing(world: World) -> None:
    command.downgrade(Config("alembic.ini"), "0007")
    with world.owner.connect() as connection:
        found = connection.execute(text("SELECT to_regclass('dated_value')")).scalar_one()
    assert found is None
    upgrade()
    assert values(world)["stake_min_kes"] == (20, "environment")


@pytest.mark.usefixtures("environment")
def test_withdrawals_of_before_get_the_rate_of_their_day(world: World) -> None:
    teller = Teller.of_a_new_player(world, phone="+254700000001")
    world.always_had(Dated.WITHHOLDING_BPS, 500)
    asked = teller.asks()
    world.agrees_on(Dated.WITHHOLDING_BPS, 1_000, counts_in=timedelta(minutes=2))
    command.downgrade(Config("alembic.ini"), "0015-1")
    world.moves(minutes=3)
    upgrade()
    with world.database.connect() as connection:
        rate = connection.execute(text("SELECT withholding_bps FROM withdrawal")).scalar_one()
    assert (rate, asked.tax) == (500, kes(25))
    world.ledger_is_sound()
