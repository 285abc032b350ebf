"""A sealer that fails calls a person, and one block may take as long as it needs."""

from sqlalchemy import text

from core.money import kes
from core.outbox.deliver import Worker
from core.seal import jobs as seal_jobs
from core.seal.seal_ledger import seal_next_block
from tests.core.ledger.test_attacks import attempt
from tests.core.seal.test_sealing import sealed, transfers
from tests.world import World


def test_a_sealer_that_fails_still_calls_a_person(world: World) -> None:
    world.has_player(balance=kes(100))
    worker = Worker(world.database, seal_jobs.jobs(database=world.database, witnesses=()))
    seal_jobs.begin(world.database)
    world.moves(minutes=11)
    rename = "ALTER FUNCTION {} RENAME TO {}"
    assert attempt(world.owner, rename.format("seal_next_block", "gone")) is None
    worker.run_due()
    assert world.count("outbox WHERE kind = 'seal_ledger' AND failures = 1") == 1
    assert world.count("alarm WHERE kind = 'seal'") == 1
    assert attempt(world.owner, rename.format("gone", "seal_next_block")) is None
    world.moves(minutes=1)
    worker.run_due()
    assert sealed(world) == transfers(world)


def test_a_block_of_one_big_transaction_has_the_time_it_needs(world: World) -> None:
    """Other statements of a worker end after seconds; this one would then never come to its end."""
    world.has_player(balance=kes(100))
    with world.database.connect() as connection:
        assert seal_next_block(connection) == 1
        assert connection.execute(text("SHOW statement_timeout")).scalar_one() == "1h"
        connection.commit()
