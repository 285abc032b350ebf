"""The paybill's two addresses, and whoever else finds them."""

import json
import time
from io import BytesIO

import pytest
from flask import Flask
from hypothesis import HealthCheck, given
from hypothesis import settings as how
from hypothesis import strategies as st
from pydantic import SecretStr
from sqlalchemy import event, func, text, update

from core.money import kes
from core.players.records import player
from payments import c2b_routes
from tests.payments.paybill import SECRET, Paybill, confirmation
from tests.payments.till import PHONE

ACCEPTED = {"ResultCode": "0", "ResultDesc": "Accepted"}
WRONG_SECRETS = ["dev-c2b-secre", "dev-c2b-secret2", "x", "%00", "é", "..", "a" * 5000]


def refused(code: str) -> dict[str, str]:
    return {"ResultCode": code, "ResultDesc": "Rejected"}


@pytest.mark.parametrize("secret", WRONG_SECRETS)
@pytest.mark.parametrize("part", ["validation", "confirmation"])
def test_a_wrong_secret_is_not_found(paybill: Paybill, part: str, secret: str) -> None:
    answer = paybill.app.test_client().post(f"/payments/c2b/{secret}/{part}", json=confirmation())
    assert answer.status_code == 404
    assert paybill.verdicts() == []


def test_several_secrets_are_known_while_one_is_rotated_out(paybill: Paybill) -> None:
    both = {"mpesa_callback_secret": SecretStr("new-one, dev-c2b-secret")}
    app = Flask("rotating")
    settings = paybill.settings.model_copy(update=both)
    app.register_blueprint(c2b_routes.blueprint(database=paybill.world.database, settings=settings))
    client = app.test_client()
    for secret, status in (("new-one", 200), (SECRET, 200), ("new-one, dev-c2b-secret", 404)):
        path = f"/payments/c2b/{secret}/confirmation"
        assert client.post(path, json=confirmation()).status_code == status


@pytest.mark.parametrize("part", ["validation", "confirmation"])
def test_a_huge_body_is_refused(paybill: Paybill, part: str) -> None:
    client, url = paybill.app.test_client(), f"/payments/c2b/{SECRET}/{part}"
    assert client.post(url, data=b"x" * (16 * 1024 + 1)).status_code == 413
    assert client.post(url, data=b"x" * (16 * 1024)).status_code == 200
    endless = client.post(
        url,
        input_stream=BytesIO(b"x" * 100_000),
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert endless.status_code == 413


GARBAGE = [
    b"",
    b"not json",
    b"<html>",
    b"null",
    b"[]",
    b"{}",
    b"\x00\xff\xfe",
    b"[" * 16_000,
    b'{"TransAmount": ' + b"9" * 5000 + b"}",
    b'{"BillRefNumber": "\\ud800", "TransAmount": "5.00", "BusinessShortCode": "174379"}',
    json.dumps(confirmation())[:-4].encode(),
]


@pytest.mark.parametrize("body", GARBAGE, ids=lambda body: repr(body[:30]))
def test_garbage_is_accepted_kept_and_moves_nothing(paybill: Paybill, body: bytes) -> None:
    assert paybill.validates(body).status_code == 200
    assert paybill.is_told(body).status_code == 200
    assert paybill.verdicts() == ["unreadable"]
    assert paybill.world.count("paybill_payment") == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"BusinessShortCode": "600966"},
        {"BusinessShortCode": None},
        {"receipt": None},
        {"receipt": "short"},
        {"receipt": "'; DROP TABLE"},
        {"receipt": ["RKL51ZDR4F"]},
        {"amount": "0.00"},
        {"amount": "-5.00"},
        {"amount": "5.001"},
        {"amount": "1e9"},
        {"amount": True},
        {"amount": {}},
        {"amount": "9999999999"},
    ],
    ids=str,
)
def test_what_is_no_payment_of_ours_is_not_heard(
    paybill: Paybill, wrong: dict[str, object]
) -> None:
    assert paybill.is_told(confirmation(**wrong)).status_code == 200
    assert paybill.verdicts() == ["unreadable"]
    assert paybill.world.count("paybill_payment") == 0


@pytest.mark.parametrize(
    "odd",
    [
        {"amount": 500},
        {"amount": 500.0},
        {"BusinessShortCode": 174379},
        {"TransTime": "yesterday"},
        {"TransTime": 20261121121325},
        {"TransTime": "20261399999999"},
        {"MSISDN": None},
        {"MSISDN": {"a": 1}},
        {"account": "x" * 5000},
        {"account": "\ud800"},
        {"account": ["0708374149"]},
        {"receipt": " rkl51zdr4f "},
    ],
    ids=lambda odd: str(odd)[:40],
)
def test_what_is_spelled_oddly_is_heard(paybill: Paybill, odd: dict[str, object]) -> None:
    assert paybill.is_told(confirmation(**odd)).status_code == 200
    assert paybill.verdicts() == ["heard"]
    assert paybill.now.amount == kes(500)


