"""What a message waits for: the rate, a person who replays it, and whom it is from."""

import re

import pytest
from redis import Redis
from sqlalchemy import Connection, event, text

from core.alarms.job_set_aside import call_for_job
from core.database import in_transaction
from core.notices import texts
from core.notices.notify import notify
from core.notices.resend import OnItsWay, Resent, resend
from core.outbox.deliver import LATEST_START_SECONDS, LEASE, Worker
from core.outbox.replay import list_set_aside, replay
from core.staff.records import Role
from core.text import Language
from sms import jobs
from sms.pace import LONGEST_WAIT_SECONDS
from sms.sdk import TIMEOUT_SECONDS
from tests.sms.exchange import PHONE, Exchange
from tests.sms.two_carriers import asks_for_a_code, queues, receipts
from tests.sms.wire import Infobip, Provider
from tests.world import ASHA

FREE_AT = "sms:{africas_talking}:free_at"
FAR_AWAY = 10**17


@pytest.fixture
def exchange(exchange: Exchange) -> Exchange:
    exchange.world.has_player(verified=False)
    return exchange


def test_waiting_for_the_rate_is_no_try(
    exchange: Exchange, provider: Provider, redis_client: Redis
) -> None:
    redis_client.set(FREE_AT, FAR_AWAY)
    asks_for_a_code(exchange)
    receipts(exchange, 1)
    for _ in range(jobs.CODE_TRIES + 2):
        exchange.world.moves(seconds=20)
        exchange.works()
    waiting = [*exchange.jobs("send_code")[-1:], *exchange.jobs("send_sms")]
    assert [(job.attempts, job.set_aside_at, job.last_error) for job in waiting] == [
        (0, None, None)
    ] * 2
    assert [row.status for row in exchange.rows()] == ["queued"], "no code was drawn in vain"
    redis_client.delete(FREE_AT)
    exchange.world.moves(seconds=20)
    exchange.works()
    assert re.search(r"\d{6}", provider.texts()[0]), "the code went first"
    assert len(provider.orders) == 2


def test_one_sms_takes_fourteen_round_trips(exchange: Exchange, provider: Provider) -> None:
    receipts(exchange, 1)
    queues(exchange, 1)
    trips: list[str] = []

    def statement(_1: object, _2: object, sql: str, *_more: object) -> None:
        trips.append(sql)

    event.listen(exchange.world.database, "before_cursor_execute", statement)
    event.listen(exchange.world.database, "commit", lambda _: trips.extend(("BEGIN", "COMMIT")))
    assert exchange.worker.run_due() == 1
    assert len(provider.orders) == 2
    # Taken 3, begun 3, accepted 5, finished 3.
    assert len(trips) == 14, trips


def test_a_message_that_two_providers_take_their_time_with_ends_within_its_lease() -> None:
    longest = LATEST_START_SECONDS + 2 * (LONGEST_WAIT_SECONDS + sum(TIMEOUT_SECONDS))
    assert longest < LEASE.total_seconds() - 2


def test_who_is_too_fast_waits_a_moment(
    exchange: Exchange, provider: Provider, redis_client: Redis
) -> None:
    provider.says(429, "Too many requests")
    receipts(exchange, 1)
    seconds, microseconds = redis_client.time()
    half_a_second_later = (seconds + 0.5) * 1_000_000 + microseconds
    assert float(redis_client.get(FREE_AT) or 0) > half_a_second_later


@pytest.mark.parametrize("way", ["job replay", "sms resend"])
def test_a_receipt_that_was_set_aside_and_taken_up_again_goes_once(
    exchange: Exchange, provider: Provider, way: str
) -> None:
    replays = way == "job replay"
    asha = exchange.world.has_admin(ASHA, Role.OWNER if replays else Role.SUPPORT)
    provider.says(401, "The supplied authentication is invalid", times=1_000)
    receipts(exchange, 1)
    with exchange.world.owner.begin() as connection:
        tries = jobs.RECEIPT_TRIES - 1
        connection.execute(
            text("UPDATE outbox SET attempts = :tries WHERE kind = 'send_sms'"), {"tries": tries}
        )
    exchange.world.moves(hours=1)
    calls = Worker(exchange.world.database, exchange.worker.handlers, on_set_aside=call_for_job)
    calls.run_due()
    [aside] = in_transaction(exchange.world.database, list_set_aside)
    provider.answers.clear()
    before = len(provider.orders)
    why = "The key is right now."

    def is_taken_up(connection: Connection) -> None:
        if replays:
            replay(connection, job_id=aside.id, why=why, by=asha)
            return
        sms_id = int(str(exchange.rows()[0].id))
        assert resend(connection, sms_id=sms_id, why=why, by=asha) == Resent(sms_id, earlier=False)
        with pytest.raises(OnItsWay):
            resend(connection, sms_id=sms_id, why=why, by=asha)

    in_transaction(exchange.world.database, is_taken_up)
    assert in_transaction(exchange.world.database, list_set_aside) == []
    for _ in range(3):
        exchange.works()
        exchange.world.moves(hours=1)
    assert len(provider.orders) == before + 1
    assert [row.status for row in exchange.rows() if row.kind != "alarm"] == ["accepted"]


@pytest.mark.parametrize(
    ("kind", "sender"),
    [("result_proposed", "KIBEEZYNEWS"), ("deposit_failed", "KIBEEZY"), ("answer", "KIBEEZY")],
)
def test_news_has_a_sender_of_its_own_by_both_providers(
    pair: Exchange, provider: Provider, infobip: Infobip, kind: str, sender: str
) -> None:
    # By day, for news waits for the morning.
    pair.world.comes_to(12)
    provider.says(503, "Service Unavailable")
    in_transaction(
        pair.world.database,
        lambda c: notify(
            c,
            player_id=pair.world.player(PHONE).id,
            phone=PHONE,
            language=Language.ENGLISH,
            kind=kind,
            text=texts.pin_changed(),
        ),
    )
    pair.works()
    assert [order["from"] for order in provider.orders] == [sender]
    assert [order["sender"] for order in infobip.orders] == [sender]


def test_a_code_comes_from_the_sender_of_receipts(
    pair: Exchange, provider: Provider, infobip: Infobip
) -> None:
    asks_for_a_code(pair)
    assert [order["from"] for order in provider.orders] == ["KIBEEZY"]
    assert infobip.orders == []
