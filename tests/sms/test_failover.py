"""One message and two providers: what goes by the other, and what never does."""

import re
from collections.abc import Callable
from functools import partial

import pytest
import requests
from redis import Redis
from sqlalchemy import text

from core.carriers.rules import Carrier
from core.carriers.use_carrier import use_carrier
from core.database import in_transaction
from core.staff.records import Role
from sms import pace
from tests.sms.conftest import exchange_with, first_sender, second_sender
from tests.sms.exchange import Exchange
from tests.sms.two_carriers import asks_for_a_code, carrier, posts_report, receipts
from tests.sms.wire import Infobip, Provider
from tests.world import ASHA

AT, INFOBIP = Carrier.AFRICAS_TALKING, Carrier.INFOBIP
CODE = re.compile(r"\b\d{6}\b")
DOWN = "Internal Server Error"


@pytest.fixture(autouse=True)
def _both_answer(provider: Provider, infobip: Infobip) -> None:
    assert provider.orders == infobip.orders == []


@pytest.mark.parametrize("refusal", ["500", "401", "no credit", "sender"])
def test_what_one_refuses_for_now_the_other_carries_at_once(
    pair: Exchange, provider: Provider, infobip: Infobip, refusal: str
) -> None:
    match refusal:
        case "no credit":
            provider.refuses(405, "InsufficientBalance")
        case "sender":
            provider.says(
                201, '{"SMSMessageData": {"Message": "InvalidSenderId", "Recipients": []}}'
            )
        case status:
            provider.says(int(status), "The supplied authentication is invalid")
    receipts(pair, 1)
    [row] = pair.rows()
    assert (row.status, row.provider) == ("accepted", INFOBIP)
    [order] = infobip.orders
    assert row.provider_id == f"infobip:{order['destinations'][0]['messageId']}"
    assert pair.world.count("sms_failure WHERE carrier = 'africas_talking'") == 1


def test_where_the_other_has_no_place_the_message_waits(
    pair: Exchange, provider: Provider, infobip: Infobip, redis_client: Redis
) -> None:
    redis_client.set("sms:{infobip}:free_at", 10**17)
    provider.says(503, DOWN)
    receipts(pair, 1)
    [row] = pair.rows()
    assert (row.status, row.provider, infobip.orders) == ("queued", AT, [])
    pair.world.moves(minutes=1)
    pair.works()
    assert [row.status for row in pair.rows()] == ["accepted"]
    assert (len(provider.orders), len(infobip.orders)) == (2, 0)


@pytest.mark.parametrize(
    ("asks", "carried"),
    [(asks_for_a_code, 1), (partial(receipts, number=1), 0)],
    ids=["code", "receipt"],
)
def test_only_what_is_urgent_has_a_place_with_the_other_before_its_time(
    pair: Exchange,
    provider: Provider,
    infobip: Infobip,
    redis_client: Redis,
    monkeypatch: pytest.MonkeyPatch,
    asks: Callable[[Exchange], None],
    carried: int,
) -> None:
    monkeypatch.setattr(pace, "LONGEST_WAIT_SECONDS", 0)
    slow = pace.Pace(redis_client=redis_client, per_second=1)

    def next_place_is_free_in_a_second() -> None:
        seconds, microseconds = redis_client.time()
        redis_client.set("sms:{infobip}:free_at", (seconds + 1) * 1_000_000 + microseconds)

    provider.before_answer = next_place_is_free_in_a_second
    provider.says(503, DOWN)
    asks(exchange_with(pair.world, slow, [first_sender(), second_sender()]))
    assert (len(provider.orders), len(infobip.orders)) == (1, carried)


def test_an_unknown_outcome_is_never_repeated_by_the_other(
    pair: Exchange, provider: Provider, infobip: Infobip
) -> None:
    provider.breaks(requests.ReadTimeout("timed out"))
    receipts(pair, 1)
    pair.world.moves(hours=2)
    pair.works()
    assert [row.status for row in pair.rows()] == ["unknown"]
    assert (len(provider.orders), len(infobip.orders)) == (1, 0)


def test_a_number_that_is_blacklisted_is_no_fault_of_the_provider(
    pair: Exchange, provider: Provider, infobip: Infobip
) -> None:
    provider.refuses(406, "UserInBlacklist", times=30)
    receipts(pair, 30)
    pair.world.moves(minutes=1)
    pair.works()
    assert pair.world.count("sms_failure") == 0
    assert (carrier(pair), infobip.orders) == (AT, [])


