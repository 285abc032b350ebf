"""Who carries is decided by what happened, and does not go to and fro."""

import random
import threading

import pytest
from sqlalchemy import Engine, text

from core.carriers.choose import take_probe
from core.carriers.judge import judge
from core.carriers.records import who_carries
from core.carriers.rules import Carrier
from core.carriers.use_carrier import let_service_choose, use_carrier
from core.database import in_transaction
from core.staff.records import Role
from tests.sms.exchange import Exchange
from tests.sms.two_carriers import asks_for_a_code, carrier, moves, receipts, reported
from tests.sms.wire import Infobip, Provider
from tests.world import ASHA

AT, INFOBIP = Carrier.AFRICAS_TALKING, Carrier.INFOBIP
DOWN = "Internal Server Error"


@pytest.fixture(autouse=True)
def _both_answer(provider: Provider, infobip: Infobip) -> None:
    assert provider.orders == infobip.orders == []


def outage(pair: Exchange, provider: Provider) -> None:
    provider.says(500, DOWN, times=10_000)
    for _ in range(4):
        receipts(pair, 6)
        pair.world.moves(seconds=15)
    pair.works()


def test_the_first_provider_carries(pair: Exchange, provider: Provider, infobip: Infobip) -> None:
    receipts(pair, 3)
    assert (len(provider.orders), len(infobip.orders)) == (3, 0)
    assert {row.provider for row in pair.rows()} == {AT}
    [*_, row] = pair.rows()
    assert row.accepted_at is not None
    assert (row.cost_micros, row.cost_currency) == (800_000, "KES")


def test_failover_and_fail_back(pair: Exchange, provider: Provider) -> None:
    pair.world.has_admin(ASHA, Role.OWNER, phone="+254711000001")
    outage(pair, provider)
    assert carrier(pair) is INFOBIP
    before = len(provider.orders)
    for _ in range(40):
        receipts(pair, 3)
        pair.world.moves(seconds=15)
    assert len(provider.orders) - before <= 7, "a trickle: one message each two minutes"
    assert carrier(pair) is INFOBIP
    provider.answers.clear()
    minutes = 0
    while carrier(pair) is INFOBIP and minutes < 60:
        receipts(pair, 8)
        reported(pair, of=AT)
        pair.world.moves(minutes=1)
        pair.works()
        minutes += 1
    assert carrier(pair) is AT
    assert 10 <= minutes <= 30
    assert moves(pair) == 2
    done = {row.status for row in pair.rows() if row.kind == "deposit_failed"}
    assert done <= {"accepted", "delivered"}, "nothing was lost on the way"
    told = [row.body for row in pair.rows() if row.kind == "alarm"]
    assert ["SMS go by Infobip" in told[0], "SMS go by Africa's Talking" in told[1]] == [True] * 2


def test_no_flapping_under_a_mixed_error_rate(pair: Exchange, provider: Provider) -> None:
    chance = random.Random(7)  # noqa: S311 - a test's
    for _ in range(120):
        for _ in range(6):
            if chance.random() < 0.4:
                provider.says(500, DOWN)
            receipts(pair, 1)
            provider.answers.clear()
        pair.world.moves(minutes=1)
        pair.works()
    assert 1 <= moves(pair) <= 4, "in two hours, and each stay is longer than the one before"
    assert {row.status for row in pair.rows()} == {"accepted"}


def test_a_success_a_moment_ago_does_not_hide_an_outage(pair: Exchange, provider: Provider) -> None:
    receipts(pair, 3)
    provider.says(500, DOWN, times=100)
    receipts(pair, 6)
    pair.world.moves(seconds=15)
    pair.works()
    assert carrier(pair) is INFOBIP


def test_where_both_fail_alike_nobody_moves(
    pair: Exchange, provider: Provider, infobip: Infobip
) -> None:
    for _ in range(10):
        provider.says(500, DOWN, times=100)
        infobip.says(503, times=100)
        receipts(pair, 4)
        pair.world.moves(minutes=1)
    pair.works()
    assert moves(pair) == 0
    provider.answers.clear()
    infobip.answers.clear()
    for _ in range(20):
        pair.world.moves(minutes=1)
        pair.works()
    assert {row.status for row in pair.rows()} == {"accepted"}


