"""Codes that nobody types back, and budgets that run out, call a person, once."""

import pytest
from sqlalchemy import text

from core.alarms.list_alarms import open_alarms
from core.alarms.take_alarm import take_alarm
from core.database import in_transaction
from core.notices import send
from core.outbox.deliver import Later
from core.outbox.records import Job
from core.players.code_budget import NEW
from core.players.code_figures import Conversion, conversions
from core.players.jobs import EACH, begin, jobs
from core.players.phone_code import Purpose, ask_code, draw_code, use_code
from core.players.watch_codes import watch_codes
from core.staff.records import Role
from tests.core.notices.post import HAND
from tests.core.players.spending import spent
from tests.world import World

PHONE = "+254700000001"
PUMPED, QUIET = "+25471100", "+25472200"


@pytest.fixture(autouse=True)
def noon(world: World) -> None:
    world.comes_to(12)


def sent(world: World, block: str, codes: int, *, used: int = 0, status: str = "delivered") -> None:
    """So many codes went to numbers of this block just now, and so many were typed back."""
    statement = text(
        "INSERT INTO sms_out (phone, kind, status, sent_at, used_at)"
        " SELECT :block || lpad(n::text, 4, '0'), 'code', :status, kibeezy_now(),"
        " CASE WHEN n <= :used THEN kibeezy_now() END FROM generate_series(1, :codes) n"
    )
    values = {"block": block, "codes": codes, "used": used, "status": status}
    with world.database.begin() as connection:
        connection.execute(statement, values)


def watched(world: World) -> list[str]:
    """What the alarms say that are open after a look."""
    in_transaction(world.database, watch_codes)
    return [alarm.why for alarm in in_transaction(world.database, open_alarms)]


def test_codes_that_are_typed_back_raise_nothing(world: World) -> None:
    sent(world, PUMPED, 100, used=30)
    world.moves(minutes=15)
    assert watched(world) == []


def test_codes_that_nobody_types_raise_one_alarm_that_names_the_worst(world: World) -> None:
    sent(world, PUMPED, 40, used=1)
    sent(world, QUIET, 10, used=9)
    assert watched(world) == [], "they have their ten minutes"
    world.moves(minutes=11)
    told = ["In an hour 50 codes were sent, 10 typed back. Worst: +25471100, 40 and 1."]
    assert watched(world) == told
    assert watched(world) == told
    world.moves(minutes=60)
    with world.database.connect() as connection:
        assert conversions(connection) == [], "an hour later it is over"


def test_a_block_is_seen_in_a_crowd(world: World) -> None:
    sent(world, PUMPED, 25)
    sent(world, QUIET, 500, used=400)
    world.moves(minutes=11)
    [told] = watched(world)
    assert told.endswith("Worst: +25471100, 25 and 0.")


def test_a_handful_of_codes_says_nothing(world: World) -> None:
    sent(world, PUMPED, 19)
    world.moves(minutes=11)
    assert watched(world) == []


def test_a_code_that_the_provider_refused_was_not_sent(world: World) -> None:
    sent(world, PUMPED, 40, status="refused")
    world.moves(minutes=11)
    assert watched(world) == []


def test_who_took_the_alarm_is_not_called_about_the_same_codes_again(world: World) -> None:
    asha = world.has_admin("asha@kibeezy.test", Role.OWNER)
    sent(world, PUMPED, 40)
    world.moves(minutes=11)
    watched(world)
    [alarm] = in_transaction(world.database, open_alarms)
    in_transaction(world.database, lambda c: take_alarm(c, alarm_id=alarm.id, by=asha))
    assert watched(world) == []
    world.moves(minutes=61)
    sent(world, PUMPED, 40)
    world.moves(minutes=11)
    assert len(watched(world)) == 1


def test_the_code_that_was_typed_is_the_one_that_counts(world: World) -> None:
    player = world.has_player(PHONE, verified=False)
    purpose = Purpose.VERIFY
    codes = []
    for _ in range(2):
        world.moves(minutes=2)
        with world.database.begin() as connection:
            ask_code(connection, player_id=player.id, purpose=purpose)
            codes.append(
                draw_code(connection, player_id=player.id, purpose=purpose, pepper=world.pepper)
            )
            send.begin_code(connection, player_id=player.id, phone=PHONE, to=HAND)
    use_code(
        world.database,
        player_id=player.id,
        purpose=purpose,
        typed=codes[-1],
        pepper=world.pepper,
        then=lambda _connection: None,
    )
    with world.database.connect() as connection:
        rows = connection.execute(text("SELECT used_at FROM sms_out ORDER BY id")).scalars().all()
    assert [used is not None for used in rows] == [False, True]
    world.moves(minutes=11)
    with world.database.connect() as connection:
        assert conversions(connection) == [Conversion("+25470000", 2, 1)]


def test_a_budget_calls_a_person_before_anybody_is_refused(world: World) -> None:
    spent(world, NEW, 79, most=100)
    assert watched(world) == []
    spent(world, "proven_numbers", 80, most=100)
    told = ["SMS budget proven_numbers of the day: 80 of 100 spent."]
    assert watched(world) == told
    assert watched(world) == told


def test_many_full_blocks_are_one_alarm(world: World) -> None:
    for number in range(3):
        spent(world, f"{NEW}:+2547000{number}", 200, most=200)
    assert watched(world) == [
        "SMS budget new_numbers +25470000: 200 of 200 spent. So are 2 other blocks."
    ]


def test_the_worker_looks_each_minute_whatever_happens(world: World) -> None:
    begin(world.database)
    begin(world.database)
    assert world.count("outbox WHERE kind = 'watch_codes'") == 1
    watch = jobs(database=world.database)["watch_codes"]
    job = Job(1, "watch_codes", {}, 1, 1)
    assert watch(job) == Later(EACH)
    with world.owner.begin() as connection:
        connection.execute(text("ALTER TABLE sms_budget RENAME TO lost"))
    assert watch(job) == Later(EACH, "ProgrammingError")
