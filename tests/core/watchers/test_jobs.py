"""The look at what is watched goes on for ever."""

from sqlalchemy import text

from core.outbox.deliver import Later
from core.outbox.records import Job
from core.watchers.jobs import KIND, begin, jobs
from core.watchers.rules import EACH
from tests.world import World


def test_the_worker_looks_each_half_minute_whatever_happens(world: World) -> None:
    begin(world.database)
    begin(world.database)
    assert world.count(f"outbox WHERE kind = '{KIND}'") == 1
    tell = jobs(database=world.database)[KIND]
    job = Job(1, KIND, {}, 1, 1)
    assert tell(job) == Later(EACH)
    with world.owner.begin() as connection:
        connection.execute(text("ALTER TABLE market_watch RENAME TO lost"))
    assert tell(job) == Later(EACH, "ProgrammingError")
