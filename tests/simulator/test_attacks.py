"""Attacks: what somebody who is not Daraja posts, as the service hears it."""

import json
from typing import Any

import pytest
import requests

from tests.simulator.merchant import Merchant
from tests.simulator.remote import PHONE, Remote
from tests.simulator.service import FakeService, Heard

OTHER = "254711000002"


def attack(remote: Remote, service: FakeService, kind: str) -> Heard:
    answer = remote.post("/control/attack", kind=kind)
    assert answer == {"kind": kind, "statuses": [200]}
    assert remote.get("/control/counts")[f"attack.{kind}"] == 1
    assert remote.get("/control/callbacks")[-1]["attack"] == kind
    return service.callbacks.get_nowait()


def claims(heard: Heard) -> Any:  # noqa: ANN401 - JSON
    call = json.loads(heard.body)["Body"]["stkCallback"]
    assert call["ResultCode"] == 0
    return call


@pytest.mark.parametrize(
    ("kind", "right_path", "right_id", "address"),
    [
        ("no_token", False, True, None),
        ("guessed_token", False, True, None),
        ("guessed_checkout_id", True, False, None),
        ("spoofed_address", False, True, "196.201.212.69"),
        ("stranger_with_token", True, True, "41.90.64.7"),
    ],
)
def test_a_forgery_claims_success_for_what_nobody_paid(
    merchant: Merchant,
    remote: Remote,
    service: FakeService,
    kind: str,
    right_path: bool,  # noqa: FBT001 - a column of the table
    right_id: bool,  # noqa: FBT001 - a column of the table
    address: str | None,
) -> None:
    checkout_id = merchant.pushed()
    heard = attack(remote, service, kind)
    assert (heard.path == "/payments/stk/abc123") == right_path
    assert (claims(heard)["CheckoutRequestID"] == checkout_id) == right_id
    assert heard.headers.get("X_FORWARDED_FOR") == address
    assert remote.get("/control/journal") == []


def test_the_path_without_a_token_ends_before_it(
    merchant: Merchant, remote: Remote, service: FakeService
) -> None:
    merchant.pushed()
    assert attack(remote, service, "no_token").path == "/payments/stk/"


def test_a_guessed_token_is_as_long_as_the_right_one(
    merchant: Merchant, remote: Remote, service: FakeService
) -> None:
    merchant.pushed()
    path = attack(remote, service, "guessed_token").path
    assert len(path) == len("/payments/stk/abc123")


def test_a_replay_is_the_old_callback_byte_by_byte(
    merchant: Merchant, remote: Remote, service: FakeService
) -> None:
    remote.set_handset(next_answer="approve")
    merchant.pushed()
    remote.settle()
    original = service.callbacks.get_nowait()
    assert attack(remote, service, "replay") == original


def test_a_payment_is_replayed_to_the_token_of_another(
    merchant: Merchant, remote: Remote, service: FakeService
) -> None:
    remote.set_handset(next_answer="approve")
    merchant.pushed()
    remote.settle()
    original = service.callbacks.get_nowait()
    merchant.callback_url = merchant.callback_url.replace("abc123", "def456")
    merchant.pushed(PhoneNumber=OTHER, PartyA=OTHER)
    heard = attack(remote, service, "cross_payment_replay")
    assert (heard.path, heard.body) == ("/payments/stk/def456", original.body)


def test_a_forgery_is_about_the_latest_push_that_nobody_paid(
    merchant: Merchant, remote: Remote, service: FakeService
) -> None:
    phones = [f"25470000000{number}" for number in (1, 2, 3, 4)]
    ids = [merchant.pushed(PhoneNumber=phone, PartyA=phone) for phone in phones]
    remote.settle()
    for phone in (phones[0], phones[3]):
        remote.post(f"/control/handsets/{phone}/prompt", answer="approve")
    remote.settle()
    assert service.callbacks.qsize() == 2
    service.clear()
    heard = attack(remote, service, "stranger_with_token")
    assert claims(heard)["CheckoutRequestID"] == ids[2]


def test_a_forgery_is_no_payment_to_replay(
    merchant: Merchant, remote: Remote, service: FakeService
) -> None:
    merchant.pushed()
    attack(remote, service, "stranger_with_token")
    assert remote.try_post("/control/attack", kind="replay").status_code == 409


@pytest.mark.parametrize("kind", ["no_token", "replay", "cross_payment_replay"])
def test_there_is_nothing_to_attack_yet(remote: Remote, kind: str) -> None:
    assert remote.try_post("/control/attack", kind=kind).status_code == 409
    assert remote.get("/control/counts") == {}


def test_an_unknown_attack_is_refused(remote: Remote) -> None:
    answer = requests.post(f"{remote.url}/control/attack", json={"kind": "bribe"}, timeout=5)
    assert answer.status_code == 400


def test_an_attack_takes_no_money_and_ends_no_prompt(
    merchant: Merchant, remote: Remote, service: FakeService
) -> None:
    merchant.pushed()
    remote.settle()
    attack(remote, service, "stranger_with_token")
    assert remote.handset(PHONE)["prompt"] is not None
    assert remote.handset(PHONE)["mpesa_balance"] == 50_000
