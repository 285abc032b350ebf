"""The books, the worker and the help, as an operator asks for them."""

import pytest
from redis import Redis
from sqlalchemy import text

from core.money import kes
from tests.admin.operator import MISUSED, Operator
from tests.world import World

COMMANDS = [
    "admin",
    "admin create",
    "market",
    "market create",
    "market approve",
    "market list",
    "market close",
    "market propose",
    "market resolve",
    "player",
    "player show",
    "ledger",
    "ledger verify",
    "reconcile",
    "worker",
    "web",
]


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_explains_itself(operator: Operator, command: str) -> None:
    help_ = operator.types(f"{command} --help")
    assert help_.startswith("Usage: ")
    described = help_.splitlines()[2].strip()
    assert described.endswith("."), "one sentence says what it does"


def test_a_sound_ledger_is_said_to_be_sound(operator: Operator, world: World) -> None:
    world.has_player(balance=kes(500))
    assert operator.types("ledger verify").startswith("The ledger is sound: ")


def test_a_broken_ledger_is_named_with_status_1(
    operator: Operator, database: object, owner: object, superuser_breaks: str
) -> None:
    assert database is not owner
    result = operator.tries("ledger verify")
    assert result.exit_code == 1
    assert superuser_breaks in result.stdout
    assert "violations of the ledger's invariants" in result.stderr


def test_reconcile_with_nothing_to_ask(operator: Operator, redis_client: Redis) -> None:
    assert redis_client.ping()
    said = operator.types("reconcile --since 90m")
    assert said.startswith("Asked about 0 deposits of the last 90m: 0 credited")


@pytest.mark.parametrize("since", ["yesterday", "24", "-1h", "0h", "1y", "²h"])
def test_a_span_is_a_number_and_a_unit(operator: Operator, since: str) -> None:
    fault = operator.is_refused(f"reconcile --since={since}", status=MISUSED)
    assert "write it like 90m, 24h or 7d" in fault
