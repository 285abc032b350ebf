"""Deposits against the simulator, over real sockets in both directions."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from redis import Redis
from werkzeug.serving import make_server

from core.deposits.records import Deposit
from core.money import kes
from core.settings import Settings
from simulator.config import Config
from simulator.server import serve_in_thread
from tests.payments.till import PHONE, Till
from tests.simulator.remote import Remote
from tests.world import World


@dataclass
class Street:
    """A phone, Daraja and us."""

    till: Till
    remote: Remote

    def phone_will(self, answer: str) -> None:
        self.remote.set_handset(PHONE, next_answer=answer)

    def faults(self, **faults: object) -> None:
        self.remote.put("/control/faults", **faults)

    def deposits(self, shillings: int = 1000) -> Deposit:
        deposit = self.till.asks(kes(shillings))
        self.goes_on()
        return deposit

    def goes_on(self, **step: float) -> None:
        """Let time pass for us, then the worker work and the callbacks arrive."""
        self.till.world.moves(**step)
        self.till.works()
        self.remote.settle()
        self.till.works()

    def taken_from_phone(self) -> int:
        return sum(debit["amount"] for debit in self.remote.get("/control/journal"))


@pytest.fixture
def street(world: World, settings: Settings, redis_client: Redis) -> Iterator[Street]:
    simulator = serve_in_thread(Config(port=0, callback_delay_seconds=0))
    remote = Remote(url=simulator.url)
    remote.post("/control/reset")
    # The address of the callbacks is known only once the server has its port.
    till = Till(
        world,
        settings.model_copy(
            update={"mpesa_base_url": simulator.url, "mpesa_queries_per_minute": 600_000}
        ),
        redis_client,
    )
    server = make_server("127.0.0.1", 0, till.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    till.settings = till.settings.model_copy(
        update={"public_url": f"http://127.0.0.1:{server.server_port}"}
    )
    till.open_worker()
    yield Street(till, remote)
    simulator.stop()
    server.shutdown()
    server.server_close()
    thread.join()


def test_an_approved_deposit(street: Street) -> None:
    street.phone_will("approve")
    deposit = street.deposits(1000)
    assert street.till.wallet == kes(1000)
    assert street.taken_from_phone() == 1000
    assert street.till.now(deposit).receipt is not None
    street.goes_on(seconds=31)
    assert street.till.now(deposit).confirmed_at is not None


@pytest.mark.parametrize(
    ("answer", "words"),
    [("cancel", "cancelled"), ("wrong_pin", "PIN was wrong"), ("insufficient", "not have enough")],
)
def test_a_deposit_that_fails(street: Street, answer: str, words: str) -> None:
    street.phone_will(answer)
    deposit = street.deposits()
    assert street.till.state(deposit) == "failed"
    assert words in street.till.messages()[0]
    assert street.till.wallet == kes(0)
    assert street.taken_from_phone() == 0


@pytest.mark.parametrize("fault", ["in_flight", "no_answer", "empty_error", "throttle"])
def test_a_lost_callback_is_found_although_the_query_is_moody(street: Street, fault: str) -> None:
    street.phone_will("approve")
    street.faults(callback="drop", query={"fault": fault, "times": 2})
    street.deposits()
    assert street.till.wallet == kes(0)
    street.goes_on(seconds=31)
    street.goes_on(seconds=45)
    assert street.till.wallet == kes(0)
    street.goes_on(seconds=46)
    assert street.till.wallet == kes(1000)


def test_three_copies_of_a_callback(street: Street) -> None:
    street.phone_will("approve")
    street.faults(callback="duplicate")
    street.deposits()
    assert street.till.wallet == kes(1000)
    assert len(street.till.verdicts()) == 3


def test_a_lying_query_freezes_until_transaction_status_tells(
    street: Street,
) -> None:
    street.phone_will("approve")
    deposit = street.deposits()
    street.faults(query="lie")
    street.goes_on(seconds=31)
    assert street.till.state(deposit) == "succeeded"
    assert street.till.now(deposit).confirmed_at is not None
    moved = "SELECT kind FROM transfer ORDER BY id"
    assert street.till.column(moved) == ["deposit", "freeze", "unfreeze"]
    assert (street.till.wallet, street.till.held) == (kes(1000), kes(0))


def test_a_push_whose_answer_is_lost_is_credited_once(street: Street) -> None:
    street.phone_will("approve")
    street.faults(push={"fault": "lose_answer", "times": 1})
    deposit = street.deposits()
    street.goes_on(minutes=2)
    assert street.till.state(deposit) == "succeeded"
    assert street.till.wallet == kes(1000)
    assert street.taken_from_phone() == 1000
    assert len(street.remote.get("/control/pushes")) == 1


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        ("html", "submit_unknown"),
        ("error_500", "submit_unknown"),
        ("refuse", "rejected"),
        ("busy", "rejected"),
    ],
)
def test_pushes_that_daraja_does_not_take(street: Street, fault: str, state: str) -> None:
    street.faults(push=fault)
    deposit = street.deposits()
    assert street.till.state(deposit) == state
    assert street.till.wallet == kes(0)


def test_a_token_killed_by_somebody_else_costs_nothing(street: Street) -> None:
    street.phone_will("approve")
    street.faults(oauth={"fault": "kill_token", "times": 1})
    street.deposits()
    assert street.till.wallet == kes(1000)