def test_a_field_that_stands_twice_is_heard_once(paybill: Paybill) -> None:
    body = json.dumps(confirmation())[:-1] + ', "TransAmount": "7.00", "TransID": "SECOND0001"}'
    paybill.is_told(body.encode())
    assert (paybill.now.receipt, paybill.now.amount) == ("SECOND0001", kes(7))


@given(
    body=st.binary(max_size=300)
    | st.text(max_size=200).map(
        lambda t: json.dumps(confirmation(account=t, receipt=t, amount=t)).encode()
    )
)
@how(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_body_is_a_server_error(paybill: Paybill, body: bytes) -> None:
    assert paybill.validates(body).status_code == 200
    assert paybill.is_told(body).status_code == 200
    assert paybill.wallet == kes(0)


def test_a_validation_is_accepted_and_leaves_nothing(paybill: Paybill) -> None:
    before = paybill.world.everything_stored()
    assert paybill.validates(confirmation(OrgAccountBalance="")).json == ACCEPTED
    assert paybill.world.everything_stored() == before


@pytest.mark.parametrize("account", ["0799999999", "Sample Transaction", ""])
def test_an_account_of_nobody_s_is_refused(paybill: Paybill, account: str) -> None:
    assert paybill.validates(confirmation(account=account)).json == refused("C2B00012")


@pytest.mark.parametrize("amount", ["0.50", "150001.00", "12.50"])
def test_an_amount_that_is_no_deposit_is_refused(paybill: Paybill, amount: str) -> None:
    assert paybill.validates(confirmation(amount=amount)).json == refused("C2B00013")


@pytest.mark.parametrize("amount", ["1.00", "150000.00"])
def test_smallest_and_largest_are_accepted(paybill: Paybill, amount: str) -> None:
    assert paybill.validates(confirmation(amount=amount)).json == ACCEPTED


def test_a_payment_to_somebody_else_is_refused(paybill: Paybill) -> None:
    body = confirmation(BusinessShortCode="600966")
    assert paybill.validates(body).json == refused("C2B00015")


@pytest.mark.parametrize(
    "values",
    [
        {"kyc_verified_at": None},
        {"locked_at": func.now()},
        {"closed_at": func.now()},
        {"break_until": func.now() + text("interval '1 day'")},
    ],
    ids=["unverified", "locked", "closed", "on a break"],
)
def test_a_player_who_could_not_be_credited_is_refused(
    paybill: Paybill, values: dict[str, object]
) -> None:
    with paybill.world.owner.begin() as connection:
        connection.execute(update(player).where(player.c.phone == PHONE).values(**values))
    assert paybill.validates(confirmation()).json == refused("C2B00012")


def test_the_player_s_own_limit_is_kept_before_the_money_moves(paybill: Paybill) -> None:
    paybill.player_limits_itself(kes(600))
    assert paybill.validates(confirmation(amount="600.00")).json == ACCEPTED
    assert paybill.validates(confirmation(amount="601.00")).json == refused("C2B00012")
    paybill.is_paid(500)
    assert paybill.validates(confirmation(amount="101.00")).json == refused("C2B00012")
    assert paybill.validates(confirmation(amount="100.00")).json == ACCEPTED


def test_the_reference_of_a_deposit_is_accepted_whatever_its_player_may(
    paybill: Paybill,
) -> None:
    deposit = paybill.till.asks(kes(1000))
    paybill.player_limits_itself(kes(1))
    echo = confirmation(account=deposit.reference, amount="1000.00")
    assert paybill.validates(echo).json == ACCEPTED


def test_a_validation_is_one_statement(paybill: Paybill) -> None:
    paybill.validates(confirmation())
    seen: list[str] = []
    event.listen(
        paybill.world.database,
        "before_cursor_execute",
        lambda _c, _cursor, statement, *_: seen.append(statement),
    )
    paybill.validates(confirmation())
    assert len(seen) == 1


def test_a_database_that_hangs_is_not_waited_for(paybill: Paybill) -> None:
    paybill.validates(confirmation())
    with paybill.world.owner.begin() as holding:
        holding.execute(text("LOCK TABLE player IN ACCESS EXCLUSIVE MODE"))
        began = time.monotonic()
        answer = paybill.validates(confirmation(account="0799999999"))
        took = time.monotonic() - began
    assert answer.json == ACCEPTED, "Daraja would do the same after its own 8 seconds"
    assert took < 1
    assert paybill.validates(confirmation(account="0799999999")).json == refused("C2B00012")
