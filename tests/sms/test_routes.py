"""Callbacks from whoever knows the address, and from who does not."""

import json
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pydantic import SecretStr
from sqlalchemy import column, select, table

from core.notices.records import sms_report
from sms.routes import MAX_BODY_BYTES, blueprint
from tests.settings import make_settings
from tests.sms.exchange import INFOBIP_SECRET, PHONE, SECRET, Exchange
from tests.sms.wire import Provider

WHATS = ("inbound", "delivery", "opt-out")
FORMS = {
    "inbound": {"id": "in-1", "from": PHONE, "text": "STOP", "to": "20300", "date": "x"},
    "delivery": {"id": "AT1", "status": "Success", "phoneNumber": PHONE, "failureReason": ""},
    "opt-out": {"senderId": "KIBEEZY", "phoneNumber": PHONE},
}
TABLES = ("sms_in", "sms_out", "sms_report", "outbox", "player")


def state(exchange: Exchange) -> list[str]:
    with exchange.world.database.connect() as connection:
        return [
            str(connection.execute(select(column(name)).select_from(table(name))).scalars().all())
            for name in TABLES
        ]


@pytest.mark.parametrize("what", WHATS)
@pytest.mark.parametrize(
    "secret", ["wrong", "dev-at-secre", "dev-at-secret2", "%00", "\u00e9", ","]
)
def test_a_wrong_secret_is_not_found_and_changes_nothing(
    exchange: Exchange, what: str, secret: str
) -> None:
    exchange.world.has_player()
    before = state(exchange)
    assert exchange.posts(what, secret=secret, data=FORMS[what]).status_code == 404
    huge = exchange.posts(what, secret=secret, data="x" * MAX_BODY_BYTES * 2)
    assert huge.status_code == 404
    assert state(exchange) == before


@pytest.mark.parametrize("what", WHATS)
@pytest.mark.parametrize("shape", ["form", "json"])
def test_a_right_one_is_accepted_as_form_and_as_json(
    exchange: Exchange, what: str, shape: str
) -> None:
    exchange.world.has_player()
    before = state(exchange)
    sent: dict[str, Any] = {"data": FORMS[what]} if shape == "form" else {"json": FORMS[what]}
    assert exchange.posts(what, **sent).status_code == 200
    assert state(exchange) != before


def test_both_secrets_open_while_one_is_rotated_out(exchange: Exchange) -> None:
    app = Flask(__name__)
    settings = make_settings(
        database_url=exchange.world.settings.database_url,
        redis_url=exchange.world.settings.redis_url,
        at_callback_secret="new-one, old-one",
    )
    database, pepper = exchange.world.database, settings.pepper
    app.register_blueprint(blueprint(database=database, settings=settings, pepper=pepper))
    for secret, status in (("new-one", 200), ("old-one", 200), (SECRET, 404)):
        answer = app.test_client().post(f"/sms/{secret}/delivery", data=FORMS["delivery"])
        assert answer.status_code == status


def test_the_secret_that_infobip_is_told_opens_its_reports_and_nothing_else(
    exchange: Exchange,
) -> None:
    exchange.world.has_player()
    before = state(exchange)
    for what in (*WHATS, "sim-swap"):
        form = FORMS.get(what, {"requestId": "1"})
        assert exchange.posts(what, secret=INFOBIP_SECRET, data=form).status_code == 404
    assert exchange.client.post(f"/ussd/{INFOBIP_SECRET}").status_code == 404
    assert state(exchange) == before
    reports: dict[str, Any] = {"json": {"results": []}}
    assert exchange.posts("infobip/delivery", secret=SECRET, **reports).status_code == 404
    answer = exchange.posts("infobip/delivery", secret=INFOBIP_SECRET, **reports)
    assert answer.status_code == 200


def test_no_secret_opens_the_reports_of_a_provider_that_has_none(exchange: Exchange) -> None:
    app = Flask(__name__)
    settings = exchange.world.settings.model_copy(update={"infobip_callback_secret": SecretStr("")})
    database, pepper = exchange.world.database, settings.pepper
    app.register_blueprint(blueprint(database=database, settings=settings, pepper=pepper))
    assert not settings.knows_infobip_secret("")
    for secret in ("%20", ",", SECRET, INFOBIP_SECRET):
        answer = app.test_client().post(f"/sms/{secret}/infobip/delivery", json={"results": []})
        assert answer.status_code == 404


def test_opting_out_stops_news_and_a_repeat_keeps_the_first_moment(exchange: Exchange) -> None:
    exchange.world.has_player()
    exchange.posts("opt-out", data=FORMS["opt-out"])
    first = exchange.world.player(PHONE).news_stopped_at
    assert first is not None
    exchange.world.moves(hours=1)
    exchange.posts("opt-out", data={"phoneNumber": "0700000001"})
    assert exchange.world.player(PHONE).news_stopped_at == first


