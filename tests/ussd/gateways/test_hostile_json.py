"""Whatever is posted as Hubtel: a polite page in the provider's form, and nothing has moved."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given
from hypothesis import settings as how
from hypothesis import strategies as st
from prometheus_client import REGISTRY
from redis import Redis

from core.money import kes
from tests.phone import HUBTEL_ROUTE, Phone
from tests.ussd.gateways.caller import NUMBER, POLITE, next_push, posts, push_of, pushes
from tests.world import PIN, World
from ussd.routes import LARGEST_BODY_BYTES

HOSTILE: dict[str, list[object]] = {
    "Sequence": [
        None,
        "",
        "six",
        "06",
        "6.0",
        " 6",
        "6\n",
        "\u0666",
        "-6",
        "+6",
        0,
        -6,
        6.0,
        6.5,
        True,
        1_000,
        10**30,
        "9" * 400,
        [6],
        {"6": 6},
    ],
    "Message": [None, 4826, 4826.0, True, [PIN], {"Message": PIN}, "4826\x00", "\ufffd", "9" * 183],
    "SessionId": [None, "", 7, True, "a b", "a/b", "../x", "x:hold", "\u0661", "x" * 65, ["x"]],
    "Mobile": [
        None,
        254700000001,
        True,
        "",
        "+254700000001",
        "0700000001",
        "700000001",
        " 254700000001",
        "254-700-000-001",
        "254700000001\n",
        "233200585542",
        "254200000001",
        "2547000000012",
        "\u0662\u0665\u0664700000001",
        ["254700000001"],
    ],
    "Type": [None, "", 1, True, "AddToCart", "Query", "Favorite", "response ", ["Response"]],
    "Platform": [None, "", "Web", "Hubtel-App", 1, ["USSD"]],
}


def failures(reason: str) -> float:
    return REGISTRY.get_sample_value("kibeezy_hop_failures_total", {"reason": reason}) or 0


@pytest.mark.parametrize("name", HOSTILE)
def test_a_field_that_no_gateway_sends_moves_nothing_and_leaves_the_session(
    world: World, client: FlaskClient, bettor: Phone, name: str
) -> None:
    before = failures("malformed"), failures("error")
    for value in HOSTILE[name]:
        shown = pushes(client, next_push(bettor, PIN, **{name: value}))
        assert POLITE in shown.page, value
        assert shown.hung_up, value
    without = next_push(bettor, PIN)
    del without[name]
    assert POLITE in pushes(client, without).page
    assert failures("malformed") == before[0] + len(HOSTILE[name]) + 1
    assert failures("error") == before[1]
    assert world.wallet(NUMBER) == kes(500)
    bettor.repeats().shows("Enter PIN to bet").type(PIN).shows("Bet placed")


@pytest.mark.parametrize("half", [r"\ud800", r"\udfff", r"4826\udc00", r"\ude00\ud83d"])
def test_half_a_character_is_refused_before_anything_is_hashed(
    world: World, client: FlaskClient, bettor: Phone, half: str
) -> None:
    before = failures("error")
    body = json.dumps(next_push(bettor, "HERE")).replace("HERE", half)
    assert POLITE in posts(client, body.encode()).page
    assert failures("error") == before
    assert world.wallet(NUMBER) == kes(500)


def test_a_whole_character_that_is_no_answer_is_only_wrong(bettor: Phone) -> None:
    bettor.type("\U0001f600").shows("PIN").lacks("garbled this")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"true",
        b"7",
        b'"Initiation"',
        b"[]",
        b"[{}]",
        b"{}",
        b"NaN",
        b"1e999",
        b"\x00\x01",
        b"\xff\xfe{\x00}\x00",
        b"[" * 16_000,
        b'{"a":' * 3_000,
        b'{"Sequence":' + b"9" * 8_000 + b"}",
        b"x" * (LARGEST_BODY_BYTES + 1),
    ],
)
def test_no_body_whatever_is_an_error(client: FlaskClient, body: bytes) -> None:
    before = failures("error")
    for content_type in ("application/json", "application/x-www-form-urlencoded", "", "text/xml"):
        shown = posts(client, body, content_type)
        assert POLITE in shown.page
        assert shown.hung_up
    assert failures("error") == before


@pytest.mark.parametrize("charset", ["utf-16", "utf-16-le", "utf-32", "utf-8-sig"])
def test_another_charset_is_not_read(
    world: World, client: FlaskClient, bettor: Phone, charset: str
) -> None:
    body = json.dumps(next_push(bettor, PIN)).encode(charset)
    assert POLITE in posts(client, body, f"application/json; charset={charset}").page
    assert world.wallet(NUMBER) == kes(500)
    bettor.repeats().shows("Enter PIN to bet")


@pytest.mark.parametrize("name", ["Message", "Operator"])
def test_a_byte_of_another_charset_is_not_guessed(
    world: World, client: FlaskClient, bettor: Phone, name: str
) -> None:
    push = next_push(bettor, PIN, **{name: "ng\u2019ombe"})
    body = json.dumps(push, ensure_ascii=False).encode("cp1252")
    assert POLITE in posts(client, body).page
    bettor.repeats().shows("Enter PIN to bet")
    assert world.wallet(NUMBER) == kes(500)


@pytest.mark.parametrize(
    "content_type", ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data", ""]
)
def test_a_right_push_that_is_not_called_json_is_not_read(
    world: World, client: FlaskClient, bettor: Phone, content_type: str
) -> None:
    body = json.dumps(next_push(bettor, PIN)).encode()
    assert POLITE in posts(client, body, content_type).page
    assert world.wallet(NUMBER) == kes(500)


def test_a_body_over_the_limit_is_not_read(
    world: World, client: FlaskClient, bettor: Phone
) -> None:
    push = next_push(bettor, PIN, ExtraData="x" * LARGEST_BODY_BYTES)
    assert POLITE in pushes(client, push).page
    assert world.wallet(NUMBER) == kes(500)
    assert "Bet placed" in pushes(client, {**push, "ExtraData": "x" * 10_000}).page


def test_what_was_typed_comes_back_nowhere_and_is_kept_nowhere(
    world: World,
    client: FlaskClient,
    bettor: Phone,
    redis_client: Redis,
    capfd: pytest.CaptureFixture[str],
) -> None:
    canary = "7316950284"
    hops = [
        next_push(bettor, canary, ClientState=canary),
        next_push(bettor, canary, Type=canary),
        next_push(bettor, canary, Type="Timeout", ClientState=canary),
        next_push(bettor, canary, Sequence=canary),
        next_push(bettor, canary, Mobile=canary),
        next_push(bettor, canary, SessionId=canary + "/"),
        push_of(bettor, Type="Initiation", Sequence=1, Message=f"*384*2030*1*101*1*{canary}#"),
        next_push(bettor, f"{canary}\x00"),
    ]
    for push in hops:
        answer = client.post(HUBTEL_ROUTE, json=push)
        assert canary not in answer.text, push
        assert canary not in str(answer.headers)
    stored = [str(redis_client.dump(key)) for key in redis_client.scan_iter("*")]
    stored += [str(key) for key in redis_client.scan_iter("*")]
    for place in (*stored, *world.everything_stored(), *capfd.readouterr()):
        assert canary not in place


anything: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["Initiation", "Response", "Timeout", "USSD", "*384*2030*1#", "254700000001"])
    | st.integers(min_value=1, max_value=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
fields = st.sampled_from([*HOSTILE, "ClientState", "Operator", "ServiceCode", "ExtraData", "x"])
eagerly = how(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])


@eagerly
@given(anything | st.dictionaries(fields, anything))
def test_any_json_gets_an_answer_in_the_providers_form(client: FlaskClient, body: object) -> None:
    before = failures("error")
    shown = posts(client, json.dumps(body).encode())
    assert shown.page
    assert failures("error") == before


@eagerly
@given(st.binary(max_size=200))
def test_any_bytes_get_an_answer_in_the_providers_form(client: FlaskClient, body: bytes) -> None:
    before = failures("error")
    assert posts(client, body).hung_up
    assert failures("error") == before


@eagerly
@given(changes=st.dictionaries(fields.filter(lambda name: name != "Message"), anything, min_size=1))
def test_only_the_confirmation_itself_places_the_bet(
    world: World, client: FlaskClient, bettor: Phone, changes: dict[str, Any]
) -> None:
    before, placed = failures("error"), world.count("bet")
    right = next_push(bettor, PIN)
    push = {**right, **changes}
    shown = pushes(client, push)
    if _is(push, right):
        assert "Bet placed" in shown.page
        placed = 1
    assert world.count("bet") == placed
    assert world.wallet(NUMBER) == kes(500 - 100 * placed)
    assert failures("error") == before


def _is(push: dict[str, Any], right: dict[str, Any]) -> bool:
    decisive = ("Mobile", "SessionId", "Message", "Type", "Platform")
    number = push["Sequence"]
    same_number = str(number) == str(right["Sequence"]) and type(number) in {int, str}
    return same_number and all(push[name] == right[name] for name in decisive)
