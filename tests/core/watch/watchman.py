"""Keeps the watch as the worker does, and does to the books what nobody may."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import LiteralString

import psycopg
from sqlalchemy import text

from core.alarms.list_alarms import Alarm, open_alarms
from core.database import in_transaction
from core.outbox.deliver import Worker
from core.switches.records import list_switches
from core.switches.rules import Switch
from core.switches.start import start
from core.watch.jobs import begin, jobs
from core.watch.records import Standing, State, list_standings
from core.watch.rules import Pace
from tests.world import World

PATIENT = Pace(quick_seconds=20.0)


@dataclass(frozen=True)
class Watchman:
    world: World
    superuser_url: str
    pace: Pace = field(default=PATIENT)

    @property
    def worker(self) -> Worker:
        """One of any number."""
        return Worker(self.world.database, jobs(database=self.world.database, pace=self.pace))

    def begins(self) -> None:
        begin(self.world.database)
        self.looks()

    def looks(self, *, after_seconds: float = 0) -> None:
        """Let the worker do what is due so much later."""
        self.world.moves(seconds=after_seconds)
        self.worker.run_due()

    def sees_twice(self) -> None:
        """The next look, and the one that follows where there is something to look at."""
        self.looks(after_seconds=60)
        self.looks(after_seconds=2)

    def does(self, statement: LiteralString) -> None:
        """As a superuser whom no trigger stops."""
        with psycopg.connect(self.superuser_url) as connection:
            connection.execute("SET session_replication_role = replica")
            connection.execute(statement)

    def standings(self) -> dict[str, Standing]:
        listed = in_transaction(self.world.database, list_standings)
        return {one.name: one for one in listed}

    def named(self, state: State) -> set[str]:
        return {name for name, one in self.standings().items() if one.state is state}

    def stopped(self) -> set[Switch]:
        states = in_transaction(self.world.database, list_switches)
        return {one.kind for one in states if one.stopped_at is not None}

    def lets_run(self, email: str) -> None:
        """A person puts every switch on again."""
        admin = self.world._admin(email)
        for kind in Switch:
            in_transaction(
                self.world.database,
                lambda c, kind=kind: start(c, kind=kind, why="Mended", by=admin),  # type: ignore[misc]
            )

    def alarms(self) -> list[Alarm]:
        return in_transaction(self.world.database, open_alarms)

    def acts(self) -> list[str]:
        query = text("SELECT act FROM audit_event WHERE act LIKE 'invariant.%' ORDER BY id")
        with self.world.owner.connect() as connection:
            return list(connection.execute(query).scalars())

    def messages(self, kind: str) -> Iterator[str]:
        query = text("SELECT phone FROM sms_out WHERE kind = :kind ORDER BY id")
        with self.world.owner.connect() as connection:
            yield from connection.execute(query, {"kind": kind}).scalars()