def test_reports_move_the_message_and_repeats_do_not(
    exchange: Exchange, provider: Provider
) -> None:
    exchange.world.has_player()
    exchange.writes("BAL")
    # The report overtakes the answer to the order it reports on.
    report = {"id": "ATXid_1", "status": "Success", "phoneNumber": PHONE, "networkCode": "63902"}
    provider.before_answer = lambda: exchange.posts("delivery", data=report)
    exchange.works()
    for status in ("Sent", "Buffered", "Success", "Teleported"):
        assert exchange.posts("delivery", data={**report, "status": status}).status_code == 200
    [row] = exchange.rows()
    assert (row.status, row.provider_status) == ("delivered", "Success")
    with exchange.world.database.connect() as connection:
        kept = connection.execute(select(sms_report.c.status, sms_report.c.times)).all()
    assert dict(kept) == {"Success": 2, "Sent": 1, "Buffered": 1, "Teleported": 1}


@pytest.mark.parametrize("what", WHATS)
@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("", "application/x-www-form-urlencoded"),
        ("id", "application/x-www-form-urlencoded"),
        ("id=&from=&status=&phoneNumber=", "application/x-www-form-urlencoded"),
        ("id=1&id=2&from=%2B254700000001&text=a&text=b", "application/x-www-form-urlencoded"),
        ("id=%00&from=%00&text=%00&status=%00", "application/x-www-form-urlencoded"),
        ("id=%ff%fe&from=%ff&text=%ff%c0&status=%ff", "application/x-www-form-urlencoded"),
        ("%" * 2_000, "application/x-www-form-urlencoded; charset=utf-16"),
        ("&".join(f"a{n}=1" for n in range(1_500)), "application/x-www-form-urlencoded"),
        ("--x\r\n", "multipart/form-data; boundary=x"),
        ("{", "application/json"),
        ("[]", "application/json"),
        ("null", "application/json"),
        ("1e999", "application/json"),
        ("[" * 16_000, "application/json"),
        ('{"id": ' + "9" * 8_000 + "}", "application/json"),
        ('{"id": {"a": 1}, "from": [], "status": true, "phoneNumber": null}', "application/json"),
        ('{"id": "\\ud800", "from": "\\ud800", "text": "\\ud800"}', "application/json"),
        (json.dumps({"id": "i" * 300, "from": PHONE, "status": "s"}), "application/json"),
        ("\x00\x01", "application/json"),
        ("x", "text/plain"),
    ],
)
def test_rubbish_is_no_error_of_ours(
    exchange: Exchange, what: str, body: str, content_type: str
) -> None:
    status = exchange.posts(what, data=body, content_type=content_type).status_code
    assert status == 200 or 400 <= status < 500


@hypothesis_settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(WHATS),
    st.dictionaries(
        st.sampled_from(["id", "from", "text", "status", "phoneNumber", "failureReason", "x"]),
        st.text(max_size=300) | st.integers() | st.none() | st.lists(st.integers(), max_size=2),
    ),
)
def test_whatever_the_fields_hold_is_no_error_of_ours(
    exchange: Exchange, what: str, fields: dict[str, object]
) -> None:
    as_json = json.dumps(fields)
    status = exchange.posts(what, data=as_json, content_type="application/json").status_code
    assert status == 200 or 400 <= status < 500


@pytest.mark.parametrize("what", WHATS)
def test_too_large_a_body_is_refused(exchange: Exchange, what: str) -> None:
    padded = {**FORMS[what], "padding": "x" * MAX_BODY_BYTES}
    assert exchange.posts(what, data=padded).status_code == 413
    assert exchange.posts(what, json=padded).status_code in {400, 413}


@pytest.mark.parametrize("what", ["inbound", "delivery"])
def test_a_name_too_long_for_an_index_is_refused(exchange: Exchange, what: str) -> None:
    # Random, because PostgreSQL would compress a repeated letter into the index.
    fields = {
        **FORMS[what],
        "id": "".join(f"{n * 2_654_435_761 % 2**32:08x}" for n in range(1_000)),
    }
    assert exchange.posts(what, data=fields).status_code == 400


def test_emoji_nul_and_length_are_kept_as_far_as_they_can_be(exchange: Exchange) -> None:
    exchange.world.has_player()
    exchange.writes("\U0001f600 a\x00b 1234567 " + "x" * 5_000)
    [kept] = exchange.kept()
    assert kept.startswith("\U0001f600 ab ******* x")
    assert len(kept) < 2_000
