"""The laws notice what they are there for."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from laptop.engines import Engines
from rehearsal.laws import broken_at_the_end
from rehearsal.mortal import Killed, Reaper
from rehearsal.stage import Stage, open_stage

PHONE = "+254700100001"


@pytest.fixture
def stage(house: Engines) -> Iterator[Stage]:
    with open_stage(house, seed=1) as stage:
        yield stage


def test_money_that_nobody_heard_of_is_missed(stage: Stage) -> None:
    assert broken_at_the_end(stage) == []
    stage.network.put("/settings", c2b_urls=False)
    paid = stage.network.post(f"/handsets/{PHONE}/pay", amount=100, account="bet").json()
    assert broken_at_the_end(stage) == [
        "paid in: M-Pesa's books say 10000 cents, ours 0",
        f"receipt {paid['receipt']} moved money in 1 times at M-Pesa, 0 times here",
    ]


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("INSERT INTO alarm (kind, subject, why) VALUES ('odd', 'x:1', 'Odd.')", "alarm odd"),
        ("INSERT INTO outbox (kind) VALUES ('stk_push')", "a job was never done"),
        (
            "INSERT INTO outbox (kind, set_aside_at) VALUES ('stk_push', kibeezy_now())",
            "a job was set aside",
        ),
        (
            "INSERT INTO sms_out (phone, kind, body) VALUES ('+254700100001', 'answer', 'Hello')",
            "a message was never sent",
        ),
        (
            """INSERT INTO sms_out (phone, kind, body, status)
            SELECT '+254700100001', 'bet_placed', 'Bet', 'accepted' FROM generate_series(1, 2)""",
            "one event was told twice",
        ),
    ],
)
def test_what_is_left_over_is_named(stage: Stage, statement: str, broken: str) -> None:
    with stage.database.begin() as connection:
        connection.execute(text(statement))
    [found] = broken_at_the_end(stage)
    assert found.startswith(broken)


def test_a_worker_dies_at_the_drawn_point_and_nobody_else_does(stage: Stage) -> None:
    reaper = Reaper()
    reaper.watch(stage.database)
    reaper.arm(2)
    with stage.database.connect() as connection:
        connection.execute(text("SELECT 1"))
        with reaper.at_work():
            connection.execute(text("SELECT 1"))
            with pytest.raises(Killed):
                connection.execute(text("SELECT 1"))
    assert reaper.kills == 1


def test_an_error_in_the_log_is_a_finding(stage: Stage) -> None:
    stage.app.logger.error("no such thing")
    assert "no such thing" in stage.complaints.unexpected[0]
