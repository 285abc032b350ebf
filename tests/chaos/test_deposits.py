"""Deposits while processes die: credited once, with one prompt."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
import requests
from sqlalchemy import text

from core.money import kes
from tests.chaos.street import PATIENCE_SECONDS, Street, at_once, eventually
from tests.world import World

pytestmark = pytest.mark.processes

WANJIRU = "+254700000001"
# A database of the test's own has not seen another.
FIRST_DEPOSIT = 1


def deposits(street: Street, shillings: int = 1000, **handset: object) -> None:
    """A verified player asks for a deposit; the person at the phone approves."""
    street.world.has_player(WANJIRU)
    street.remote.set_handset(WANJIRU, next_answer="approve", **handset)
    page = street.phone(WANJIRU).dial().choose("Deposit").type(str(shillings))
    page.shows("wait for the M-Pesa prompt").has_hung_up()


def state(street: Street) -> str:
    with street.world.database.connect() as connection:
        return str(connection.execute(text("SELECT state FROM deposit")).scalar_one())


def credited_once(street: Street) -> None:
    street.await_wallet(WANJIRU, kes(1000))
    street.comes_to_rest()
    assert len(street.remote.get("/control/pushes")) == 1, "one prompt"
    assert [debit["amount"] for debit in street.remote.get("/control/journal")] == [1000]
    [message] = street.inbox(WANJIRU)
    assert message.startswith("Deposit of KES 1,000 received")
    assert "The ledger is sound" in street.types("ledger", "verify")
    assert street.world.count("transfer") == 1


def test_the_same_callback_ten_times_at_once(street: Street) -> None:
    street.remote.put("/control/faults", callback="drop")
    deposits(street)
    eventually(lambda: street.remote.get("/control/callbacks"))
    [callback] = street.remote.get("/control/callbacks")
    path = urlsplit(callback["url"]).path

    def post(web: int) -> int:
        url = street.web_urls[web] + path
        return requests.post(url, json=callback["body"], timeout=PATIENCE_SECONDS).status_code

    statuses = at_once(*[lambda web=n % 2: post(web) for n in range(10)])

    assert statuses == [200] * 10
    credited_once(street)
    verdicts = text("SELECT verdict FROM provider_callback ORDER BY verdict")
    with street.world.database.connect() as connection:
        judged = list(connection.execute(verdicts).scalars())
    assert judged == ["credited", *["repeated"] * 9]


def test_the_worker_is_killed_between_push_and_callback(street: Street) -> None:
    street.remote.put("/control/faults", callback="drop")
    deposits(street)
    eventually(lambda: street.remote.get("/control/callbacks"))
    eventually(lambda: state(street) == "pending")
    # Or the job of the push is the dead worker's for the rest of its lease.
    unfinished = "outbox WHERE kind = 'stk_push' AND done_at IS NULL"
    eventually(lambda: street.world.count(unfinished) == 0)
    street.worker.is_killed()

    # The web processes take the callback, and nobody is there to read it.
    assert street.remote.post("/control/callbacks/1/repeat") == {"statuses": [200]}
    assert street.world.wallet(WANJIRU) == kes(0)

    street.new_worker()
    credited_once(street)


@contextmanager
def nothing_is_noted_after_the_push(world: World) -> Iterator[None]:
    """Hold up the worker when it wants to write down that the push was accepted."""
    with world.owner.connect() as connection:
        connection.execute(
            text("INSERT INTO outbox (kind, key) VALUES ('stk_query', :key)"),
            {"key": f"stk_query:{FIRST_DEPOSIT}:0"},
        )
        yield
        connection.rollback()


@pytest.mark.parametrize("callback", ["in time", "late"])
def test_the_worker_is_killed_right_after_the_push(street: Street, callback: str) -> None:
    if callback == "late":
        # No statement either: it would be asked for where the hour ends meanwhile.
        street.remote.put("/control/faults", callback="drop", pull="empty")
    with nothing_is_noted_after_the_push(street.world):
        deposits(street)
        eventually(lambda: street.remote.get("/control/pushes"))
        street.worker.is_killed()
    assert state(street) == "submitting", "the worker died with the answer in its hands"

    street.new_worker()
    # The lease of the dead worker runs out.
    street.world.moves(seconds=61)
    if callback == "late":
        eventually(lambda: state(street) == "submit_unknown")
        assert street.world.wallet(WANJIRU) == kes(0)
        assert street.remote.post("/control/callbacks/1/repeat") == {"statuses": [200]}
    credited_once(street)
    assert state(street) == "succeeded"


def test_reconcile_finds_what_neither_callback_nor_statement_told(street: Street) -> None:
    street.remote.put("/control/faults", callback="drop", pull="empty")
    deposits(street)
    eventually(lambda: state(street) == "pending")
    # Or the job of the push is the dead worker's for the rest of its lease.
    unfinished = "outbox WHERE kind = 'stk_push' AND done_at IS NULL"
    eventually(lambda: street.world.count(unfinished) == 0)
    street.worker.is_killed()
    eventually(lambda: street.remote.get("/control/journal"))
    # Nobody is asked before the prompt must be over: until then the answer could still change.
    assert "about 0 deposits" in street.types("reconcile")
    street.world.moves(minutes=2)

    said = [street.types("reconcile", "--since", "1h") for _ in range(2)]

    assert "1 credited, 0 confirmed, 0 failed, 0 still unknown." in said[0]
    assert " 0 credited" in said[1]
    # The player paid after all, and hears of it from the next worker; the callback comes late.
    assert street.remote.post("/control/callbacks/1/repeat") == {"statuses": [200]}
    street.new_worker()
    credited_once(street)


def test_a_worker_that_is_asked_to_stop_finishes_what_it_holds(street: Street) -> None:
    deposits(street)
    street.await_wallet(WANJIRU, kes(1000))
    worker = street.worker.process
    assert worker is not None

    worker.terminate()

    assert worker.wait(PATIENCE_SECONDS) == 0
    held = text("SELECT count(*) FROM outbox WHERE done_at IS NULL AND lease_until > kibeezy_now()")
    with street.world.database.connect() as connection:
        assert connection.execute(held).scalar_one() == 0
