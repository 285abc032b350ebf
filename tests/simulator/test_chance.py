"""Chance: the same seed and the same calls give the same identifiers and the same faults."""

from typing import Any

import pytest
import requests

from tests.simulator.merchant import Merchant
from tests.simulator.remote import Remote
from tests.simulator.service import FakeService

MORNING = "2026-11-25T06:00:00+03:00"
RATES = {
    "push.accepted_500": 0.2,
    "push.busy": 0.1,
    "prompt.code_26": 0.1,
    "callback.drop": 0.2,
    "callback.delay": {"rate": 0.3, "seconds": [10, 7200]},
    "callback.late_success": 0.2,
    "query.no_answer": 0.3,
}


def day(merchant: Merchant, remote: Remote, *, seed: int) -> dict[str, Any]:
    """Live through 40 pushes of a minute each, and return all that can be seen of them."""
    remote.post("/control/reset")
    remote.put("/control/clock", stands_at=MORNING)
    remote.put("/control/chance", seed=seed, rates=RATES)
    remote.set_handset(next_answer="approve", sticky=True)
    merchant.sign_in()
    answers = []
    for _ in range(40):
        pushed = merchant.push()
        remote.post("/control/clock/advance", seconds=60)
        answers.append((pushed.status_code, pushed.text))
        if pushed.ok:
            answers.append((0, merchant.query(pushed.json()["CheckoutRequestID"]).text))
    remote.post("/control/clock/advance", seconds=86_400)
    remote.dial()
    return {
        "answers": answers,
        "token": merchant.token,
        "pushes": remote.get("/control/pushes"),
        "journal": remote.get("/control/journal"),
        "callbacks": [
            (one["at"], one["body"], one["dropped"]) for one in remote.get("/control/callbacks")
        ],
        "counts": remote.get("/control/counts"),
        "session": remote.handset()["dialog"]["session_id"],
    }


def test_a_seed_repeats_a_whole_day(merchant: Merchant, remote: Remote) -> None:
    first = day(merchant, remote, seed=7)
    assert day(merchant, remote, seed=7) == first
    assert first["counts"].keys() == RATES.keys()


def test_another_seed_makes_another_day(merchant: Merchant, remote: Remote) -> None:
    first, second = day(merchant, remote, seed=7), day(merchant, remote, seed=8)
    assert {push["receipt"] for push in first["pushes"]} & {
        push["receipt"] for push in second["pushes"]
    } <= {None}
    assert first["counts"] != second["counts"]


def test_a_delay_by_chance_lies_between_its_bounds(
    merchant: Merchant, remote: Remote, service: FakeService
) -> None:
    remote.put("/control/clock", stands_at=MORNING)
    remote.put("/control/chance", rates={"callback.delay": {"rate": 1, "seconds": [100, 200]}})
    remote.set_handset(next_answer="approve")
    merchant.pushed()
    remote.post("/control/clock/advance", seconds=99)
    assert service.callbacks.empty()
    assert remote.get("/control/clock")["next_due"] > "2026-11-25T06:01:40+03:00"
    remote.post("/control/clock/advance", seconds=101)
    assert service.callbacks.qsize() == 1


def test_an_ordered_fault_goes_before_chance(merchant: Merchant, remote: Remote) -> None:
    merchant.sign_in()
    remote.put("/control/chance", rates={"push.busy": 1})
    remote.put("/control/faults", push="quota", times=1)
    codes = [merchant.push().json()["errorCode"] for _ in range(2)]
    assert codes == ["500.003.03", "500.003.02"]
    assert remote.get("/control/counts") == {"push.busy": 1, "push.quota": 1}


def test_the_seed_and_the_rates_can_be_read(remote: Remote) -> None:
    remote.put("/control/chance", seed=7, rates={"ussd.drop": 0.25})
    assert remote.get("/control/chance") == {
        "seed": 7,
        "rates": {"ussd.drop": {"rate": 0.25, "seconds": [30, 30]}},
    }
    remote.put("/control/chance", seed=8)
    assert remote.get("/control/chance")["rates"]
    remote.put("/control/chance", rates={})
    assert remote.get("/control/chance") == {"seed": 8, "rates": {}}


@pytest.mark.parametrize(
    "rates",
    [
        {"push.explode": 0.1},
        {"nowhere.drop": 0.1},
        {"push": 0.1},
        {"push.busy": 1.1},
        {"push.busy": 0.6, "push.quota": 0.6},
    ],
)
def test_wrong_rates_are_refused_and_change_nothing(
    remote: Remote, rates: dict[str, float]
) -> None:
    answer = requests.put(f"{remote.url}/control/chance", json={"rates": rates}, timeout=5)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert remote.get("/control/chance")["rates"] == {}


def test_a_reset_draws_another_seed_and_ends_chance(remote: Remote) -> None:
    remote.put("/control/chance", seed=7, rates={"push.busy": 1})
    remote.post("/control/reset")
    chance = remote.get("/control/chance")
    assert (chance["rates"], remote.get("/control/counts")) == ({}, {})
    assert chance["seed"] != 7
