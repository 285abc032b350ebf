"""The one address that Daraja posts to, and everybody else."""

import json
from io import BytesIO
from ipaddress import ip_network

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as how
from hypothesis import strategies as st

from core.money import kes
from core.provider.store_callback import MOST_PER_SUBJECT
from tests.payments.daraja import Daraja, result
from tests.payments.till import Till, callback_body

SAFARICOM, STRANGER = "196.201.212.69", "203.0.113.7"


@pytest.mark.parametrize(
    "token", ["0" * 32, "f" * 31, "F" * 32, "g" * 32, "%00" * 32, "a" * 5000, "..%2f..", "é" * 32]
)
def test_a_forged_token_is_not_found_and_changes_nothing(till: Till, token: str) -> None:
    deposit = till.asks()
    till.works()
    assert till.posts(deposit, token=token).status_code == 404
    till.works()
    assert till.verdicts() == []
    assert till.wallet == kes(0)


def test_the_token_of_one_deposit_does_not_pay_another(till: Till) -> None:
    till.world.has_player("+254711000002")
    other = till.asks(phone="+254711000002")
    till.works()
    mine = till.asks()
    till.posts(mine, callback_body())
    till.works()
    assert till.wallet == kes(0)
    assert till.world.wallet("+254711000002") == kes(0)
    assert till.state(other) == "pending"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"<html>",
        b"null",
        b"\x00\xff\xfe",
        b'{"Body": {"stkCallback": []}}',
        json.dumps(callback_body())[:-4].encode(),
        b'{"Body": {"stkCallback": {"ResultCode": "\\u0000", "x": "\\ud800"}}}',
        b"[" * 16_000,
    ],
    ids=lambda body: repr(body[:20]),
)
def test_garbage_with_the_right_token_is_kept_and_asked_about(
    till: Till, daraja: Daraja, body: bytes
) -> None:
    deposit = till.asks()
    till.works()
    assert till.posts(deposit, body).status_code == 200
    till.works()
    assert till.verdicts() == ["doubted, asked instead"]
    assert len(daraja.queried) == 1
    assert till.wallet == kes(0)
    assert till.state(deposit) == "pending"


def test_a_huge_body_is_refused(till: Till) -> None:
    deposit = till.asks()
    assert till.posts(deposit, b"x" * (16 * 1024 + 1)).status_code == 413
    assert till.posts(deposit, b"x" * (16 * 1024)).status_code == 200
    chunked = till.app.test_client().post(
        f"/payments/stk/{deposit.token}",
        input_stream=BytesIO(b"x" * 100_000),
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert chunked.status_code == 413


def test_callbacks_of_one_deposit_are_kept_up_to_a_limit(till: Till) -> None:
    deposit = till.asks()
    for _ in range(MOST_PER_SUBJECT + 3):
        assert till.posts(deposit, b"again").status_code == 200
    assert len(till.verdicts()) == MOST_PER_SUBJECT


def test_routes_of_later_are_not_there(till: Till) -> None:
    client = till.app.test_client()
    for path in (
        "/payments/b2c/x/result",
        "/payments/status/x/result",
        "/payments/c2b/x/validation",
    ):
        assert client.post(path).status_code == 404
    assert client.get(f"/payments/stk/{'0' * 32}").status_code == 405


def guarded(till: Till, *, proxies: int) -> Till:
    changes = {
        "callback_allowed_ips": (ip_network("196.201.212.0/24"),),
        "trusted_proxy_count": proxies,
    }
    return Till(till.world, till.settings.model_copy(update=changes), till.redis_client)


@pytest.fixture
def behind_a_list(till: Till, monkeypatch: pytest.MonkeyPatch) -> Till:
    monkeypatch.setattr(type(till.world), "has_player", lambda *_: None)
    return till


@pytest.mark.parametrize(
    ("proxies", "address", "forwarded", "believed"),
    [
        (0, SAFARICOM, None, True),
        (0, f"::ffff:{SAFARICOM}", None, True),
        (0, STRANGER, None, False),
        (0, STRANGER, SAFARICOM, False),
        (1, "10.0.0.1", SAFARICOM, True),
        (1, "10.0.0.1", f"{SAFARICOM}, {STRANGER}", False),
        (1, "10.0.0.1", f"{STRANGER}, {SAFARICOM}", True),
        (2, "10.0.0.1", f"{SAFARICOM}, 10.0.0.2", True),
        (1, SAFARICOM, None, False),
        (1, "10.0.0.1", "rubbish", False),
    ],
)
def test_only_the_outermost_trusted_proxy_s_word_counts(
    behind_a_list: Till,
    daraja: Daraja,
    proxies: int,
    address: str,
    forwarded: str | None,
    *,
    believed: bool,
) -> None:
    till = guarded(behind_a_list, proxies=proxies)
    deposit = till.asks()
    till.works()
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    from_there = {"REMOTE_ADDR": address}
    answer = till.posts(deposit, headers=headers, environ_overrides=from_there)
    assert answer.status_code == 200
    till.works()
    if believed:
        assert till.wallet == kes(1000)
    else:
        assert till.wallet == kes(0)
        assert len(daraja.queried) == 1, "asked at once instead of believed"


def test_a_stranger_with_the_token_is_believed_after_a_query(
    behind_a_list: Till, daraja: Daraja
) -> None:
    till = guarded(behind_a_list, proxies=0)
    deposit = till.asks()
    till.works()
    daraja.answers_query(result("0"))
    till.posts(deposit, environ_overrides={"REMOTE_ADDR": STRANGER})
    till.works()
    assert till.wallet == kes(1000)
    assert till.now(deposit).receipt is None, "the stranger's receipt is hearsay"


@given(body=st.binary(max_size=300), kind=st.text('abc/;= "*', max_size=30))
@how(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_body_is_a_server_error(till: Till, body: bytes, kind: str) -> None:
    with till.world.database.connect() as connection:
        known = connection.exec_driver_sql("SELECT token FROM deposit").scalar()
    token = known or till.asks().token
    answer = till.app.test_client().post(
        f"/payments/stk/{token}", data=body, headers={"Content-Type": kind}
    )
    assert answer.status_code == 200
    assert till.wallet == kes(0)