def test_late_reports_are_a_reason_too(pair: Exchange) -> None:
    receipts(pair, 30)
    reported(pair, of=AT)
    pair.world.moves(minutes=20)
    receipts(pair, 30)
    pair.world.moves(minutes=3)
    pair.works()
    assert carrier(pair) is INFOBIP
    assert "are late" in in_transaction(pair.world.database, who_carries).why


def test_a_report_that_names_our_account_counts_against_the_provider(
    pair: Exchange, provider: Provider
) -> None:
    receipts(pair, 25)
    assert len(provider.orders) == 25
    for row in pair.rows():
        form = {"id": row.provider_id, "status": "Failed", "failureReason": "UserIsInactive"}
        pair.posts("delivery", data=form)
    pair.world.moves(seconds=15)
    pair.works()
    assert carrier(pair) is AT, "a phone that is gone is no fault of the provider"
    receipts(pair, 25)
    for row in pair.rows()[25:]:
        form = {"id": row.provider_id, "status": "Failed", "failureReason": "InsufficientCredit"}
        pair.posts("delivery", data=form)
    pair.world.moves(seconds=15)
    pair.works()
    assert carrier(pair) is INFOBIP


def test_of_several_workers_one_gets_the_probe(pair: Exchange, provider: Provider) -> None:
    outage(pair, provider)
    pair.world.moves(minutes=5)
    together, got = threading.Barrier(4), list[bool]()

    def ask() -> None:
        together.wait()
        got.append(in_transaction(pair.world.database, take_probe))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == [False] * 3 + [True]


def test_where_only_the_first_is_left_it_carries(
    exchange: Exchange, provider: Provider, owner: Engine
) -> None:
    exchange.world.has_player()
    with owner.begin() as connection:
        connection.execute(text("UPDATE sms_route SET carrier = 'infobip'"))
    receipts(exchange, 3)
    assert len(provider.orders) == 3


def test_no_code_is_a_probe(pair: Exchange, provider: Provider, infobip: Infobip) -> None:
    outage(pair, provider)
    assert carrier(pair) is INFOBIP
    provider.answers.clear()
    tried = len(provider.orders)
    asks_for_a_code(pair)
    assert (len(provider.orders), infobip.texts()[-1][:6].isdigit()) == (tried, True)
    receipts(pair, 2)
    assert len(provider.orders) == tried + 1, "of two receipts one is"


def test_where_reports_were_never_set_up_none_is_late(pair: Exchange) -> None:
    receipts(pair, 40)
    pair.world.moves(minutes=3)
    pair.works()
    assert carrier(pair) is AT


def test_what_a_person_decides_holds_until_it_is_taken_back(
    pair: Exchange, provider: Provider, infobip: Infobip
) -> None:
    asha = pair.world.has_admin(ASHA, Role.OWNER)
    in_transaction(
        pair.world.database,
        lambda c: use_carrier(c, carrier=INFOBIP, why="Their bill.", by=asha),
    )
    infobip.says(503, times=100)
    receipts(pair, 8)
    for _ in range(4):
        pair.world.moves(seconds=15)
        pair.works()
    assert (carrier(pair), provider.orders) == (INFOBIP, [])
    released = in_transaction(
        pair.world.database, lambda c: let_service_choose(c, why="Paid.", by=asha)
    )
    assert released
    pair.world.moves(minutes=2)
    pair.works()
    assert provider.orders, "and now the other may help again"


def test_two_who_judge_at_once_move_once(pair: Exchange) -> None:
    with pair.world.owner.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO sms_failure (carrier, reason)"
                " SELECT 'africas_talking', 'HTTP 500' FROM generate_series(1, 9)"
            )
        )
    together = threading.Barrier(4)

    def look() -> None:
        together.wait()
        in_transaction(pair.world.database, judge)

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (moves(pair), carrier(pair)) == (1, INFOBIP)
