"""What the worker sends, how often, and what it writes down."""

import re
import threading

import pytest
import requests
from sqlalchemy import text
from structlog.testing import capture_logs

from core.alarms.list_alarms import open_alarms
from core.database import in_transaction
from core.notices import texts
from core.notices.notify import notify
from core.outbox.records import Job
from core.players.phone_code import Purpose, ask_code
from sms import jobs
from tests.sms.exchange import PHONE, Exchange
from tests.sms.wire import Provider

CODE = re.compile(r"\b\d{6}\b")


@pytest.fixture
def exchange(exchange: Exchange) -> Exchange:
    exchange.world.has_player(verified=False)
    return exchange


def receipt(exchange: Exchange) -> None:
    player = exchange.world.player(PHONE)
    with exchange.world.database.begin() as connection:
        notify(
            connection,
            player_id=player.id,
            phone=PHONE,
            language=player.language,
            kind="pin_changed",
            text=texts.pin_changed(),
        )


def ask(exchange: Exchange) -> None:
    # Registering asked for a code too, and the next one has to wait.
    exchange.world.moves(minutes=2)
    player_id = exchange.world.player(PHONE).id
    in_transaction(
        exchange.world.database,
        lambda c: ask_code(c, player_id=player_id, purpose=Purpose.VERIFY),
    )


def statuses(exchange: Exchange) -> list[str]:
    return [row.status for row in exchange.rows()]


def test_a_receipt_goes_out_once_and_its_answer_is_kept(
    exchange: Exchange, provider: Provider
) -> None:
    receipt(exchange)
    exchange.works()
    assert [order["to"] for order in provider.orders] == [PHONE]
    [row] = exchange.rows()
    assert (row.status, row.provider_id) == ("accepted", "ATXid_1")
    assert (row.cost, row.parts, row.provider_status) == ("KES 0.8000", 1, "Sent")
    assert exchange.jobs("send_sms")[0].done_at is not None


def test_the_row_is_committed_as_sending_before_the_call(
    exchange: Exchange, provider: Provider
) -> None:
    seen: list[str] = []
    provider.before_answer = lambda: seen.extend(statuses(exchange))
    receipt(exchange)
    exchange.works()
    assert seen == ["sending"]


@pytest.mark.parametrize(
    ("code", "word"),
    [(402, "InvalidSenderId"), (405, "InsufficientBalance"), (501, "GatewayError")],
)
def test_a_receipt_waits_for_a_provider_that_will_recover(
    exchange: Exchange, provider: Provider, code: int, word: str
) -> None:
    provider.refuses(code, word)
    receipt(exchange)
    exchange.works()
    assert statuses(exchange) == ["queued"]
    assert exchange.jobs("send_sms")[0].last_error == word
    exchange.world.moves(minutes=1)
    exchange.works()
    assert statuses(exchange) == ["accepted"]
    assert len(provider.orders) == 2


def test_an_hour_of_errors_loses_no_receipt_and_doubles_none(
    exchange: Exchange, provider: Provider
) -> None:
    provider.says(500, "Internal Server Error", times=1_000)
    receipt(exchange)
    for _ in range(60):
        exchange.works()
        exchange.world.moves(minutes=1)
    assert statuses(exchange) == ["queued"]
    tries = len(provider.orders)
    assert tries < 20
    provider.answers.clear()
    for _ in range(20):
        exchange.works()
        exchange.world.moves(minutes=1)
    assert statuses(exchange) == ["accepted"]
    assert len(provider.orders) == tries + 1


def test_a_receipt_that_never_passes_is_set_aside_for_a_person(
    exchange: Exchange, provider: Provider
) -> None:
    provider.says(401, "The supplied authentication is invalid", times=1_000)
    receipt(exchange)
    exchange.works()
    with exchange.world.owner.begin() as connection:
        connection.execute(
            text("UPDATE outbox SET attempts = :tries"), {"tries": jobs.RECEIPT_TRIES - 1}
        )
    exchange.world.moves(hours=1)
    exchange.works()
    [job] = exchange.jobs("send_sms")
    assert job.set_aside_at is not None
    # It stays queued, so that a replay of the job sends it.
    assert statuses(exchange) == ["queued"]


def test_a_blacklisted_number_is_final(exchange: Exchange, provider: Provider) -> None:
    provider.refuses(406, "UserInBlacklist")
    receipt(exchange)
    exchange.works()
    exchange.world.moves(hours=2)
    exchange.works()
    [row] = exchange.rows()
    assert (row.status, row.failure, row.provider_id) == ("refused", "UserInBlacklist", None)
    assert len(provider.orders) == 1


def test_a_receipt_whose_answer_was_lost_is_never_repeated(
    exchange: Exchange, provider: Provider
) -> None:
    provider.breaks(requests.ReadTimeout("timed out"))
    receipt(exchange)
    exchange.works()
    exchange.world.moves(hours=2)
    exchange.works()
    assert statuses(exchange) == ["unknown"]
    assert len(provider.orders) == 1


