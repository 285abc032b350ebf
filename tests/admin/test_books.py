"""The books, the worker and the help, as an operator asks for them."""

import json

import pytest
from redis import Redis
from sqlalchemy import Engine, text

from core.ledger.groups import INVARIANTS
from core.money import kes
from core.settings import Settings
from core.watch.jobs import keep_watch
from core.watch.rules import Lane
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
    "market show",
    "market record",
    "player",
    "player show",
    "player statement",
    "deposit",
    "deposit list",
    "deposit show",
    "deposit propose",
    "deposit approve",
    "ledger",
    "ledger verify",
    "ledger invariants",
    "audit",
    "audit list",
    "ledger trial-balance",
    "ledger close",
    "suspense",
    "suspense list",
    "suspense place",
    "suspense approve",
    "suspense cancel",
    "c2b",
    "c2b register",
    "reconcile",
    "statement",
    "statement import",
    "statement pull",
    "statement register",
    "statement breaks",
    "worker",
    "web",
]


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_explains_itself(operator: Operator, command: str) -> None:
    help_ = operator.types(f"{command} --help")
    assert help_.startswith("Usage: ")
    described = " ".join(help_.split("Options:")[0].split("\n\n")[1].split())
    assert described.endswith("."), "a sentence says what it does"


def test_a_sound_ledger_is_said_to_be_sound(operator: Operator, world: World) -> None:
    world.has_player(balance=kes(500))
    assert operator.types("ledger verify").startswith("The ledger is sound: ")


def test_the_chain_is_computed_again_and_a_head_that_was_kept_is_looked_for(
    operator: Operator, world: World
) -> None:
    world.has_player(balance=kes(500))
    world.seals()
    sound, whole, head = operator.types("ledger verify").splitlines()
    assert sound.startswith("The ledger is sound: ")
    events = world.count("audit_event")
    assert whole == f"The chain is whole: 1 blocks seal 1 transfers and {events} audit events."
    kept = head.removeprefix("Its head is ")
    assert operator.types(f"ledger verify --head {kept.upper()}").endswith(f"{head}\n")

    result = operator.tries(f"ledger verify --head 1:{'0' * 64}")
    assert result.exit_code == 1
    assert result.stdout == (
        f"the head that is known: block 1 is {kept.removeprefix('1:')}, not {'0' * 64}\n"
    )
    assert result.stderr == (
        "Error: 1 faults of the chain, 0 violations of the ledger's invariants.\n"
    )


@pytest.mark.parametrize("head", ["7", "7:abc", f"-1:{'0' * 64}", f"1:{'g' * 64}"])
def test_a_head_is_a_number_and_a_hash(operator: Operator, head: str) -> None:
    assert "NUMBER:HASH" in operator.is_refused(f"ledger verify --head={head}", status=MISUSED)


def test_a_broken_ledger_is_named_with_status_1(
    operator: Operator, database: Engine, owner: Engine, settings: Settings
) -> None:
    # Not the fixture: it would find, at the end, what is planted here.
    World(database=database, owner=owner, settings=settings).has_player(balance=kes(500))
    with owner.begin() as connection:
        connection.execute(text("UPDATE balance SET cents = cents + 1 WHERE cents > 0"))

    result = operator.tries("ledger verify")
    assert (result.exit_code, result.stderr) == (
        1,
        "Error: 1 violations of the ledger's invariants.\n",
    )
    assert result.stdout.startswith("each balance equals its entries: account ")
    assert result.stdout.endswith(" shows 50001 cents, its entries 50000\n")


def test_invariants_are_listed_as_the_worker_has_seen_them(
    operator: Operator, database: Engine, owner: Engine, settings: Settings
) -> None:
    world = World(database=database, owner=owner, settings=settings)
    world.has_player(balance=kes(500))
    result = operator.tries("ledger invariants")
    count = len(INVARIANTS)
    assert (result.exit_code, result.stdout.count("│ late")) == (1, count)
    assert result.stderr == f"Error: {count} of {count} invariants were not seen to hold.\n"

    keep_watch(database, lane=Lane.QUICK)
    assert operator.types("ledger invariants").count("holds") == count
    with owner.begin() as connection:
        connection.execute(text("UPDATE balance SET cents = cents + 1 WHERE cents > 0"))
    for _look in range(2):
        world.moves(minutes=1)
        keep_watch(database, lane=Lane.QUICK)
    result = operator.tries("ledger invariants --json")
    assert result.exit_code == 1
    [broken] = [one for one in json.loads(result.stdout) if one["state"] == "broken"]
    assert broken["name"] == "each balance equals its entries"
    assert broken["details"][0].endswith(" shows 50001 cents, its entries 50000")
    assert "shows 50001 cents" in operator.tries("ledger invariants").stdout


def test_reconcile_with_nothing_to_ask(operator: Operator, redis_client: Redis) -> None:
    assert redis_client.ping()
    asked, doubted, pulled, held, breaks = operator.types("reconcile --since 90m").splitlines()
    assert asked.startswith("Asked about 0 deposits of the last 90m: 0 credited")
    assert doubted.startswith("Asked about 0 withdrawals and 0 paybill payments;")
    assert pulled.startswith("M-Pesa gave no statement (oauth_")
    assert held == "Held 0 lines against the books: 0 explained, 0 not."
    assert breaks == "No breaks."


@pytest.mark.parametrize("since", ["yesterday", "24", "-1h", "0h", "1y", "²h"])
def test_a_span_is_a_number_and_a_unit(operator: Operator, since: str) -> None:
    fault = operator.is_refused(f"reconcile --since={since}", status=MISUSED)
    assert "write it like 90m, 24h or 7d" in fault