def test_after_a_lost_answer_a_new_code_goes_by_the_other(
    pair: Exchange, provider: Provider, infobip: Infobip
) -> None:
    provider.breaks(requests.ReadTimeout("timed out"))
    asks_for_a_code(pair)
    pair.world.moves(seconds=10)
    pair.works()
    [first], [second] = map(CODE.findall, (provider.texts()[0], infobip.texts()[0]))
    assert first != second
    assert [(row.status, row.provider) for row in pair.rows()] == [
        ("unknown", AT),
        ("accepted", INFOBIP),
    ]
    assert "Tries left" in pair.asks(first)
    assert "is verified" in pair.asks(second)


def test_a_code_that_was_refused_goes_by_the_other_as_it_is(
    pair: Exchange, provider: Provider, infobip: Infobip
) -> None:
    provider.says(503, DOWN)
    asks_for_a_code(pair)
    assert CODE.findall(provider.texts()[0]) == CODE.findall(infobip.texts()[0])
    assert [row.provider for row in pair.rows()] == [INFOBIP]


@pytest.fixture
def on_infobip(pair: Exchange) -> Exchange:
    asha = pair.world.has_admin(ASHA, Role.OWNER)
    in_transaction(
        pair.world.database, lambda c: use_carrier(c, carrier=INFOBIP, why="A test.", by=asha)
    )
    return pair


def test_a_lost_answer_is_found_again_by_its_report(on_infobip: Exchange, infobip: Infobip) -> None:
    infobip.breaks(requests.ReadTimeout("timed out"))
    receipts(on_infobip, 1)
    assert [row.status for row in on_infobip.rows()] == ["unknown"]
    posts_report(on_infobip, infobip.orders[0]["destinations"][0]["messageId"])
    assert [row.status for row in on_infobip.rows()] == ["delivered"]


def test_a_report_that_overtakes_the_answer_stays_and_the_answer_is_kept(
    on_infobip: Exchange, infobip: Infobip
) -> None:
    infobip.before_answer = lambda message_id: posts_report(on_infobip, message_id)
    receipts(on_infobip, 1)
    [row] = on_infobip.rows()
    assert (row.status, row.provider_status, row.parts) == ("delivered", "Success", 1)
    assert row.accepted_at is not None


def test_a_rejection_that_overtakes_the_refusal_does_not_end_the_message(
    on_infobip: Exchange, infobip: Infobip, provider: Provider
) -> None:
    with on_infobip.world.owner.begin() as connection:
        later = "probe_at = kibeezy_now() + interval '1 hour'"
        connection.execute(text(f"UPDATE sms_route SET forced_by = NULL, {later}"))
    infobip.before_answer = lambda message_id: posts_report(
        on_infobip, message_id, group="REJECTED"
    )
    infobip.rejects(12, "REJECTED_NOT_ENOUGH_CREDITS")
    receipts(on_infobip, 1)
    [row] = on_infobip.rows()
    assert (row.status, row.provider) == ("accepted", AT)
    assert (len(infobip.orders), len(provider.orders)) == (1, 1)


def test_what_waits_to_be_sent_again_is_not_where_a_report_says_that_it_was_taken(
    on_infobip: Exchange, infobip: Infobip
) -> None:
    infobip.says(503)
    receipts(on_infobip, 1)
    assert [row.status for row in on_infobip.rows()] == ["queued"]
    message_id = infobip.orders[0]["destinations"][0]["messageId"]
    posts_report(on_infobip, message_id, group="UNDELIVERABLE")
    [row] = on_infobip.rows()
    assert (row.status, row.network) == ("queued", None)
    posts_report(on_infobip, message_id)
    on_infobip.world.moves(hours=1)
    on_infobip.works()
    assert [row.status for row in on_infobip.rows()] == ["delivered"]
    assert len(infobip.orders) == 1


def test_reports_find_the_message_whatever_id_the_answer_names(
    on_infobip: Exchange, infobip: Infobip
) -> None:
    infobip.before_answer = lambda message_id: posts_report(on_infobip, message_id)
    status = '{"groupId": 1, "groupName": "PENDING", "id": 26, "name": "PENDING_ACCEPTED"}'
    infobip.says(200, f'{{"messages": [{{"messageId": "another", "status": {status}}}]}}')
    receipts(on_infobip, 1)
    assert [row.status for row in on_infobip.rows()] == ["delivered"]


def test_what_a_report_says_was_taken_is_not_passed_on(
    pair: Exchange, provider: Provider, infobip: Infobip
) -> None:
    def taken_after_all() -> None:
        with pair.world.owner.begin() as connection:
            connection.execute(text("UPDATE sms_out SET status = 'delivered'"))

    provider.before_answer = taken_after_all
    provider.says(503, DOWN)
    receipts(pair, 1)
    assert infobip.orders == []
