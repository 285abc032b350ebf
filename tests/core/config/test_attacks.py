"""Dated values attacked with SQL: no second person, no value, whoever has taken over the service.

Each attack is shown twice: refused as the schema stands, and successful once its guard is gone.
"""

from typing import NamedTuple

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from core.config.propose_value import propose_value
from core.config.rules import Dated
from core.config.seed_values import seed_values
from core.database import in_transaction, now, sql_state
from core.staff.records import Role
from laptop.postgres import APPLICATION
from tests.core.config.test_two_people import HOUR
from tests.world import CHEBET, DAUDI, World

NOT_PERMITTED, CHECKED, GUARDED, KEPT = "42501", "23514", "KB010", "KB003"
_PROPOSER = f"(SELECT id FROM admin WHERE email = '{CHEBET}')"
_OTHER = f"(SELECT id FROM admin WHERE email = '{DAUDI}')"
_NEW = (
    "INSERT INTO dated_value (name, value, effective_from, source, {columns}) VALUES ('{name}', 1"
)
_TOMORROW, _YESTERDAY = (f"kibeezy_now() {sign} interval '1 day'" for sign in "+-")
_PROPOSED = "UPDATE dated_value SET {change} WHERE proposed_by IS NOT NULL"
_ANYTHING = f"GRANT ALL ON dated_value TO {APPLICATION}"
_NO_INSERT_GUARD = "DROP TRIGGER dated_value_is_proposed ON dated_value"
_NO_UPDATE_GUARD = "DROP TRIGGER dated_value_is_approved ON dated_value"
_NO_KEEPING = "DROP TRIGGER dated_value_is_kept ON dated_value"


class Attack(NamedTuple):
    name: str
    statement: str
    refused_as: str
    guards: tuple[str, ...]


def _insert(columns: str, values: str, name: str = "withholding_bps") -> str:
    return f"{_NEW.format(columns=columns, name=name)}, {values})"


BY_THE_OWNER = [
    Attack(
        "a second seed",
        _insert("approved_at", f"{_YESTERDAY}, 'x', kibeezy_now()"),
        GUARDED,
        (_NO_INSERT_GUARD,),
    ),
    Attack(
        "born approved",
        _insert(
            "proposed_by, approved_by, approved_at",
            f"{_TOMORROW}, 'x', {_PROPOSER}, {_OTHER}, kibeezy_now()",
        ),
        GUARDED,
        (_NO_INSERT_GUARD,),
    ),
    Attack(
        "proposed for the past",
        _insert("proposed_by", f"{_YESTERDAY}, 'x', {_PROPOSER}"),
        GUARDED,
        (_NO_INSERT_GUARD,),
    ),
    Attack(
        "neither seeded nor proposed",
        _insert("proposed_at", f"{_YESTERDAY}, 'x', kibeezy_now()", name="new"),
        CHECKED,
        ("ALTER TABLE dated_value DROP CONSTRAINT dated_value_check1",),
    ),
    Attack(
        "approved by its proposer",
        _PROPOSED.format(change="approved_by = proposed_by"),
        CHECKED,
        ("ALTER TABLE dated_value DROP CONSTRAINT dated_value_check",),
    ),
    Attack(
        "approved with another value",
        _PROPOSED.format(change=f"approved_by = {_OTHER}, value = 9"),
        GUARDED,
        (_NO_UPDATE_GUARD, "ALTER TABLE dated_value DROP CONSTRAINT dated_value_check1"),
    ),
    Attack(
        "rewritten",
        "UPDATE dated_value SET value = 9 WHERE proposed_by IS NULL",
        GUARDED,
        (_NO_UPDATE_GUARD,),
    ),
    Attack("deleted", "DELETE FROM dated_value", KEPT, (_NO_KEEPING,)),
    Attack("emptied", "TRUNCATE dated_value", KEPT, (_NO_KEEPING,)),
]
# What an injected statement might try; each goes through to the next guard with every grant.
BY_THE_APPLICATION = [
    _insert("approved_at", f"{_YESTERDAY}, 'x', kibeezy_now()", name="new"),
    _insert("proposed_by, proposed_at", f"{_TOMORROW}, 'x', {_PROPOSER}, kibeezy_now()"),
    _PROPOSED.format(change="value = 9"),
    _PROPOSED.format(change="proposed_by = NULL"),
    _PROPOSED.format(change="approved_at = kibeezy_now()"),
    "DELETE FROM dated_value",
    "TRUNCATE dated_value",
]


@pytest.fixture
def stocked(world: World) -> World:
    """Every name seeded, and one proposal."""
    in_transaction(world.owner, lambda c: seed_values(c, settings=world.settings))
    chebet = world.has_admin(CHEBET, Role.FINANCE)
    world.has_admin(DAUDI, Role.FINANCE)
    in_transaction(
        world.database,
        lambda c: propose_value(
            c,
            name=Dated.WITHHOLDING_BPS,
            value=2000,
            effective_from=now(c) + HOUR,
            source="the law",
            by=chebet,
        ),
    )
    return world


def attempt(engine: Engine, *statements: str) -> str | None:
    """The state PostgreSQL refuses them with, None if they stand."""
    try:
        with engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))
    except DBAPIError as error:
        return sql_state(error)
    return None


@pytest.mark.parametrize("attack", BY_THE_OWNER, ids=lambda attack: attack.name)
def test_even_the_owner_is_refused(stocked: World, attack: Attack) -> None:
    assert attempt(stocked.owner, attack.statement) == attack.refused_as


@pytest.mark.parametrize("attack", BY_THE_OWNER, ids=lambda attack: attack.name)
def test_without_its_guard_the_attack_succeeds(stocked: World, attack: Attack) -> None:
    assert attempt(stocked.owner, *attack.guards, attack.statement) is None


@pytest.mark.parametrize("statement", BY_THE_APPLICATION)
def test_the_application_may_only_propose_and_approve(stocked: World, statement: str) -> None:
    assert attempt(stocked.database, statement) == NOT_PERMITTED
    assert attempt(stocked.owner, _ANYTHING) is None
    assert attempt(stocked.database, statement) != NOT_PERMITTED


def test_the_application_cannot_approve_its_proposers_own(stocked: World) -> None:
    alone = _PROPOSED.format(change="approved_by = proposed_by")
    assert attempt(stocked.database, alone) == CHECKED
    assert attempt(stocked.database, _PROPOSED.format(change=f"approved_by = {_OTHER}")) is None


def test_the_application_cannot_approve_what_should_count_already(stocked: World) -> None:
    late = _PROPOSED.format(change=f"approved_by = {_OTHER}")
    stocked.moves(hours=2)
    assert attempt(stocked.database, late) == GUARDED
    assert attempt(stocked.owner, _NO_UPDATE_GUARD) is None
    # Then only the constraint is left, which asks for the moment along with the person.
    assert attempt(stocked.database, late) == CHECKED


def test_an_approval_is_given_when_the_clock_says(stocked: World) -> None:
    forged = f"approved_by = {_OTHER}, approved_at = timestamptz '2020-01-01Z'"
    assert attempt(stocked.owner, _PROPOSED.format(change=forged)) is None
    with stocked.owner.connect() as connection:
        query = "SELECT approved_at > '2020-01-02Z' FROM dated_value WHERE approved_by IS NOT NULL"
        assert connection.execute(text(query)).scalars().all() == [True]


def test_the_moment_of_approval_cannot_be_changed(stocked: World) -> None:
    approval = _PROPOSED.format(change=f"approved_by = {_OTHER}")
    assert attempt(stocked.database, approval) is None
    assert attempt(stocked.database, approval) == GUARDED
