"""Whether a SIM was swapped: the question at the wire, the answer at the route, their effect."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import responses
from werkzeug.test import TestResponse

from core.money import kes
from core.outbox.deliver import Done, Worker
from core.withdrawals.records import Withdrawal
from sms.sim_swap import Insights, jobs
from tests.core.withdrawals.teller import Teller
from tests.sms.exchange import PHONE, Exchange
from tests.world import World

URL = "https://insights.test/v1"
ID = "ATXSwid_279949"
# As recorded (africas-talking.md); the id is what the answer carries instead of the number.
QUEUED: dict[str, Any] = {
    "responses": [
        {
            "cost": {"amount": 5, "currencyCode": "KES"},
            "phoneNumber": {"carrierName": "Safaricom", "number": PHONE},
            "requestId": ID,
            "status": "Queued",
        }
    ],
    "status": "Processed",
    "transactionId": "c9ff6053-0000",
}
UNSUPPORTED = {"responses": [{"phoneNumber": {}, "status": "UnsupportedPhoneNumber"}]}
NO_ID: dict[str, Any] = {
    "unsupported number": {"json": UNSUPPORTED},
    "refused": {"status": 401, "json": QUEUED},
    "error": {"status": 500, "body": "Internal"},
    "html": {"body": "<html>"},
    "truncated": {"body": '{"responses": [{"requestId": "ATXS'},
    "nobody asked": {"json": {"responses": []}},
    "an id that no table should hold": {"json": {"responses": [{"requestId": "x" * 121}]}},
    "a number for an id": {"json": {"responses": [{"requestId": 7}]}},
    "timeout": {"body": requests.ReadTimeout()},
    "reset": {"body": requests.ConnectionError("reset")},
}


class Network:
    """A player's withdrawals, the worker that asks about SIMs, and the network's answers."""

    def __init__(self, world: World, wire: responses.RequestsMock, exchange: Exchange) -> None:
        self.world, self.wire, self.exchange = world, wire, exchange
        self.teller = Teller.of_a_new_player(world, phone=PHONE)
        insights = Insights(username="kibeezy", api_key="key", base_url=URL)
        handlers = jobs(database=world.database, insights=insights)
        unasked = {kind: lambda _: Done() for kind in ("send_sms", "withdrawal_waits")}
        self.worker = Worker(world.database, {**handlers, **unasked})

    def says(self, **answer: Any) -> None:  # noqa: ANN401
        self.wire.post(f"{URL}/sim-swap", **answer)

    def works(self) -> None:
        while self.worker.run_due():
            pass

    def asks(self) -> Withdrawal:
        asked = self.teller.asks(kes(500))
        self.works()
        return asked

    def answers(self, *, secret: str = "dev-at-secret", **fields: object) -> TestResponse:
        content = {"requestId": ID, "providerRefId": "1", "transactionId": "2", **fields}
        return self.exchange.posts("sim-swap", secret=secret, json=content)

    def day(self, days_ago: int) -> str:
        """Day, month, year, as the network spells it."""
        sql = f"(kibeezy_now() AT TIME ZONE 'Africa/Nairobi')::date - {days_ago}"
        return self.teller.column(f"SELECT to_char({sql}, 'DD-MM-YYYY')")[0]

    @property
    def bodies(self) -> list[Any]:
        return [json.loads(call.request.body or "null") for call in self.wire.calls]

    def because(self) -> list[str]:
        query = "SELECT details ->> 'because' FROM audit_event WHERE act = 'withdrawal.queued'"
        return self.teller.column(query)


@pytest.fixture
def network(world: World, exchange: Exchange) -> Iterator[Network]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        yield Network(world, wire, exchange)


def state(network: Network, asked: Withdrawal) -> str:
    return network.teller.state(asked)


def test_the_number_is_asked_about_and_the_payment_waits(network: Network) -> None:
    network.says(json=QUEUED)
    asked = network.asks()
    assert network.bodies == [{"username": "kibeezy", "phoneNumbers": [PHONE]}]
    assert (state(network, asked), network.teller.held) == ("requested", kes(500))


@pytest.mark.parametrize("spelt", ["NotSwapped", "Not Swapped", "NOT_SWAPPED"])
def test_an_old_sim_is_paid(network: Network, spelt: str) -> None:
    network.says(json=QUEUED)
    asked = network.asks()
    for _repeat in range(2):
        assert network.answers(status=spelt).status_code == 200
    assert (state(network, asked), network.because()) == ("queued", ["sim_not_swapped"])
    assert network.teller.column("SELECT kind FROM outbox WHERE kind = 'b2c_send'") == ["b2c_send"]


def test_a_sim_swapped_yesterday_gets_nothing_and_waits_a_week(network: Network) -> None:
    network.says(json=QUEUED)
    asked = network.asks()
    for _repeat in range(2):
        network.answers(status="Swapped", lastSimSwapDate=network.day(1))
    assert (state(network, asked), network.teller.money) == ("cancelled", kes(1000))
    left = "withdrawals_paused_until - kibeezy_now() BETWEEN '5 days 23 hours' AND '6 days'"
    assert network.teller.column(f"SELECT 'right' FROM player WHERE {left}") == ["right"]
    assert network.teller.column("SELECT kind FROM alarm") == ["sim_swapped"]
    assert network.teller.column("SELECT act FROM audit_event WHERE act LIKE '%paused'") == [
        "player.withdrawals_paused"
    ]
    [message] = network.exchange.queued()
    assert message.startswith("Your SIM is new, so for your safety KES 500 is back")
    network.world.moves(seconds=61)
    network.works()
    assert state(network, asked) == "cancelled"


@pytest.mark.parametrize(
    ("fields", "ends"),
    [
        ({"status": "Swapped"}, "cancelled"),
        ({"status": "Swapped", "lastSimSwapDate": "31-12-9999"}, "cancelled"),
        ({"status": "Swapped", "lastSimSwapDate": "2026-11-24"}, "cancelled"),
        ({"status": "Swapped", "lastSimSwapDate": "30-02-2026"}, "cancelled"),
        ({"status": "Swapped", "lastSimSwapDate": "05-03-2020"}, "queued"),
        ({"status": "Swapped", "lastSimSwapDate": "01-01-1900"}, "queued"),
        ({"status": "NotSwapped", "lastSimSwapDate": "01-01-1900"}, "queued"),
        ({"status": "Failed"}, "queued"),
        ({"status": ["Swapped"]}, "queued"),
        ({}, "queued"),
    ],
)
def test_other_answers(network: Network, fields: dict[str, Any], ends: str) -> None:
    network.says(json=QUEUED)
    asked = network.asks()
    assert network.answers(**fields).status_code == 200
    assert state(network, asked) == ends


def test_the_year_1900_means_never(network: Network) -> None:
    network.says(json=QUEUED)
    network.asks()
    network.answers(status="Swapped", lastSimSwapDate="01-01-1900")
    assert network.because() == ["sim_not_swapped"]


def test_an_answer_before_its_id_is_known_counts(network: Network) -> None:
    def answer_first(_request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        assert network.answers(status="Swapped").status_code == 200
        return 200, {}, json.dumps(QUEUED)

    network.wire.add_callback("POST", f"{URL}/sim-swap", answer_first)
    asked = network.asks()
    assert (state(network, asked), network.teller.money) == ("cancelled", kes(1000))


@pytest.mark.parametrize("answer", NO_ID.values(), ids=NO_ID)
def test_who_cannot_be_asked_about_is_paid(network: Network, answer: dict[str, Any]) -> None:
    network.says(**answer)
    asked = network.asks()
    assert (state(network, asked), network.because()) == ("queued", ["sim_not_asked"])


def test_without_an_answer_it_is_paid_after_a_minute(network: Network) -> None:
    network.says(json=QUEUED)
    asked = network.asks()
    network.world.moves(seconds=59)
    network.works()
    assert state(network, asked) == "requested"
    network.world.moves(seconds=2)
    network.worker.run_due()
    assert (state(network, asked), network.because()) == ("queued", ["sim_unanswered"])


def test_a_late_answer_cancels_what_only_waits_in_the_queue(network: Network) -> None:
    network.says(json=QUEUED)
    asked = network.asks()
    network.world.moves(seconds=61)
    network.worker.run_due()
    assert state(network, asked) == "queued"
    network.answers(status="Swapped", lastSimSwapDate=network.day(0))
    assert (state(network, asked), network.teller.money) == ("cancelled", kes(1000))
    assert network.teller.is_sent(asked) is None


def test_a_later_answer_pauses_what_comes_next(network: Network) -> None:
    network.says(json=QUEUED)
    asked = network.asks()
    network.world.moves(seconds=61)
    network.worker.run_due()
    assert network.teller.is_sent(asked) is not None
    network.answers(status="Swapped", lastSimSwapDate=network.day(0))
    assert (state(network, asked), network.teller.held) == ("sending", kes(500))
    assert network.teller.paused_until is not None
    assert network.teller.column("SELECT kind FROM alarm") == ["sim_swapped"]
    assert network.exchange.queued() == []


def test_the_first_answer_counts(network: Network) -> None:
    network.says(json=QUEUED)
    asked = network.asks()
    network.answers(status="NotSwapped")
    network.answers(status="Swapped")
    assert (state(network, asked), network.teller.paused_until) == ("queued", None)


def test_an_answer_to_no_question_of_ours_is_kept_and_changes_nothing(network: Network) -> None:
    network.says(json=QUEUED)
    asked = network.asks()
    assert network.answers(requestId="ATXSwid_other", status="Swapped").status_code == 200
    assert (state(network, asked), network.teller.paused_until) == ("requested", None)


@pytest.mark.parametrize("request_id", [None, "", 7.5, ["x"], "x" * 121])
def test_what_names_no_question_is_refused(network: Network, request_id: object) -> None:
    assert network.answers(requestId=request_id, status="Swapped").status_code == 400
    assert network.world.count("sim_answer") == 0


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b'{"a":' * 3000, b"\x00\xff"])
def test_what_is_no_answer_is_refused(network: Network, data: bytes) -> None:
    answer = network.exchange.posts("sim-swap", data=data, content_type="application/json")
    assert answer.status_code == 400


def test_a_stranger_is_told_nothing(network: Network) -> None:
    network.says(json=QUEUED)
    asked = network.asks()
    assert network.answers(secret="guessed", status="Swapped").status_code == 404
    assert state(network, asked) == "requested"


def test_a_worker_that_asks_twice_pays_once(network: Network) -> None:
    second = {"responses": [{"requestId": "ATXSwid_second", "status": "Queued"}]}
    network.says(json=QUEUED)
    network.says(json=second)
    asked = network.asks()
    with network.world.database.begin() as connection:
        again = "UPDATE outbox SET done_at = NULL, lease_until = NULL WHERE kind = 'sim_swap_ask'"
        connection.exec_driver_sql(again)
    network.works()
    assert len(network.bodies) == 2
    network.answers(requestId="ATXSwid_second", status="NotSwapped")
    assert state(network, asked) == "requested"
    network.answers(status="NotSwapped")
    assert state(network, asked) == "queued"
