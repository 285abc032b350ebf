"""Hubtel's hops: as its reference tells them, again, out of order, and at their end."""

import json
import threading

import pytest
from flask.testing import FlaskClient
from redis import Redis
from sqlalchemy import text

from core.money import kes
from tests.phone import AFRICAS_TALKING, HUBTEL, HUBTEL_ROUTE, Phone
from tests.ussd.gateways.caller import (
    ANSWERED,
    NUMBER,
    OTHER,
    POLITE,
    next_push,
    push_of,
    pushes,
)
from tests.world import PIN, World

# As the provider's reference prints it, but for the code and the country.
PRINTED = """{
    "Type": "Initiation",
    "Mobile": "254700000001",
    "SessionId": "3c796dac28174f739de4262d08409c51",
    "ServiceCode": "384*2030",
    "Message": "*384*2030#",
    "Operator": "vodafone",
    "Sequence": 1,
    "ClientState": "",
    "Platform": "USSD"
}"""


@pytest.mark.parametrize(
    "older", [("", ""), ('"Initiation"', '"initiation"'), ('"Sequence": 1', '"Sequence": "1"')]
)
def test_the_printed_push_gets_the_printed_answer(
    world: World, client: FlaskClient, older: tuple[str, str]
) -> None:
    world.has_player(NUMBER)
    told = client.post(
        HUBTEL_ROUTE, data=PRINTED.replace(*older), content_type="application/json; charset=utf-8"
    ).get_json()
    assert told.keys() == ANSWERED
    assert told["SessionId"] == "3c796dac28174f739de4262d08409c51"
    assert told["Type"] == "response"
    assert told["Message"].startswith("Kibeezy\n1. Bet\n2. Deposit")
    assert (told["ClientState"], told["DataType"], told["FieldType"]) == ("", "input", "text")


def test_the_last_page_releases(client: FlaskClient, bettor: Phone) -> None:
    told = client.post(HUBTEL_ROUTE, json=next_push(bettor, PIN)).get_json()
    assert told["Message"].startswith("Bet placed")
    assert (told["Type"], told["DataType"]) == ("release", "display")
    assert PIN not in json.dumps({**told, "Message": "", "SessionId": ""})


def test_a_repeated_hop_is_answered_byte_for_byte(
    world: World, client: FlaskClient, bettor: Phone
) -> None:
    push = next_push(bettor, PIN)
    first = client.post(HUBTEL_ROUTE, json=push).data
    world.gives(NUMBER, kes(1000))
    assert client.post(HUBTEL_ROUTE, json=push).data == first
    assert client.post(HUBTEL_ROUTE, json={**push, "Sequence": str(push["Sequence"])}).data == first
    assert world.wallet(NUMBER) == kes(1400)
    assert world.count("bet") == 1


