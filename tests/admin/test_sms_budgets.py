"""Operators and Prometheus see what SMS may still cost."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from admin.commands.sms_budgets import budgets_command
from core.database import in_transaction
from core.notices import texts
from core.notices.notify import Notice, notify_all
from core.players.code_budget import NEW
from core.text import Language
from tests.admin.operator import Operator
from tests.admin.test_health import metrics
from tests.core.players.spending import spent
from tests.core.players.test_watch_codes import PUMPED, sent
from tests.world import World


@pytest.fixture
def operator(app: Flask, world: World) -> Operator:
    app.cli.add_command(budgets_command(database=world.database))
    world.comes_to(12)
    return Operator(app.test_cli_runner())


def test_an_operator_sees_the_budgets_and_the_codes_by_block(
    operator: Operator, world: World
) -> None:
    assert operator.types("budgets") == "Nothing is spent of any budget.\n"
    spent(world, NEW, 150, most=20_000)
    spent(world, f"{NEW}:{PUMPED}", 100, most=200)
    sent(world, PUMPED, 100, used=3)
    world.moves(minutes=11)
    # What was refused waits out its pause, and waits all the same.
    with world.owner.begin() as connection:
        refused = "due_at = kibeezy_now() + interval '15 minutes', last_error = 'HTTP 500'"
        connection.exec_driver_sql(f"UPDATE outbox SET {refused} WHERE kind = 'send_sms'")

    told = operator.reads("budgets --json")
    assert [(one["scope"], one["spent"], one["most"]) for one in told["budgets"]] == [
        ("new_numbers:+25471100", 100, 200),
        ("new_numbers", 150, 20_000),
    ]
    assert told["codes"] == [{"block": PUMPED, "sent": 100, "used": 3}]
    assert PUMPED in operator.types("budgets")


def test_prometheus_is_told_what_waits_what_is_typed_and_what_is_spent(
    world: World, client: FlaskClient
) -> None:
    world.comes_to(12)
    nothing = metrics(client)
    assert nothing["kibeezy_sms_waiting", "urgent"] == 0
    assert nothing["kibeezy_sms_budget_spent", "strangers"] == 0
    notices = [
        Notice(None, PUMPED + "0001", Language.ENGLISH, kind, texts.number_verified())
        for kind in ("alarm", "answer", "bets_settled", "bets_settled", "result_proposed")
    ]
    in_transaction(world.database, lambda c: notify_all(c, notices=notices))
    spent(world, f"{NEW}:{PUMPED}", 100, most=200)
    sent(world, PUMPED, 100, used=3)
    world.moves(minutes=11)
    # What was refused waits out its pause, and waits all the same.
    with world.owner.begin() as connection:
        refused = "due_at = kibeezy_now() + interval '15 minutes', last_error = 'HTTP 500'"
        connection.exec_driver_sql(f"UPDATE outbox SET {refused} WHERE kind = 'send_sms'")

    told = metrics(client)
    waiting = [
        told["kibeezy_sms_waiting", priority]
        for priority in ("urgent", "normal", "bulk", "background")
    ]
    assert waiting == [1, 1, 2, 1]
    assert (told["kibeezy_codes_sent",], told["kibeezy_codes_used",]) == (100, 3)
    assert told["kibeezy_sms_budget_spent", "block"] == 0.5
