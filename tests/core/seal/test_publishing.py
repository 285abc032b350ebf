"""Each morning the head goes to people who keep it, once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import text

from core.database import in_transaction
from core.money import kes
from core.outbox.deliver import Worker
from core.seal import jobs as seal_jobs
from core.seal.head import last_blocks
from core.seal.publish_head import publish_head
from core.settings import Settings
from tests.world import World

WITNESSES = ("+254733000001", "+254733000002")


def worker(world: World) -> Worker:
    return Worker(world.database, seal_jobs.jobs(database=world.database, witnesses=WITNESSES))


def told(world: World) -> list[tuple[str, str]]:
    query = text("SELECT phone, body FROM sms_out WHERE kind = 'head' ORDER BY id")
    with world.database.connect() as connection:
        return [(row.phone, row.body) for row in connection.execute(query)]


def comes_to(world: World, time_of_day: str) -> None:
    """Let time pass until a Kenyan clock shows this."""
    with world.owner.begin() as connection:
        step = text(
            "UPDATE clock SET ahead = ahead + (date_trunc('day', kibeezy_now() AT TIME ZONE"
            " 'Africa/Nairobi') + interval '1 day' + cast(:at AS interval)) AT TIME ZONE"
            " 'Africa/Nairobi' - kibeezy_now()"
        )
        connection.execute(step, {"at": time_of_day})


def works(world: World) -> None:
    while worker(world).run_due():
        pass


def test_at_six_in_the_morning_each_witness_gets_the_head(world: World) -> None:
    comes_to(world, "05:00")
    world.has_player(balance=kes(5))
    seal_jobs.begin(world.database)
    comes_to(world, "05:59")
    seal_jobs.begin(world.database)
    works(world)
    assert told(world) == []
    world.moves(minutes=1)
    works(world)
    [head] = in_transaction(world.database, lambda c: last_blocks(c, limit=1))
    first, second = told(world)
    assert (first[0], second[0]) == WITNESSES
    assert first[1] == second[1]
    assert f"block 1, hash {head.hash}." in first[1]
    works(world)
    assert len(told(world)) == 2
    world.moves(days=1)
    works(world)
    assert len(told(world)) == 4, "and again the next day, the same head where nothing moved"


def test_many_workers_tell_it_once(world: World) -> None:
    world.has_player(balance=kes(5))
    world.seals()
    barrier = Barrier(4)

    def publish() -> bool:
        barrier.wait(timeout=10)
        return in_transaction(world.database, lambda c: publish_head(c, witnesses=WITNESSES))

    with ThreadPoolExecutor(4) as pool:
        published = [each.result() for each in [pool.submit(publish) for _ in range(4)]]
    assert sorted(published) == [False, False, False, True]
    assert len(told(world)) == 2


def test_nothing_is_told_of_an_empty_chain(world: World) -> None:
    assert not in_transaction(world.database, lambda c: publish_head(c, witnesses=WITNESSES))
    assert told(world) == []


def test_witnesses_are_a_list_of_phones(settings: Settings) -> None:
    assert settings.seal_witnesses == ()
    given = {**settings.model_dump(), "seal_witnesses": " 0733000001, +254733000002 ,"}
    assert Settings.model_validate(given).seal_witnesses == WITNESSES


@pytest.mark.parametrize("listed", ["0733", "me@example.com", "+15551234567"])
def test_a_witness_without_a_kenyan_mobile_is_refused_at_the_start(
    settings: Settings, listed: str
) -> None:
    with pytest.raises(ValueError, match="not a Kenyan mobile number"):
        Settings.model_validate({**settings.model_dump(), "seal_witnesses": listed})