def test_ten_copies_of_the_bet_at_once_are_one_bet(
    world: World, client: FlaskClient, bettor: Phone
) -> None:
    push = next_push(bettor, PIN)
    start = threading.Barrier(10)
    answers: list[bytes] = []

    def send() -> None:
        start.wait()
        answers.append(client.application.test_client().post(HUBTEL_ROUTE, json=push).data)

    threads = [threading.Thread(target=send) for _copy in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(answers) == 10
    assert len(set(answers)) == 1
    assert b"Bet placed" in answers[0]
    assert world.wallet(NUMBER) == kes(400)
    assert world.count("bet") == 1


@pytest.mark.parametrize("number", [2, 3, 4, 5, 7, 8, 999])
def test_a_number_that_does_not_follow_moves_nothing_and_leaves_the_session(
    world: World, client: FlaskClient, bettor: Phone, number: int
) -> None:
    shown = pushes(client, next_push(bettor, PIN, Sequence=number))
    assert POLITE in shown.page
    assert shown.hung_up
    assert world.wallet(NUMBER) == kes(500)
    bettor.repeats().shows("Enter PIN to bet").type(PIN).shows("Bet placed")


@pytest.mark.parametrize("changes", [{"Message": "200"}, {"Message": PIN}, {"Message": ""}])
def test_the_same_number_with_another_answer_is_no_repeat(
    world: World, client: FlaskClient, bettor: Phone, changes: dict[str, str]
) -> None:
    shown = pushes(client, push_of(bettor, **changes))
    assert POLITE in shown.page
    assert world.wallet(NUMBER) == kes(500)
    bettor.repeats().shows("Enter PIN to bet")


@pytest.mark.parametrize(
    "changes",
    [
        {"Type": "Response"},
        {"Sequence": 2},
        {"Sequence": True},
        {"Sequence": 1.0},
        {"Sequence": "01"},
        {"Sequence": None},
    ],
)
def test_only_an_initiation_with_number_one_opens_a_session(
    world: World, client: FlaskClient, changes: dict[str, object]
) -> None:
    world.has_player(NUMBER)
    push = {**HUBTEL.dialect.dials("*384*2030#", NUMBER), **changes}
    assert POLITE in pushes(client, push).page


def test_a_session_that_is_begun_again_in_its_middle_moves_nothing(
    client: FlaskClient, bettor: Phone
) -> None:
    again = push_of(bettor, Type="Initiation", Sequence=1, Message="*384*2030#")
    assert POLITE in pushes(client, again).page
    bettor.repeats().shows("Enter PIN to bet")


def test_the_first_hop_sent_twice_is_one_call(world: World, client: FlaskClient) -> None:
    # Safaricom has been seen to send the start of a session twice: vumi's pull request 304.
    world.has_player(NUMBER)
    phone = HUBTEL.phone(client, NUMBER).dial("*384*2030*5#").shows("1. Balance")
    phone.repeats().shows("1. Balance").type("00").shows("1. Bet")


def test_a_star_inside_an_answer_is_no_two_answers(world: World, bettor: Phone) -> None:
    bettor.type(f"{PIN}*{PIN}").shows("one answer at a time")
    assert world.wallet(NUMBER) == kes(500)
    bettor.type(PIN).shows("Bet placed")
    assert world.count("bet") == 1


def test_a_foreign_phone_gets_nothing_of_a_session(
    world: World, client: FlaskClient, bettor: Phone
) -> None:
    world.has_player(OTHER, balance=kes(500))
    foreign = next_push(bettor, PIN, Mobile=OTHER.removeprefix("+"))
    assert "Gor Mahia" not in pushes(client, foreign).page
    assert (world.wallet(NUMBER), world.wallet(OTHER)) == (kes(500), kes(500))
    bettor.repeats().shows("Enter PIN to bet")


def test_a_session_is_over_after_its_last_page(
    world: World, client: FlaskClient, bettor: Phone
) -> None:
    bettor.type(PIN).has_hung_up()
    assert "Please dial again" in pushes(client, next_push(bettor, PIN)).page
    assert world.count("bet") == 1


def test_a_session_that_redis_lost_moves_nothing(
    world: World, client: FlaskClient, bettor: Phone, redis_client: Redis
) -> None:
    redis_client.flushdb()
    assert "Please dial again" in pushes(client, next_push(bettor, PIN)).page
    assert world.wallet(NUMBER) == kes(500)


def test_two_gateways_may_give_the_same_session_id(
    world: World, client: FlaskClient, bettor: Phone
) -> None:
    bettor.type(PIN).shows("Bet placed")
    other = AFRICAS_TALKING.phone(client, NUMBER).dial()
    other.form["sessionId"] = bettor.form["SessionId"]
    other.repeats().shows("Your last bet was placed")
    other.choose("Bet").type("101").choose("YES").type("100").type(PIN).shows("Bet placed")
    assert world.count("bet") == 2


def test_no_other_gateway_can_name_a_session_of_this_one(
    client: FlaskClient, bettor: Phone, redis_client: Redis
) -> None:
    other = AFRICAS_TALKING.phone(client, NUMBER).dial()
    [key] = redis_client.scan_iter(f"ussd:*:session:*{bettor.form['SessionId']}")
    other.form["sessionId"] = key.decode().partition(":session:")[2]
    other.repeats().shows("garbled this").has_hung_up()


def test_who_was_cut_off_on_one_gateway_goes_on_over_the_other(
    world: World, client: FlaskClient, bettor: Phone
) -> None:
    phone = AFRICAS_TALKING.phone(client, NUMBER).dial().choose("Continue")
    phone.type(PIN).shows("Bet placed")
    HUBTEL.phone(client, NUMBER).dial().shows("Your last bet was placed")
    assert world.wallet(NUMBER) == kes(400)
    assert world.count("bet") == 1
    assert bettor.screen


@pytest.mark.parametrize("kind", ["Timeout", "timeout", "Release"])
def test_an_end_draws_no_page_and_touches_nothing(
    world: World, client: FlaskClient, bettor: Phone, kind: str
) -> None:
    shown = pushes(client, next_push(bettor, PIN, Type=kind))
    assert (shown.page, shown.hung_up) == ("Kibeezy", True)
    assert world.wallet(NUMBER) == kes(500)
    bettor.repeats().shows("Enter PIN to bet")


@pytest.mark.parametrize("kind", ["Timeout", "Release"])
def test_an_end_is_no_word_that_the_last_page_was_seen(
    client: FlaskClient, bettor: Phone, kind: str
) -> None:
    bettor.type(PIN).shows("Bet placed")
    pushes(client, next_push(bettor, "", Type=kind))
    bettor.dial().shows("Your last bet was placed")


@pytest.mark.parametrize("platform", ["Hubtel-App", "Webstore", "Web", "", None])
def test_only_a_number_that_a_network_vouches_for_is_believed(
    world: World, client: FlaskClient, platform: str | None
) -> None:
    world.has_player(NUMBER)
    push = {**HUBTEL.dialect.dials("*384*2030#", NUMBER), "Platform": platform}
    assert POLITE in pushes(client, push).page


@pytest.mark.parametrize(
    ("dialled", "shows"),
    [
        ("*384*2030#", "1. Bet"),
        ("*384*2030", "1. Bet"),
        ("*384*2030*5#", "1. Balance"),
        ("*384*2030*1*101*1*200*4826#", "How much on YES?"),
        ("*384*20301#", POLITE),
        ("*384#", POLITE),
        ("384*2030#", POLITE),
        ("", POLITE),
    ],
)
def test_what_was_dialled_stands_in_the_first_message(
    world: World, client: FlaskClient, dialled: str, shows: str
) -> None:
    world.has_market(label="Gor Mahia wins")
    world.has_player(NUMBER, balance=kes(500))
    push = HUBTEL.dialect.dials(dialled, NUMBER)
    assert shows in pushes(client, push).page
    assert world.wallet(NUMBER) == kes(500)


def test_a_wrong_secret_is_not_found(client: FlaskClient) -> None:
    assert client.post("/ussd/wrong/hubtel", json={}).status_code == 404
    assert client.get(HUBTEL_ROUTE).status_code == 405


def test_a_route_that_breaks_keeps_its_secret(
    world: World, client: FlaskClient, bettor: Phone, capfd: pytest.CaptureFixture[str]
) -> None:
    push = next_push(bettor, PIN)
    with world.owner.begin() as connection:
        connection.execute(text("ALTER TABLE bet RENAME TO bet_gone"))
    shown = pushes(client, push)
    with world.owner.begin() as connection:
        connection.execute(text("ALTER TABLE bet_gone RENAME TO bet"))
    assert shown.page.startswith("Sorry")
    logged = "".join(capfd.readouterr())
    assert "hop_failed" in logged
    for secret in ("dev-at-secret", f'"{PIN}"', f"'{PIN}'", push["SessionId"]):
        assert secret not in logged
