"""SMS from the queue to the provider, in a small size, and that what is wrong is noticed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from bench.messages.arrivals import arrivals, overtakers
from core.database import in_transaction
from core.notices import examples
from core.notices.notify import Notice, notify_all
from core.text import Language
from tests.laptop.supervisor import ROOT
from tests.world import World

ENGLISH = Language.ENGLISH
RECEIPT, NEWS = 50, 90


@pytest.mark.processes
def test_a_hundred_messages_arrive_once_and_in_order(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench", "sms", "--messages", "100"],
        cwd=ROOT,
        env=os.environ | {"TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "Each arrived once, and was reported as delivered." in done.stdout
    assert "worker / bare calls" in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_news_before_a_receipt_is_noticed_unless_both_were_under_way() -> None:
    assert overtakers([RECEIPT] * 50 + [NEWS] * 50) == 0
    assert overtakers([NEWS] + [RECEIPT] * 50) == 1
    assert overtakers([NEWS, RECEIPT] + [NEWS] * 50) == 0
    assert overtakers([NEWS, NEWS, RECEIPT], under_way=1) == 2
    assert overtakers([]) == 0


def test_what_arrives_twice_never_or_unreported_is_noticed(world: World) -> None:
    player = world.has_player()
    words = [examples.never_send_a_pin(), examples.which_receipt()]
    notices = [Notice(player.id, player.phone, ENGLISH, "answer", each) for each in words]
    in_transaction(world.database, lambda c: notify_all(c, notices=notices))
    _is_told(world, "UPDATE sms_out SET provider_id = 'ATXid_' || id, status = 'delivered'")
    first, second = (
        {"id": f"ATXid_{number}", "to": player.phone, "text": each.in_(ENGLISH)}
        for number, each in enumerate(words, 1)
    )

    assert arrivals(world.owner, [first, second], in_order=2).wrong == []
    [twice] = arrivals(world.owner, [first, second, second], in_order=2).wrong
    assert "got 1 times more than queued: Send RCPT" in twice
    [never] = arrivals(world.owner, [first], in_order=1).wrong
    assert "never got 1: Send RCPT" in never
    _is_told(world, "UPDATE sms_out SET status = 'accepted' WHERE id = 1")
    assert arrivals(world.owner, [first, second], in_order=2).wrong == ["1 messages are accepted"]


def _is_told(world: World, statement: str) -> None:
    with world.owner.begin() as connection:
        connection.execute(text(statement))
