"""Fees and limits are changed from the command line by two people, for a day to come."""

from datetime import timedelta

import pytest

from core.config.rules import Dated
from core.config.seed_values import seed_values
from core.database import in_transaction
from core.staff.records import Role
from tests.admin.operator import MISUSED, Operator
from tests.world import ASHA, CHEBET, DAUDI, World

PROPOSE = (
    "config propose withholding_bps 2000 --from 2099-12-01T00:00+03:00"
    f" --source 'Finance Act, section 5' --by {CHEBET}"
)


@pytest.fixture(autouse=True)
def _two_admins(world: World) -> None:
    world.has_admin(CHEBET, Role.FINANCE)
    world.has_admin(DAUDI, Role.OWNER)


def test_a_value_is_proposed_approved_and_listed(operator: Operator) -> None:
    assert operator.types(PROPOSE) == (
        "Value 1 proposed: withholding_bps 2000. Another admin must approve it.\n"
    )
    coming = {
        "id": 1,
        "value": 2000,
        "from": "2099-12-01T00:00:00+03:00",
        "source": "Finance Act, section 5",
        "proposed_by": CHEBET,
        "approved_by": None,
    }
    listed = {
        "name": "withholding_bps",
        "value": 0,
        "since": None,
        "source": "environment",
        "environment": None,
        "differs": False,
        "decided": False,
    }
    assert {**listed, "coming": [coming]} in operator.reads("config list --json")
    assert "nobody yet" in operator.types("config list")

    assert operator.types(f"config approve 1 --by {DAUDI}") == (
        "withholding_bps is 2000 from 2099-12-01T00:00:00+03:00 on.\n"
    )
    assert {**listed, "coming": [{**coming, "approved_by": DAUDI}]} in operator.reads(
        "config list --json"
    )


def test_the_list_says_where_the_environment_differs(operator: Operator, world: World) -> None:
    assert "says" not in operator.types("config list")
    other = world.settings.model_copy(update={"stake_min_kes": 30})
    in_transaction(world.owner, lambda c: seed_values(c, settings=other))
    [stake] = [one for one in operator.reads("config list --json") if one["differs"]]
    assert (stake["name"], stake["value"], stake["environment"]) == ("stake_min_kes", 30, 20)
    listed = operator.types("config list")
    assert "says 20" in listed
    assert "Nothing else is coming." in listed


def test_the_list_names_what_two_people_have_not_set(operator: Operator, world: World) -> None:
    """A seed, a proposal and what is still to come are no decision about what counts now."""
    in_transaction(world.owner, lambda c: seed_values(c, settings=world.settings))
    operator.types(PROPOSE)
    world.agrees_on(Dated.WITHHOLDING_BPS, 500, counts_in=timedelta(minutes=2))
    listed = " ".join(operator.types("config list").split())
    assert f"Not set by two people yet: {', '.join(Dated)}." in listed
    world.moves(minutes=3)
    rest = ", ".join(name for name in Dated if name is not Dated.WITHHOLDING_BPS)
    listed = " ".join(operator.types("config list").split())
    assert f"Not set by two people yet: {rest}." in listed
    decided = [one["name"] for one in operator.reads("config list --json") if one["decided"]]
    assert decided == ["withholding_bps"]


def test_what_is_refused_is_said_in_a_line(operator: Operator, world: World) -> None:
    world.has_admin(ASHA, Role.RESOLVER)
    operator.types(PROPOSE)
    assert "Another admin than the one who proposed it" in operator.is_refused(
        f"config approve 1 --by {CHEBET}"
    )
    assert "role resolver" in operator.is_refused(f"config approve 1 --by {ASHA}")
    assert "There is no value 7" in operator.is_refused(f"config approve 7 --by {DAUDI}")
    assert "0 to 10000" in operator.is_refused(PROPOSE.replace("2000", "10001"))
    assert "a minute from now" in operator.is_refused(PROPOSE.replace("2099", "2020"))
    assert "needs an offset" in operator.is_refused(PROPOSE.replace("+03:00", ""))
    assert "stake_min_kes" in operator.is_refused(
        PROPOSE.replace("withholding_bps", "luck"), status=MISUSED
    )


def test_a_new_market_gets_the_fee_in_force(operator: Operator, world: World) -> None:
    world.agrees_on(Dated.PLATFORM_FEE_BPS, 700, counts_in=timedelta(minutes=2))
    world.moves(minutes=3)
    world.has_admin(ASHA, Role.RESOLVER)
    draft = f"market create --question 'Rain?' --closes-at 2099-12-31T18:00+03:00 --by {ASHA}"
    operator.types(draft)
    operator.types(f"{draft} --fee-bps 0")
    with world.database.connect() as connection:
        fees = connection.exec_driver_sql("SELECT fee_bps FROM market ORDER BY id").scalars().all()
    assert fees == [700, 0]
