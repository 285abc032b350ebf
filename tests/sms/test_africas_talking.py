"""Each answer of the provider, as recorded or reported in public, is read as what it means."""

import json
import traceback

import pytest
import requests
import responses
from urllib3.exceptions import MaxRetryError, NewConnectionError

from core.notices.costs import MessagePrice
from sms.africas_talking import AfricasTalkingSender
from sms.sender import Accepted, SmsRefused, SmsUnknown
from sms.statuses import RECIPIENT_CODES, Class

URL = "https://at.test/version1/messaging"
PHONE = "+254700000001"
KES_0_80 = MessagePrice(800_000, "KES")
BODY = "888111 is your Kibeezy code."


def sender(base_url: str = "https://at.test", sender_id: str = "") -> AfricasTalkingSender:
    return AfricasTalkingSender(
        username="kibeezy", api_key="key", base_url=base_url, sender_id=sender_id
    )


def recipient(**changes: object) -> dict[str, object]:
    sent = {
        "cost": "KES 0.8000",
        "messageId": "ATXid_1",
        "number": PHONE,
        "status": "Success",
        "statusCode": 101,
    }
    return {**sent, **changes}


def answer(*recipients: object, message: str = "Sent to 1/1 Message parts: 1") -> str:
    return json.dumps({"SMSMessageData": {"Message": message, "Recipients": list(recipients)}})


def provider_says(
    body: str, *, status: int = 201, content_type: str = "application/json"
) -> Accepted:
    with responses.RequestsMock() as wire:
        wire.post(URL, body=body, status=status, content_type=content_type)
        return sender().send(phone=PHONE, body=BODY)


def provider_fails(failure: Exception) -> None:
    with responses.RequestsMock() as wire:
        wire.post(URL, body=failure)
        sender().send(phone=PHONE, body=BODY)


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/json; charset=utf-8", "text/plain"]
)
def test_a_recorded_success_is_read_under_any_header(content_type: str) -> None:
    taken = provider_says(answer(recipient()), content_type=content_type)
    assert taken == Accepted("ATXid_1", "Sent", "KES 0.8000", 1, KES_0_80)


@pytest.mark.parametrize("base_url", ["https://at.test", "https://at.test/version1/"])
def test_what_is_posted(base_url: str) -> None:
    with responses.RequestsMock() as wire:
        wire.post(URL, body=answer(recipient()), status=201)
        sender(base_url, "KIBEEZY").send(phone=PHONE, body=BODY)
        order = wire.calls[0].request
    assert order.headers["apiKey"] == "key"
    assert order.headers["Accept"] == "application/json"
    wanted = requests.Request(
        "POST",
        URL,
        data={
            "username": "kibeezy",
            "to": PHONE,
            "message": BODY,
            "bulkSMSMode": 1,
            "from": "KIBEEZY",
        },
    ).prepare()
    assert order.body == wanted.body


def test_without_a_sender_of_its_own_news_comes_from_the_same() -> None:
    with responses.RequestsMock() as wire:
        wire.post(URL, body=answer(recipient()), status=201)
        sender(sender_id="KIBEEZY").send(phone=PHONE, body=BODY, promotional=True)
        assert "from=KIBEEZY" in str(wire.calls[0].request.body)


def test_no_sender_name_is_no_field() -> None:
    with responses.RequestsMock() as wire:
        wire.post(URL, body=answer(recipient()), status=201)
        sender().send(phone=PHONE, body=BODY)
        assert "from=" not in str(wire.calls[0].request.body)


@pytest.mark.parametrize(("code", "word"), [(c, word) for c, (word, _) in RECIPIENT_CODES.items()])
def test_every_known_code(code: int, word: str) -> None:
    _, meant = RECIPIENT_CODES[code]
    told = answer(recipient(statusCode=code, status=word, messageId="None"))
    if meant is Class.ACCEPTED:
        assert provider_says(told) == Accepted(None, word, "KES 0.8000", 1, KES_0_80)
    else:
        with pytest.raises(SmsRefused, match=word) as refusal:
            provider_says(told)
        assert refusal.value.may_pass_later is (meant is Class.LATER)


@pytest.mark.parametrize(
    ("body", "may_pass_later"),
    [
        (answer(message="InvalidSenderId"), True),
        (answer(recipient(status="UserInBlacklist", statusCode=406, messageId="None")), False),
        (answer(recipient(status="UserInBlacklist", statusCode="406")), False),
        (json.dumps({"SMSMessageData": {"Message": "InsufficientBalance"}}), True),
    ],
)
def test_refusals_inside_a_201(body: str, *, may_pass_later: bool) -> None:
    with pytest.raises(SmsRefused) as refusal:
        provider_says(body)
    assert refusal.value.may_pass_later is may_pass_later


