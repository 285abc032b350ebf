"""One access token for everybody, because a new one kills the one before."""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest
import requests
import responses
from flask import Flask
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from app import Wiring
from core.money import kes
from core.settings import Settings
from payments.mpesa.access import Access, NoAccess
from payments.mpesa.client import Mpesa, open_mpesa
from payments.mpesa.wire import PaymentRefused
from tests.payments.daraja import OAUTH, PUSH, Answer, accepted, error

DEAD_TOKEN = [
    error("404.001.03", "Invalid Access Token", 404),
    error("400.003.01", "Invalid Access Token", 400),
    error("401.002.01", "Error Occurred - Invalid Access Token", 401),
    error("401.003.01", "Invalid Access Token", 401),
    error("404.001.03", "Invalid Access Token", 200),
    (401, ""),
]


@dataclass
class TokenOffice:
    """Mints tokens; only the last one lives. Two threads that mint at once are noticed."""

    wire: responses.RequestsMock
    refusal: Answer = DEAD_TOKEN[0]
    minted: int = 0
    accepted: int = 0
    refused: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.wire.add_callback(responses.GET, OAUTH, self._mint)
        self.wire.add_callback(responses.POST, PUSH, self._push)

    def _mint(self, _: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        with self.lock:
            self.minted += 1
            return 200, {}, json.dumps({"access_token": f"t{self.minted}", "expires_in": 3599})

    def _push(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        with self.lock:
            alive = request.headers["Authorization"] == f"Bearer t{self.minted}"
            self.accepted += alive
            self.refused += not alive
        answer = accepted() if alive else self.refusal
        assert isinstance(answer, tuple)
        status, body = answer
        return status, {}, body if isinstance(body, str) else json.dumps(body)


@pytest.fixture
def office() -> Iterator[TokenOffice]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        yield TokenOffice(wire)


def process(settings: Settings, redis_client: Redis) -> Mpesa:
    """A client as another process would have it: only Redis is shared."""
    return open_mpesa(settings=settings, redis_client=redis_client)


def push(mpesa: Mpesa) -> str:
    return mpesa.request_payment(
        phone="+254708374149", amount=kes(10), reference="ABCDEFGH", callback_url="http://x/y"
    ).checkout_request_id


def test_processes_share_one_token(
    settings: Settings, redis_client: Redis, office: TokenOffice
) -> None:
    for _ in range(3):
        push(process(settings, redis_client))
    assert office.minted == 1
    [name] = redis_client.keys("mpesa:token:*")
    assert 3500 < redis_client.ttl(name) <= 3539, "renewed a minute before it dies"


@pytest.mark.parametrize("refusal", DEAD_TOKEN, ids=str)
def test_a_dead_token_of_any_shape_is_replaced_and_the_push_sent_once_more(
    settings: Settings, redis_client: Redis, office: TokenOffice, refusal: Answer
) -> None:
    office.refusal = refusal
    push(process(settings, redis_client))
    office.minted += 1  # Somebody outside of our Redis minted a token, and killed ours.
    push(process(settings, redis_client))
    assert office.minted == 3
    assert (office.accepted, office.refused) == (2, 1)


def test_a_killed_token_is_renewed_in_one_flight(
    settings: Settings, redis_client: Redis, office: TokenOffice
) -> None:
    processes = [process(settings, redis_client) for _ in range(8)]
    push(processes[0])
    office.minted += 1
    together = threading.Barrier(len(processes))

    def push_at_once(mpesa: Mpesa) -> None:
        together.wait()
        push(mpesa)

    with ThreadPoolExecutor(len(processes)) as pool:
        list(pool.map(push_at_once, processes))
    assert office.minted == 3, "one refresh for eight that noticed"
    assert office.accepted == 9


def test_a_token_that_stays_refused_is_a_refusal(
    settings: Settings, redis_client: Redis, office: TokenOffice
) -> None:
    office.wire.replace(responses.POST, PUSH, status=404, json=DEAD_TOKEN[0][1])  # type: ignore[index]
    with pytest.raises(PaymentRefused):
        push(process(settings, redis_client))
    assert len([c for c in office.wire.calls if c.request.method == "POST"]) == 2


def test_without_redis_each_process_has_its_own(settings: Settings, office: TokenOffice) -> None:
    nobody = Redis(host="127.0.0.1", port=9, retry=Retry(NoBackoff(), 0))
    mpesa = process(settings, nobody)
    push(mpesa)
    push(mpesa)
    assert office.minted == 1
    office.minted += 1
    push(mpesa)
    assert office.minted == 3


def test_a_token_that_redis_does_not_take_is_not_minted_again(
    settings: Settings, redis_client: Redis, office: TokenOffice
) -> None:
    # A login that may lock, and may neither read nor write the token.
    redis_client.acl_setuser(
        "locker", enabled=True, nopass=True, keys=["*:lock"], categories=["+@all"]
    )
    narrow = Redis.from_url(settings.redis_url, username="locker", password="any")
    access = Access(settings=settings, redis_client=narrow)
    assert (access.token(), access.token()) == ("t1", "t1")
    assert office.minted == 1
    narrow.close()
    redis_client.acl_deluser("locker")


def test_a_process_has_one_client_and_one_budget(app: Flask) -> None:
    wiring = app.extensions["kibeezy"]
    assert isinstance(wiring, Wiring)
    assert wiring.mpesa is wiring.mpesa
    assert wiring.budget is wiring.budget


def test_a_wrong_key_is_no_access(settings: Settings, redis_client: Redis) -> None:
    with responses.RequestsMock() as wire:
        wire.add(responses.GET, OAUTH, status=400, body="")
        with pytest.raises(NoAccess, match="oauth_http_400"):
            Access(settings=settings, redis_client=redis_client).token()
        with pytest.raises(PaymentRefused):
            push(process(settings, redis_client))