def test_a_receipt_whose_worker_died_during_the_call_is_never_repeated(
    exchange: Exchange, provider: Provider
) -> None:
    receipt(exchange)
    # What a killed worker leaves: the row in sending, the job under a lease that runs out.
    with exchange.world.owner.begin() as connection:
        connection.execute(text("UPDATE sms_out SET status = 'sending'"))
        connection.execute(
            text("UPDATE outbox SET lease_until = kibeezy_now() + interval '1 minute'")
        )
    exchange.works()
    assert statuses(exchange) == ["sending"]
    exchange.world.moves(minutes=2)
    exchange.works()
    assert statuses(exchange) == ["unknown"]
    assert provider.orders == []


def test_a_job_that_two_workers_hold_is_sent_by_one(exchange: Exchange, provider: Provider) -> None:
    receipt(exchange)
    [row] = exchange.jobs("send_sms")
    job = Job(row.id, row.kind, row.payload, 1, 1)
    handler = exchange.worker.handlers["send_sms"]
    together = threading.Barrier(4)

    def work() -> None:
        together.wait()
        handler(job)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(provider.orders) == 1


def test_another_count_of_segments_than_ours_calls_a_person_once(
    exchange: Exchange, provider: Provider
) -> None:
    accepted = (
        '{"SMSMessageData": {"Message": "Sent to 1/1 Message parts: 2", "Recipients":'
        ' [{"statusCode": 101, "status": "Success", "messageId": "x", "cost": "KES 1.6"}]}}'
    )
    provider.says(201, accepted)
    provider.says(201, accepted.replace('"x"', '"y"'))
    receipt(exchange)
    receipt(exchange)
    receipt(exchange)
    with capture_logs() as logs:
        exchange.works()
    entry, _other = (entry for entry in logs if entry["event"] == "sms_parts_differ")
    assert (entry["told"], entry["counted"]) == (2, 1)
    assert [(row.parts, row.counted_parts) for row in exchange.rows()] == [(2, 1), (2, 1), (1, 1)]
    [alarm] = in_transaction(exchange.world.database, open_alarms)
    assert (alarm.kind, alarm.subject, alarm.times) == ("sms_parts", "sms:parts", 2)
    assert alarm.why.startswith(f"SMS {entry['sms_id']} cost 2 parts")


def test_a_code_is_sent_and_forgotten(exchange: Exchange, provider: Provider) -> None:
    ask(exchange)
    exchange.works()
    found = CODE.search(provider.texts()[0])
    assert found is not None
    [row] = exchange.rows()
    assert (row.kind, row.body, row.status) == ("code", None, "accepted")


@pytest.mark.parametrize("trouble", ["unknown", "later"])
def test_a_code_that_may_not_have_arrived_is_replaced_by_another(
    exchange: Exchange, provider: Provider, trouble: str
) -> None:
    if trouble == "unknown":
        provider.breaks(requests.ReadTimeout("timed out"))
    else:
        provider.says(500, "Internal Server Error")
    ask(exchange)
    exchange.works()
    exchange.world.moves(minutes=1)
    exchange.works()
    first, second = (found[0] for found in map(CODE.search, provider.texts()) if found)
    assert first != second
    assert statuses(exchange)[1] == "accepted"
    assert "Tries left" in exchange.asks(first)
    assert "is verified" in exchange.asks(second)


def test_codes_are_tried_three_times(exchange: Exchange, provider: Provider) -> None:
    provider.says(500, "Internal Server Error", times=100)
    ask(exchange)
    for _ in range(10):
        exchange.works()
        exchange.world.moves(minutes=1)
    assert len(provider.orders) == jobs.CODE_TRIES
    assert exchange.jobs("send_code")[-1].set_aside_at is not None


def test_a_code_whose_worker_died_is_drawn_anew(exchange: Exchange, provider: Provider) -> None:
    ask(exchange)
    row = exchange.jobs("send_code")[-1]
    provider.breaks(MemoryError("as if killed"))
    with pytest.raises(MemoryError):
        exchange.worker.handlers["send_code"](Job(row.id, row.kind, row.payload, 1, 1))
    assert statuses(exchange) == ["sending"]
    exchange.works()
    assert statuses(exchange) == ["unknown", "accepted"]


def test_no_code_reaches_a_table_a_log_or_an_error(
    exchange: Exchange, provider: Provider, capfd: pytest.CaptureFixture[str]
) -> None:
    def echo(status: int) -> None:
        provider.before_answer = lambda: provider.says(status, provider.texts()[-1])

    echo(201)
    ask(exchange)
    with capture_logs() as logs:
        for status in (201, 400, 500):
            echo(status)
            exchange.works()
            exchange.world.moves(minutes=2)
    codes = [found[0] for found in map(CODE.search, provider.texts()) if found]
    exchange.writes(codes[-1])
    everything = "\n".join([str(logs), *capfd.readouterr(), *exchange.world.everything_stored()])
    assert codes
    assert "send_code" in everything
    for code in codes:
        assert code not in everything


def test_a_code_for_a_new_pin_asks_for_no_reply(exchange: Exchange, provider: Provider) -> None:
    ask(exchange)
    exchange.works()
    player_id = exchange.world.player(PHONE).id
    in_transaction(
        exchange.world.database,
        lambda c: ask_code(c, player_id=player_id, purpose=Purpose.PIN_RESET),
    )
    exchange.works()
    verify, reset = provider.texts()
    assert "reply" in verify
    assert "new PIN" in reset
    assert "reply" not in reset
