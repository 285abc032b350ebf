"""The round trips of each hop are those that ARCHITECTURE.md tells."""

import re

from flask import Flask
from redis import Redis
from sqlalchemy import Connection, Engine, event

from app import Wiring
from core.database import in_transaction
from core.money import kes
from core.players.phone_code import Purpose, draw_code
from tests.architecture.test_tree import ROOT
from tests.phone import Phone
from tests.world import PIN, World

ROW = re.compile(r"^\| ([^|]+) \| (\d+) \| (\d+) \|$", re.MULTILINE)
NEWCOMER, PLAYER = "+254700000001", "+254700000002"


class Counter:
    """Counts trips as the servers see them: statements, BEGIN and COMMIT; what Redis reads.

    Commands that travel together are read together, so a pipeline is one trip.
    """

    def __init__(self, database: Engine, redis: Redis) -> None:
        self._redis, self._sql, self._read = redis, 0, 0
        event.listen(database, "before_cursor_execute", self._statement)
        event.listen(database, "commit", self._transaction)

    def trips(self) -> tuple[int, int]:
        """The trips to PostgreSQL and Redis since the last look."""
        sql, self._sql = self._sql, 0
        read = int(self._redis.info("stats")["total_reads_processed"])
        # The question itself is read, too.
        redis, self._read = read - self._read - 1, read
        return sql, redis

    def _statement(self, *_call: object) -> None:
        self._sql += 1

    def _transaction(self, connection: Connection) -> None:
        if connection.get_isolation_level() != "AUTOCOMMIT":
            self._sql += 2


def test_each_hop_takes_the_trips_that_are_told(
    app: Flask, world: World, phone: Phone, redis_client: Redis
) -> None:
    world.has_player(PLAYER, balance=kes(500))
    world.has_market("Will Gor Mahia win?")
    wiring = app.extensions["kibeezy"]
    assert isinstance(wiring, Wiring)
    # The first hop and the first connections of a process pay for more than themselves.
    phone.dial().dial()
    counter = Counter(wiring.database, redis_client)
    counter.trips()
    seen: dict[str, tuple[int, int]] = {}

    def after(_page: Phone, name: str) -> None:
        seen[name] = counter.trips()

    def code_for_newcomer() -> str:
        player_id, purpose = world.player(NEWCOMER).id, Purpose.VERIFY
        code = in_transaction(
            world.database,
            lambda c: draw_code(c, player_id=player_id, purpose=purpose, pepper=world.pepper),
        )
        counter.trips()
        return code

    after(phone.dial(), "dial")
    for keys in ("1", "Wanjiru Kamau", "1", PIN):
        after(phone.type(keys), "Register · name · age · first PIN")
        assert seen["Register · name · age · first PIN"] == (0, 2)
    after(phone.type(PIN), "PIN again (the player is made)")
    after(phone.type(code_for_newcomer()), "the 6-digit code")
    phone.number = PLAYER
    phone.dial()
    counter.trips()
    after(phone.choose("Deposit"), "Deposit")
    after(phone.type("300"), "the amount (the deposit is asked for)")
    phone.dial()
    counter.trips()
    after(phone.choose("Bet"), "Bet: the list")
    after(phone.type("1"), "the market's page")
    after(phone.choose("YES"), "the side")
    after(phone.type("100"), "the stake: the confirmation")
    after(phone.type(PIN).shows("Bet placed"), "the PIN: the bet")

    told = ROW.findall((ROOT / "ARCHITECTURE.md").read_text())
    assert seen == {name: (int(sql), int(redis)) for name, sql, redis in told}
