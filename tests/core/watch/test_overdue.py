"""A payment that is unknown for too long stops its money until it has a person's name on it."""

from typing import LiteralString

import pytest

from core.alarms.take_alarm import take_alarm
from core.database import in_transaction
from core.money import kes
from core.staff.records import Role
from core.switches.rules import Switch
from core.watch.call_for_overdue import MOST_OPEN
from tests.core.watch.watchman import Watchman
from tests.world import ASHA

DEPOSIT = """
    INSERT INTO deposit (
        player_id, amount_cents, request_key, reference, token, state, requested_at)
    SELECT id, 10000, 'k' || n, 'STUCK' || n, md5(n::text), 'pending',
        kibeezy_now() - interval '26 hours'
    FROM player, generate_series(1, 1) n
"""
PAYBILL = """
    INSERT INTO paybill_payment (receipt, amount_cents, account, state, heard_at)
    VALUES ('SFF0STUCK1', 10000, '0700000001', 'heard', kibeezy_now() - interval '27 hours')
"""


@pytest.fixture(autouse=True)
def _somebody_plays(watchman: Watchman) -> None:
    watchman.world.has_admin(ASHA, Role.OWNER, phone="+254711000001")
    watchman.world.has_player("+254700000001", balance=kes(500))


def takes(watchman: Watchman, kind: str) -> list[str]:
    """Asha takes every open alarm of this kind; returns what they are about."""
    asha = watchman.world._admin(ASHA)
    taken = [alarm for alarm in watchman.alarms() if alarm.kind == kind]
    for alarm in taken:
        in_transaction(
            watchman.world.database,
            lambda c, alarm=alarm: take_alarm(c, alarm_id=alarm.id, by=asha),  # type: ignore[misc]
        )
    return [alarm.subject for alarm in taken]


@pytest.mark.parametrize(
    ("planted", "subject", "table"),
    [(DEPOSIT, "deposit:", "deposit"), (PAYBILL, "paybill:", "paybill_payment")],
)
def test_with_a_name_on_it_one_stuck_payment_stops_nobody(
    watchman: Watchman, planted: LiteralString, subject: str, table: LiteralString
) -> None:
    watchman.begins()
    watchman.does(planted)
    watchman.sees_twice()
    assert watchman.stopped() == {Switch.DEPOSITS}
    assert {alarm.kind for alarm in watchman.alarms()} == {"invariant", "overdue"}

    watchman.lets_run(ASHA)
    watchman.looks(after_seconds=60)
    assert watchman.stopped() == {Switch.DEPOSITS}, "an alarm that nobody took is no name"

    [about] = takes(watchman, "overdue")
    assert about.startswith(subject)
    watchman.lets_run(ASHA)
    watchman.sees_twice()
    assert watchman.stopped() == set()
    watchman.does(f"DELETE FROM {table}")


def test_very_many_ring_a_few_at_a_time_and_each_gets_a_name(watchman: Watchman) -> None:
    watchman.begins()
    watchman.does(DEPOSIT.replace("(1, 1)", "(1, 7)"))
    watchman.sees_twice()
    first = takes(watchman, "overdue")
    assert len(first) == MOST_OPEN
    watchman.looks(after_seconds=60)
    second = takes(watchman, "overdue")
    assert len(second) == 7 - MOST_OPEN
    assert not set(first) & set(second)
    watchman.lets_run(ASHA)
    watchman.sees_twice()
    assert watchman.stopped() == set()
    watchman.does("DELETE FROM deposit")
