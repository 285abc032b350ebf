"""Which pages callers reach, answer and leave, over all web processes."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from app import Wiring, create_app
from core.money import kes
from core.settings import Settings
from tests.phone import ROUTE, Phone, ViaTestClient
from tests.world import PIN, World
from ussd.funnel import LEFT_AFTER_SECONDS, Counts, Funnel, sweep_between

OTHER = "+254700000002"
PAGES = ("home.main", "betting.start", "betting.side", "betting.stake", "betting.confirm")


@pytest.fixture
def funnel(redis_client: Redis) -> Funnel:
    return Funnel(redis_client)


@pytest.fixture
def phone_of(client: FlaskClient) -> Callable[[str], Phone]:
    """Africa's Talking's phones: these tests send its notices and change its fields."""
    return lambda number: Phone(ViaTestClient(client), number)


@pytest.fixture
def player(world: World, phone: Phone) -> Phone:
    world.has_market(label="Gor Mahia wins")
    world.has_player(phone.number, balance=kes(500))
    return phone


def minutes_pass(redis: Redis) -> None:
    """Everybody has stood where they stand for as long as a session lasts."""
    for caller in redis.zrange("funnel:{all}:since", 0, -1):
        assert isinstance(caller, bytes)
        redis.zincrby("funnel:{all}:since", -LEFT_AFTER_SECONDS, caller)


def notice(client: FlaskClient, phone: Phone, status: str) -> None:
    form = {**phone.form, "status": status, "input": phone.form["text"]}
    assert client.post(f"{ROUTE}/events", data=form).status_code == 200


def test_a_bet_answers_every_page_on_its_way_and_ends_on_the_receipt(
    player: Phone, funnel: Funnel
) -> None:
    player.dial().choose("Bet").choose("Gor").choose("YES").type("100").type(PIN)
    assert funnel.read() == {
        **{page: Counts(arrived=1, answered=1) for page in PAGES},
        "betting.placed": Counts(arrived=1),
    }


def test_a_repeated_hop_is_counted_once(player: Phone, funnel: Funnel) -> None:
    player.dial().repeats().choose("Bet").repeats().repeats()
    assert funnel.read()["home.main"] == Counts(arrived=1, answered=1)
    assert funnel.read()["betting.start"] == Counts(arrived=1)


def test_what_does_not_follow_reaches_no_page(player: Phone, funnel: Funnel) -> None:
    player.dial().choose("Bet")
    before = funnel.read()
    player.form["text"] = "9*9*9"
    player.repeats().shows("Please dial again")
    assert funnel.read() == before


def test_who_stands_on_a_page_until_the_session_is_over_has_left_there_once(
    player: Phone, funnel: Funnel, redis_client: Redis
) -> None:
    player.dial().choose("Bet")
    assert funnel.sweep() == 0
    assert funnel.read()["betting.start"] == Counts(arrived=1)
    minutes_pass(redis_client)
    assert funnel.sweep() == 1
    assert funnel.sweep() == 0
    player.dial()
    assert funnel.read()["betting.start"] == Counts(arrived=1, left=1)
    assert funnel.read()["home.main"].left == 0


def test_a_last_page_is_reached_and_neither_answered_nor_left(
    player: Phone, client: FlaskClient, funnel: Funnel, redis_client: Redis
) -> None:
    player.dial().choose("Deposit").type("100").has_hung_up()
    notice(client, player, "Incomplete")
    minutes_pass(redis_client)
    assert funnel.sweep() == 1
    player.dial()
    assert funnel.read()["depositing.prompt_follows"] == Counts(arrived=1)


def test_who_dials_again_has_left_the_page_before_once(
    player: Phone, client: FlaskClient, funnel: Funnel
) -> None:
    player.dial().choose("Bet").choose("Gor").choose("YES")
    old = dict(player.form)
    player.dial()
    assert funnel.read()["betting.stake"] == Counts(arrived=1, left=1)
    player.form = old
    notice(client, player, "Incomplete")
    assert funnel.read()["betting.stake"] == Counts(arrived=1, left=1)
    assert funnel.read()["arrival.cut_off"] == Counts(arrived=1)


def test_the_networks_notice_is_taken_at_once_and_never_twice(
    player: Phone, client: FlaskClient, funnel: Funnel, redis_client: Redis
) -> None:
    player.dial().choose("Bet")
    notice(client, player, "Incomplete")
    assert funnel.read()["betting.start"] == Counts(arrived=1, left=1)
    notice(client, player, "Incomplete")
    minutes_pass(redis_client)
    funnel.sweep()
    player.dial()
    assert funnel.read()["betting.start"] == Counts(arrived=1, left=1)


@pytest.mark.parametrize("status", ["Success", "Failed", "", "Abandoned"])
def test_only_incomplete_means_that_somebody_left(
    player: Phone, client: FlaskClient, funnel: Funnel, status: str
) -> None:
    player.dial()
    notice(client, player, status)
    assert funnel.read() == {"home.main": Counts(arrived=1)}


def test_a_notice_from_another_phone_counts_nobody(
    player: Phone, client: FlaskClient, funnel: Funnel
) -> None:
    player.dial()
    player.form["phoneNumber"] = OTHER
    notice(client, player, "Incomplete")
    assert funnel.read() == {"home.main": Counts(arrived=1)}


def test_every_arrival_is_answered_or_left_or_last_or_still_stood_on(
    player: Phone, phone_of: Callable[[str], Phone], world: World, funnel: Funnel
) -> None:
    world.has_player(OTHER, balance=kes(500))
    player.dial().choose("Bet").type("nonsense").type("0").type("99").choose("My account")
    phone_of(OTHER).dial("*384*2030*1#").choose("Gor").choose("NO").type("100").type(PIN)
    phone_of("+254700000003").dial()
    player.dial()
    counts = funnel.read().values()
    ends, standing = 1, 2
    open_ends = sum(one.arrived - one.answered - one.left for one in counts)
    assert open_ends == ends + standing


def test_the_client_that_asks_redis_again_counts_once(
    player: Phone, funnel: Funnel, redis_client: Redis
) -> None:
    # The answer to the second trip was lost, so the Redis client sends it again; or the process
    # died before it could let go and the gateway repeats the hop.
    player.dial()
    before = {key: redis_client.get(key) for key in redis_client.scan_iter("ussd:*")}
    for _again in range(2):
        player.form["text"] = "4"
        player.repeats().shows("Enter your PIN")
        for key, value in before.items():
            assert value is not None
            redis_client.set(key, value)
    assert funnel.read() == {
        "home.main": Counts(arrived=1, answered=1),
        "pin.ask": Counts(arrived=1),
    }


def test_losing_redis_loses_the_counts_and_nothing_else(
    player: Phone, funnel: Funnel, redis_client: Redis, world: World
) -> None:
    player.dial().choose("Bet")
    redis_client.flushdb()
    assert funnel.read() == {}
    assert funnel.sweep() == 0
    player.dial().choose("Bet").choose("Gor").choose("YES").type("100").type(PIN)
    player.shows("Bet placed")
    assert world.wallet(player.number) == kes(400)
    assert funnel.read()["betting.placed"] == Counts(arrived=1)


def test_counts_that_cannot_be_written_keep_nobody_from_betting(
    player: Phone, redis_client: Redis, client: FlaskClient, capfd: pytest.CaptureFixture[str]
) -> None:
    redis_client.set("funnel:{all}:counts", "no table")
    player.dial().choose("Bet").choose("Gor").choose("YES").type("100").type(PIN)
    player.shows("Bet placed").repeats().shows("Bet placed")
    assert client.get("/metrics").status_code == 200
    assert "session_not_stored" not in capfd.readouterr().err


def test_prometheus_is_told_the_same_by_every_web_process(
    player: Phone, client: FlaskClient, settings: Settings
) -> None:
    second = create_app(settings)
    player.dial()
    Phone(ViaTestClient(second.test_client()), player.number).dial().choose("Deposit")

    told = [metrics(client), metrics(second.test_client())]

    assert told[0] == told[1]
    assert told[0]["kibeezy_screen_arrived_total", "home.main"] == 2
    assert told[0]["kibeezy_screen_answered_total", "home.main"] == 1
    assert told[0]["kibeezy_screen_left_total", "home.main"] == 1
    wiring = second.extensions["kibeezy"]
    assert isinstance(wiring, Wiring)
    wiring.close()


def test_the_worker_sweeps_while_it_rests_and_outlasts_redis(
    app: Flask, player: Phone, funnel: Funnel, redis_client: Redis
) -> None:
    wiring = app.extensions["kibeezy"]
    assert isinstance(wiring, Wiring)
    player.dial()
    minutes_pass(redis_client)
    wiring.rest()(0.01)
    assert funnel.read()["home.main"] == Counts(arrived=1, left=1)
    rested: list[float] = []
    away = Funnel(Redis(port=9, retry=Retry(NoBackoff(), 0)))
    sweep_between(rested.append, away)(0.3)
    assert rested == [0.3]


def metrics(client: FlaskClient) -> dict[tuple[str, ...], float]:
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(client.get("/metrics").text)
        for sample in family.samples
        if sample.name.startswith("kibeezy_screen_")
    }
