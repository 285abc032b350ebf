"""SQL typed, sent, posted and given on the command line, wherever anybody may write anything."""

import json
import shlex
from collections.abc import Iterator
from itertools import cycle
from urllib.parse import quote_plus

import pytest
from flask import Flask
from sqlalchemy import text

from core.money import kes
from core.staff.records import Role
from tests.admin.operator import Operator
from tests.fuzz.switchboard import FORM, OPERATIONS, Switchboard
from tests.fuzz.test_hostile_bodies import filled, longest_example, posts_safely, values_of
from tests.phone import Phone
from tests.world import ASHA, World

PAYLOADS = (
    "'; DROP TABLE player; --",
    "' OR '1'='1",
    "Robert'); UPDATE balance SET cents = 9; --",
    "1; SELECT pg_sleep(9)",
    "1 UNION SELECT password_hash FROM admin",
    "\\'; TRUNCATE transfer; --",
    "$$; DROP TABLE bet; $$",
    "/* */ OR true --",
    "\u02bc OR \u02bc1\u02bc=\u02bc1",
    "\uff07; DROP TABLE entry; --",
    "%(player_id)s %s :name %%",
    "E'\\x27' || chr(39)",
    "' || (SELECT hash FROM player_pin) || '",
    "\x00' OR 1=1 --",
)
COMMANDS = (
    "market create --question {} --closes-at 2099-12-31T18:00+03:00 --by " + ASHA,
    "market create --question 'Rain?' --label {} --closes-at 2099-12-31T18:00+03:00 --by " + ASHA,
    "market create --question 'Rain?' --category {} --closes-at 2099-12-31T18:00+03:00 --by "
    + ASHA,
    "market create --question 'Rain?' --closes-at {} --by " + ASHA,
    "market create --question 'Rain?' --closes-at 2099-12-31T18:00+03:00 --by {}",
    "market list --status {}",
    "market propose 101 yes --evidence {} --by " + ASHA,
    "player show {}",
    "deposit list --state {}",
    "withdrawal list --state {}",
    "suspense place 1 {} --evidence x --by " + ASHA,
    "switch off deposits --by " + ASHA + " --reason {}",
    "admin create --email {} --role viewer --password-stdin",
)
_TABLES = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY 1"


def structure(world: World) -> list[str]:
    with world.owner.connect() as connection:
        return list(connection.execute(text(_TABLES)).scalars())


def posted(path: str) -> Iterator[bytes]:
    """The example with one payload everywhere, then with another in each of its places."""
    kind, example = longest_example(path)
    values = values_of(example, kind)
    written = [quote_plus(one) if kind == FORM else json.dumps(one) for one in PAYLOADS]
    for payload in written[::3]:
        yield filled(example, kind, [payload] * len(values))
    for place, payload in zip(range(len(values)), cycle(written), strict=False):
        yield filled(example, kind, [*values[:place], payload, *values[place + 1 :]])


def test_no_callback_carries_sql(world: World, app: Flask, subtests: pytest.Subtests) -> None:
    switchboard = Switchboard(world, app)
    before = structure(world)
    for path in OPERATIONS:
        with subtests.test(path=path):
            kind, _ = longest_example(path)
            for body in posted(path):
                posts_safely(switchboard, path, body, kind)
            switchboard.all_is_well()

    assert structure(world) == before


def afresh(phone: Phone) -> Phone:
    """On the first page, whatever was begun before."""
    phone.dial()
    return phone.choose("Start again") if "Start again" in phone.screen else phone


@pytest.mark.parametrize("asked", ["welcome", "name", "PIN"])
def test_a_stranger_types_sql(world: World, phone: Phone, asked: str) -> None:
    for payload in PAYLOADS:
        afresh(phone)
        if asked != "welcome":
            phone.choose("Register")
        if asked == "PIN":
            phone.type("Wanjiru Kamau").choose("Yes")
        phone.type(payload)

    assert world.count("player") == 0


_WAYS = {
    "market": ("Bet",),
    "stake": ("Bet", "Gor Mahia", "YES"),
    "PIN": ("Bet", "Gor Mahia", "YES", "200"),
    "deposit": ("Deposit",),
    "withdrawal": ("Withdraw",),
    "receipt": ("My account", "Check a receipt"),
}


@pytest.mark.parametrize("asked", _WAYS)
def test_a_player_types_sql(world: World, phone: Phone, asked: str) -> None:
    world.has_player(balance=kes(1000))
    world.has_market(label="Gor Mahia")
    for payload in PAYLOADS:
        afresh(phone)
        for step in _WAYS[asked]:
            if step.isdigit():
                phone.type(step)
            else:
                phone.choose(step)
        phone.type(payload)

    assert world.wallet(phone.number) == kes(1000)
    assert world.count("transfer") == 1


def test_an_operator_types_sql(world: World, operator: Operator) -> None:
    world.has_admin(ASHA, Role.OWNER)
    market_id = world.has_market()
    before = structure(world)
    for command in COMMANDS:
        for payload in PAYLOADS[1::3]:
            line = command.format(shlex.quote(payload.replace("\x00", "0")))
            result = operator.tries(line, stdin="a long enough password\n")
            assert isinstance(result.exception, SystemExit | None), (line, repr(result.exception))

    assert structure(world) == before
    assert f'"id": {market_id}' in operator.types("market list --json")
    assert {row["question"] for row in operator.reads("market list --json")} >= {PAYLOADS[1]}


def test_what_may_be_written_is_kept_as_it_was_written(world: World, operator: Operator) -> None:
    world.has_admin(ASHA, Role.OWNER)
    for payload in PAYLOADS[:-1:3]:
        operator.types(f"switch off deposits --reason {shlex.quote(payload)} --by {ASHA}")
        assert payload in world.everything_stored()
        operator.types(f"switch on deposits --reason {shlex.quote(payload)} --by {ASHA}")
