"""Reports read one moment, write nothing, and keep nothing of what they have handed on."""

import tracemalloc

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from core.database import begin_snapshot
from core.ledger.reference import reference_of
from core.money import Money, kes
from core.reports.document import json_chunks
from core.reports.market_record import market_record
from core.reports.player_statement import player_statement
from core.reports.stream import stream
from core.reports.table import Part, Report
from tests.core.reports.played_day import ALWAYS, WANJIRU, PlayedDay
from tests.world import World

_MANY = text("SELECT n FROM generate_series(1, :many) n")


def test_memory_does_not_grow_with_the_lines(database: Engine) -> None:
    many = 20_000
    with database.connect() as connection:
        begin_snapshot(connection)
        rows = stream(connection, _MANY, {"many": many})
        lines = ((reference_of(row.n), "yes", Money(row.n)) for row in rows)
        part = Part("lines", ("bet", "side", "stake_kes"), lines)
        tracemalloc.start()
        written = sum(len(chunk) for chunk in json_chunks(Report("kibeezy.test", 1, {}, (part,))))
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert written > 50 * many
    assert peak < 1_000_000, "a thousand rows at a time, and no line is kept"


def test_the_long_parts_are_read_through_a_cursor_of_the_server(day: PlayedDay) -> None:
    with day.world.database.connect() as connection:
        begin_snapshot(connection)
        record = market_record(
            connection, market_id=day.market_id, pepper=day.world.pepper, with_phones=False
        )
        statement = player_statement(connection, phone=WANJIRU, period=ALWAYS)
        assert cursors(connection) == 0
        [lines] = [iter(part.lines) for part in record.parts if part.name == "lines"]
        movements = iter(statement.parts[0].lines)
        assert next(lines)
        assert next(movements)
        assert next(movements)
        assert cursors(connection) == 2


def test_a_report_sees_one_moment_and_cannot_write(world: World) -> None:
    world.has_player(balance=kes(100))
    with world.database.connect() as connection:
        begin_snapshot(connection)
        before = connection.execute(text("SELECT count(*) FROM transfer")).scalar_one()
        world.gives("+254700000001", kes(100))
        assert connection.execute(text("SELECT count(*) FROM transfer")).scalar_one() == before
        with pytest.raises(DBAPIError, match="read-only"):
            connection.execute(text("UPDATE switch SET why = 'x'"))


def cursors(connection: Connection) -> int:
    return int(connection.execute(text("SELECT count(*) FROM pg_cursors")).scalar_one())
