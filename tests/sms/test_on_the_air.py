"""A phone, the network and the service, each behind its own socket."""

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from flask import Flask
from redis import Redis
from sqlalchemy import Row, select
from werkzeug.serving import make_server

from core.notices.records import sms_out
from core.outbox.deliver import Worker
from simulator.config import Config
from simulator.server import serve_in_thread
from sms.infobip import InfobipSender
from sms.jobs import jobs
from sms.pace import Pace
from sms.route import Route
from sms.routes import blueprint
from sms.sender import AfricasTalkingSender
from tests.sms.exchange import PHONE
from tests.world import World

TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True)
class Air:
    world: World
    control: str
    worker: Worker

    def phone_writes(self, text: str) -> None:
        answer = self._request("POST", f"handsets/{PHONE}/sms", {"text": text})
        assert answer == {"status": 200}

    def network(self, fault: str | None, *, of: str = "sms") -> None:
        self._request("PUT", "faults", {of: fault})

    def passes(self) -> None:
        """The worker works, and the network reports what became of it."""
        while self.worker.run_due():
            pass
        self._request("GET", "idle?timeout=5", None)

    def inbox(self) -> list[str]:
        answer = self._request("GET", f"messages?to={PHONE}", None)
        return [message["text"] for message in answer]

    def statuses(self) -> list[str]:
        return [row.status for row in self.rows()]

    def rows(self) -> "list[Row[*tuple[object, ...]]]":
        with self.world.database.connect() as connection:
            return list(connection.execute(select(sms_out).order_by(sms_out.c.id)))

    def _request(self, method: str, path: str, body: object) -> Any:  # noqa: ANN401 - JSON
        url = f"{self.control}/{path}"
        answer = requests.request(method, url, json=body, timeout=TIMEOUT_SECONDS)
        answer.raise_for_status()
        return answer.json()


@pytest.fixture
def air(world: World, redis_client: Redis) -> Iterator[Air]:
    app = Flask(__name__)
    app.register_blueprint(
        blueprint(database=world.database, settings=world.settings, pepper=world.pepper)
    )
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    config = Config(
        port=0, public_url=f"http://127.0.0.1:{server.server_port}", callback_delay_seconds=0
    )
    simulator = serve_in_thread(config)
    sender = AfricasTalkingSender(
        username=config.at_username,
        api_key=config.at_api_key,
        base_url=simulator.url,
        sender_id=config.at_sender_id,
    )
    second = InfobipSender(
        base_url=simulator.url,
        api_key=config.infobip_api_key,
        sender_id=config.infobip_sender,
        report_url=f"{config.public_url}/sms/{config.at_callback_secret}/infobip/delivery",
    )
    route = Route(world.database, [sender, second], fresh_seconds=0)
    pace = Pace(redis_client=redis_client, per_second=1_000)
    handlers = jobs(database=world.database, route=route, pepper=world.pepper, pace=pace)
    yield Air(world, f"{simulator.url}/control", Worker(world.database, handlers))
    simulator.stop()
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_question_its_answer_and_the_report_of_it(air: Air) -> None:
    air.world.has_player()
    air.phone_writes("bal")
    air.passes()
    assert air.inbox() == ["Balance KES 0. Your number is verified."]
    assert air.statuses() == ["delivered"]


def test_registering_and_proving_the_number(air: Air) -> None:
    air.world.has_player(verified=False)
    air.phone_writes("BAL")
    air.passes()
    # Registering queued a code, which the world had marked as done: ask for it by replaying.
    with air.world.owner.begin() as connection:
        connection.exec_driver_sql("UPDATE outbox SET done_at = NULL WHERE kind = 'send_code'")
    air.world.moves(minutes=2)
    air.passes()
    code = re.search(r"\d{6}", air.inbox()[-1])
    assert code is not None
    air.phone_writes(code[0])
    air.passes()
    assert air.world.player(PHONE).kyc_verified_at is not None
    assert "is verified" in air.inbox()[-1]


@pytest.mark.parametrize("fault", ["invalid_sender", "error_500", "unauthorised", "no_credit"])
def test_a_network_in_trouble_delivers_once_when_it_is_well(air: Air, fault: str) -> None:
    air.world.has_player()
    air.network(fault)
    air.network("error_503", of="infobip")
    air.phone_writes("BAL")
    air.passes()
    assert air.inbox() == []
    air.network(None)
    air.world.moves(minutes=1)
    air.passes()
    assert len(air.inbox()) == 1
    assert air.statuses() == ["delivered"]


@pytest.mark.parametrize("fault", ["invalid_sender", "error_500", "unauthorised", "no_credit"])
def test_another_provider_delivers_at_once(air: Air, fault: str) -> None:
    air.world.has_player()
    air.network(fault)
    air.phone_writes("BAL")
    air.passes()
    assert len(air.inbox()) == 1
    [row] = air.rows()
    assert (row.status, row.provider, row.provider_status) == ("delivered", "infobip", "Success")
    assert (row.cost_micros, row.cost_currency, row.parts) == (6_200, "EUR", 1)


@pytest.mark.parametrize(
    ("fault", "status", "failure"),
    [
        ("undeliverable", "undelivered", "EC_ABSENT_SUBSCRIBER"),
        ("rejected_later", "undelivered", "REJECTED_NOT_ENOUGH_CREDITS"),
    ],
)
def test_the_other_provider_says_why_it_was_not_delivered(
    air: Air, fault: str, status: str, failure: str
) -> None:
    air.world.has_player()
    air.network("error_500")
    air.network(fault, of="infobip")
    air.phone_writes("BAL")
    air.passes()
    [row] = air.rows()
    assert (row.status, row.failure) == (status, failure)
