"""Hops as a gateway may send them: again, late, out of order, or not from a gateway at all."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from prometheus_client import REGISTRY
from redis import Redis

from core.markets.market import lock_market
from core.money import kes
from core.text import Language
from tests.phone import ROUTE, Phone, ViaTestClient
from tests.world import PIN, World
from ussd.session import Session
from ussd.sessions import LEASE_MS, Sessions
from ussd.transcript import Transcript

LONGEST_HOP_SECONDS = 8
ONE, OTHER = "+254700000001", "+254700000002"


@pytest.fixture
def bettor(world: World, phone: Phone) -> Phone:
    """A caller one PIN away from a bet of 100."""
    world.has_market(label="Gor Mahia wins")
    world.has_player(phone.number, balance=kes(500))
    return phone.dial().choose("Bet").choose("Gor Mahia").choose("YES").type("100")


def test_a_repeated_hop_is_answered_byte_for_byte(world: World, bettor: Phone) -> None:
    question = bettor.screen
    assert bettor.repeats().screen == question
    receipt = bettor.type(PIN).shows("Bet placed").screen
    world.gives(bettor.number, kes(1000))
    assert bettor.repeats().screen == receipt
    assert world.wallet(bettor.number) == kes(1400)


def test_ten_copies_of_the_bet_at_once_are_one_bet(
    world: World, bettor: Phone, client: FlaskClient
) -> None:
    form = {**bettor.form, "text": f"{bettor.form['text']}*{PIN}"}
    start = threading.Barrier(10)
    answers: list[str] = []

    def send() -> None:
        start.wait()
        answers.append(client.application.test_client().post(ROUTE, data=form).text)

    threads = [threading.Thread(target=send) for _copy in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(answers)) == 1
    assert answers[0].startswith("END Bet placed")
    assert world.wallet(bettor.number) == kes(400)
    assert world.count("bet") == 1


def test_a_repeat_after_redis_lost_everything_moves_nothing_more(
    world: World, bettor: Phone, redis_client: Redis
) -> None:
    bettor.type(PIN).shows("Bet placed")
    redis_client.flushdb()
    bettor.repeats().shows("Choose a market")
    assert world.wallet(bettor.number) == kes(400)


def test_a_session_that_redis_lost_starts_again_and_moves_nothing(
    world: World, bettor: Phone, redis_client: Redis
) -> None:
    redis_client.flushdb()
    bettor.type(PIN).shows("Choose a market").lacks("Bet placed")
    assert world.wallet(bettor.number) == kes(500)


def test_a_commit_whose_page_was_lost_is_found_by_its_key(
    world: World, bettor: Phone, redis_client: Redis
) -> None:
    # The process died after COMMIT and before it could store the page: Redis still has the
    # session as it was, and the gateway sends the hop again.
    before = {key: redis_client.get(key) for key in redis_client.scan_iter("ussd:*")}
    receipt = bettor.type(PIN).shows("Bet placed").screen
    for key, value in before.items():
        assert value is not None
        redis_client.set(key, value)
    assert bettor.repeats().screen == receipt
    assert world.wallet(bettor.number) == kes(400)


@pytest.mark.parametrize(
    "text", ["1", "1*1", "1*1*1*999", "9*9*9*9*4826", "1*1*1*1004826", "1*1*1*10"]
)
def test_a_text_that_does_not_follow_moves_nothing_and_leaves_the_session(
    world: World, bettor: Phone, text: str
) -> None:
    known = dict(bettor.form)
    bettor.form["text"] = text
    bettor.repeats().shows("No money was taken").has_hung_up()
    bettor.form = known
    bettor.repeats().shows("Enter PIN to bet")
    assert world.wallet(bettor.number) == kes(500)


def test_a_star_inside_an_answer_is_no_two_answers(world: World, bettor: Phone) -> None:
    bettor.type(f"{PIN}*{PIN}").shows("one answer at a time")
    assert world.wallet(bettor.number) == kes(500)
    bettor.type(PIN).shows("Bet placed")
    assert world.count("bet") == 1


def test_a_foreign_phone_gets_nothing_of_a_session(world: World, bettor: Phone) -> None:
    known = dict(bettor.form)
    bettor.form["phoneNumber"] = OTHER
    bettor.repeats().shows("Welcome to Kibeezy")
    bettor.form["text"] += f"*{PIN}"
    bettor.repeats().lacks("Gor Mahia")
    assert world.wallet(ONE) == kes(500)
    bettor.form = known
    bettor.repeats().shows("Enter PIN to bet")


def test_a_session_is_over_after_its_last_page(world: World, bettor: Phone) -> None:
    bettor.type(PIN).has_hung_up()
    bettor.form["text"] += f"*{PIN}"
    bettor.repeats().shows("Please dial again").has_hung_up()
    assert world.count("bet") == 1


@pytest.mark.parametrize(
    "change",
    [
        {"phoneNumber": " 254700000001"},
        {"phoneNumber": "254700000001"},
        {"phoneNumber": "+12025550123"},
        {"phoneNumber": ""},
        {"sessionId": ""},
        {"sessionId": "x" * 500},
        {"sessionId": "a b"},
        {"serviceCode": "*999#"},
        {"text": "1\x00"},
        {"text": "1*" * 3000},
    ],
)
def test_what_no_gateway_sends_gets_a_polite_end(
    client: FlaskClient, change: dict[str, str]
) -> None:
    form = {
        "sessionId": "ATUid_1",
        "serviceCode": "*384*2030#",
        "phoneNumber": ONE,
        "networkCode": "63902",
        "text": "",
    }
    answer = client.post(ROUTE, data={**form, **change})
    assert answer.status_code == 200
    assert answer.text.startswith("END ")
    assert answer.content_type.startswith("text/plain")


@pytest.mark.parametrize("body", [b"", b"\xff\xfe\x00", b"sessionId=%00&text=%ff", b"x" * 20_000])
def test_no_body_whatever_is_an_error(client: FlaskClient, body: bytes) -> None:
    for content_type in ("application/x-www-form-urlencoded", "application/json", "", "text/xml"):
        answer = client.post(ROUTE, data=body, content_type=content_type)
        assert answer.status_code == 200
        assert answer.text.startswith("END ")


@pytest.mark.parametrize("keys", ["🙂", "#", "ng\u2019ombe", "9" * 80, "0 0", "-1", "٣", "1.", ""])
def test_nonsense_keeps_the_caller_on_the_page(world: World, phone: Phone, keys: str) -> None:
    world.has_player(phone.number)
    phone.dial().type(keys).shows("1. Bet")


def test_a_wrong_secret_is_not_found(client: FlaskClient) -> None:
    for path in ("/ussd/wrong", "/ussd/wrong/events", "/ussd/"):
        assert client.post(path, data={}).status_code == 404


def test_either_secret_works_while_one_is_rotated_out(
    world: World, client: FlaskClient, phone_of: Callable[[str], Phone]
) -> None:
    assert world.count("player") == 0
    assert client.post("/ussd/dev-at-secret/events", data={"input": PIN}).status_code == 200
    assert phone_of(ONE).dial().screen


def test_the_page_is_named_for_the_dashboard(world: World, client: FlaskClient) -> None:
    world.has_player(ONE)
    phone = Phone(ViaTestClient(client), ONE).dial()
    response = client.post(ROUTE, data=phone.form)
    assert response.headers["at-ussd-hop-metadata"] == "home.main"


def test_a_session_that_this_code_cannot_read_is_as_good_as_lost(
    world: World, bettor: Phone, redis_client: Redis
) -> None:
    for key in redis_client.scan_iter("ussd:*"):
        redis_client.set(key, b'{"standing": ["gone.screen"]}')
    bettor.type(PIN).shows("Choose a market")
    assert world.wallet(bettor.number) == kes(500)


def test_a_hop_that_waits_for_a_lock_ends_in_time_and_moves_nothing(
    world: World, bettor: Phone
) -> None:
    with world.owner.begin() as connection:
        lock_market(connection, market_id=101)
        began, late = time.monotonic(), _failures("deadline")
        bettor.type(PIN).shows("Dial again: we will tell you").has_hung_up()
        assert time.monotonic() - began < LONGEST_HOP_SECONDS
    # The last try was given up before the limit broke it off, and its connection with it.
    assert _failures("deadline") == late
    assert world.wallet(bettor.number) == kes(500)


def test_a_hop_that_lost_its_hold_does_not_overwrite_the_next(redis_client: Redis) -> None:
    sessions = Sessions(redis_client)
    old = sessions.begin("caller", "one")
    redis_client.delete(*redis_client.scan_iter("ussd:*:hold:*"))
    new = sessions.begin("caller", "one")
    caller = Session("one", Language.ENGLISH, Transcript(0, ""), body="newer")
    sessions.finish(new, caller, work_waits=False)
    sessions.finish(old, replace(caller, body="older"), work_waits=False)
    found = sessions.begin("caller", "one").session
    assert found is not None
    assert found.body == "newer"


def test_a_hold_whose_answer_was_lost_on_the_way_is_still_ours(redis_client: Redis) -> None:
    # The Redis client sends the trip again, with the same token.
    sessions = Sessions(redis_client)
    keys = ["session", "hold", "last", "tried", "newest"]
    tokens = ["ours", "ours", "another's"]
    taken = [sessions._begin(keys=keys, args=[token, LEASE_MS, "one", 600])[0] for token in tokens]
    assert taken == [1, 1, 0]


def _failures(reason: str) -> float:
    return REGISTRY.get_sample_value("kibeezy_hop_failures_total", {"reason": reason}) or 0.0