@pytest.mark.parametrize(
    ("status", "may_pass_later"),
    [(401, True), (429, True), (500, True), (503, True), (404, True), (400, False), (410, False)],
)
def test_refusals_by_http_status(status: int, *, may_pass_later: bool) -> None:
    with pytest.raises(SmsRefused, match=str(status)) as refusal:
        provider_says(
            "The supplied authentication is invalid", status=status, content_type="text/plain"
        )
    assert refusal.value.may_pass_later is may_pass_later


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("", 201),
        ("<html>", 200),
        ("[]", 201),
        ("null", 201),
        ('{"SMSMessageData": []}', 201),
        ('{"SMSMessageData": {"Recipients": ["x", 1]}}', 201),
        ('{"SMSMessageData": {"Message": "Sent to 1/1", "Recipients": null}}', 201),
        (answer(recipient(statusCode=999, status="Teleported")), 201),
        (answer(recipient(statusCode=None, status="Teleported")), 201),
        ("Bad Gateway", 502),
        ("Gateway Timeout", 504),
        ("", 302),
    ],
)
def test_what_tells_nothing_is_unknown(body: str, status: int) -> None:
    with pytest.raises(SmsUnknown):
        provider_says(body, status=status)


@pytest.mark.parametrize(
    "failure",
    [
        requests.ReadTimeout("read timed out"),
        requests.ConnectionError("Connection aborted"),
        requests.exceptions.ChunkedEncodingError("cut"),
    ],
)
def test_a_lost_answer_is_unknown(failure: Exception) -> None:
    with pytest.raises(SmsUnknown):
        provider_fails(failure)


@pytest.mark.parametrize(
    "failure",
    [
        requests.ConnectTimeout("connect timed out"),
        requests.ConnectionError(
            MaxRetryError(None, URL, NewConnectionError(None, "refused"))  # type: ignore[arg-type]
        ),
    ],
)
def test_a_connection_never_made_may_be_tried_again(failure: Exception) -> None:
    with pytest.raises(SmsRefused) as refusal:
        provider_fails(failure)
    assert refusal.value.may_pass_later


def test_a_port_that_nobody_listens_on_may_be_tried_again() -> None:
    with pytest.raises(SmsRefused) as refusal:
        sender("http://127.0.0.1:9").send(phone=PHONE, body=BODY)
    assert refusal.value.may_pass_later


@pytest.mark.parametrize("phone", ["0700000001", "+", ""])
def test_a_number_that_the_library_refuses_is_final(phone: str) -> None:
    with pytest.raises(SmsRefused) as refusal:
        sender().send(phone=phone, body=BODY)
    assert not refusal.value.may_pass_later


@pytest.mark.parametrize(
    "echo",
    [
        answer(recipient(status=f"Rejected: {BODY}", statusCode=999)),
        answer(message=f"Rejected {BODY}"),
        f"Rejected {BODY}",
    ],
)
@pytest.mark.parametrize("status", [201, 400, 500])
def test_an_answer_that_quotes_the_message_leaks_no_code(echo: str, status: int) -> None:
    with pytest.raises((SmsRefused, SmsUnknown)) as outcome:
        provider_says(echo, status=status)
    assert "888111" not in str(outcome.value)


def test_a_failed_call_leaves_no_trace_of_the_code() -> None:
    broken = requests.ReadTimeout(
        f"timed out sending {BODY}", request=requests.Request("POST", URL, data=BODY).prepare()
    )
    with pytest.raises(SmsUnknown) as outcome:
        provider_fails(broken)
    assert outcome.value.__context__ is None
    assert outcome.value.__cause__ is None
    shown = "".join(traceback.format_exception(outcome.value))
    assert "888111" not in shown


@pytest.mark.parametrize("message_id", ["None", "", None, 5, "x" * 500, "a\x00b"])
def test_an_identifier_that_is_none_is_not_kept(message_id: object) -> None:
    assert provider_says(answer(recipient(messageId=message_id))).provider_id is None


@pytest.mark.parametrize(
    ("cost", "kept"),
    [("KES 0.8000", "KES 0.8000"), ("USD 0.01", "USD 0.01"), ("0", "0"), ("free", None)],
)
def test_costs_keep_their_currency(cost: str, kept: str | None) -> None:
    assert provider_says(answer(recipient(cost=cost))).cost == kept
