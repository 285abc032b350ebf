"""Each answer and each report of the second provider, as documented, is read as what it means."""

import json
import traceback

import pytest
import requests
import responses

from core.notices.costs import MessagePrice
from sms.infobip import InfobipSender, read_reports
from sms.sender import Accepted, SmsRefused, SmsUnknown
from sms.statuses import INFOBIP_REPORTS, INFOBIP_STATUSES, Class
from tests.sms.conftest import second_sender
from tests.sms.wire import INFOBIP_URL

PHONE = "+254700000001"
BODY = "888111 is your Kibeezy code."


def answer(*, group: int = 1, number: int | None = 26, name: str = "PENDING_ACCEPTED") -> str:
    status = {"groupId": group, "groupName": "X", "id": number, "name": name}
    line = {"messageId": "m-1", "status": status, "details": {"messageCount": 1}}
    return json.dumps({"bulkId": "b", "messages": [line]})


def provider_says(body: str, *, status: int = 200, kind: str = "application/json") -> Accepted:
    with responses.RequestsMock() as wire:
        wire.post(INFOBIP_URL, body=body, status=status, content_type=kind)
        return second_sender().send(phone=PHONE, body=BODY, named="infobip:m-1")


@pytest.mark.parametrize("kind", ["application/json;charset=UTF-8", "text/plain"])
def test_an_accepted_message_keeps_the_name_that_we_gave_it(kind: str) -> None:
    taken = provider_says(answer(), kind=kind)
    assert taken == Accepted("infobip:m-1", "PENDING_ACCEPTED", None, 1)


@pytest.mark.parametrize(("promotional", "sender"), [(False, "KIBEEZY"), (True, "KIBEEZYNEWS")])
def test_what_is_posted(*, promotional: bool, sender: str) -> None:
    with responses.RequestsMock() as wire:
        wire.post(INFOBIP_URL, body=answer())
        second_sender().send(phone=PHONE, body=BODY, promotional=promotional, named="infobip:m-1")
        order = wire.calls[0].request
    assert order.headers["Authorization"] == "App key"
    assert json.loads(order.body or "") == {
        "messages": [
            {
                "sender": sender,
                "destinations": [{"to": "254700000001", "messageId": "m-1"}],
                "content": {"text": BODY},
                "webhooks": {
                    "delivery": {
                        "url": "https://hooks.test/sms/dev-infobip-secret/infobip/delivery",
                        "intermediateReport": False,
                    },
                    "contentType": "application/json",
                },
            }
        ]
    }


def test_without_a_sender_of_its_own_news_comes_from_the_same() -> None:
    sender = InfobipSender(
        base_url="https://infobip.test/", api_key="key", sender_id="KIBEEZY", report_url="x"
    )
    with responses.RequestsMock() as wire:
        wire.post(INFOBIP_URL, body=answer())
        sender.send(phone=PHONE, body=BODY, promotional=True)
        assert '"sender": "KIBEEZY"' in str(wire.calls[0].request.body)


def test_every_message_has_a_name_of_its_own() -> None:
    assert second_sender().name() != second_sender().name()


@pytest.mark.parametrize("number", INFOBIP_STATUSES)
def test_every_known_rejection(number: int) -> None:
    name, meant = INFOBIP_STATUSES[number]
    expected = SmsUnknown if meant is Class.UNKNOWN else SmsRefused
    with pytest.raises(expected, match=name) as outcome:
        provider_says(answer(group=5, number=number, name=name))
    if isinstance(outcome.value, SmsRefused):
        assert outcome.value.may_pass_later is (meant is Class.LATER)


@pytest.mark.parametrize(
    ("group", "expected", "may_pass_later"),
    [(2, SmsRefused, False), (4, SmsRefused, False), (5, SmsRefused, True), (9, SmsUnknown, None)],
)
def test_a_status_that_nobody_listed_goes_by_its_group(
    group: int, expected: type[Exception], *, may_pass_later: bool | None
) -> None:
    with pytest.raises(expected) as outcome:
        provider_says(answer(group=group, number=777))
    assert getattr(outcome.value, "may_pass_later", None) is may_pass_later


@pytest.mark.parametrize(
    ("status", "may_pass_later"), [(401, True), (403, True), (429, True), (503, True), (400, False)]
)
def test_refusals_by_http_status(status: int, *, may_pass_later: bool) -> None:
    with pytest.raises(SmsRefused, match=str(status)) as refusal:
        provider_says('{"errorCode": "E"}', status=status)
    assert refusal.value.may_pass_later is may_pass_later


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("", 200),
        ("<html>", 200),
        ("[" * 100_000, 200),
        ("null", 200),
        ('{"messages": []}', 200),
        ('{"messages": [1]}', 200),
        ('{"messages": [{"status": "PENDING"}]}', 200),
        ("Internal Server Error", 500),
        ("Bad Gateway", 502),
        ("", 302),
    ],
)
def test_what_tells_nothing_is_unknown(body: str, status: int) -> None:
    with pytest.raises(SmsUnknown):
        provider_says(body, status=status)


def test_a_port_that_nobody_listens_on_may_be_tried_again() -> None:
    sender = InfobipSender(
        base_url="http://127.0.0.1:9", api_key="key", sender_id="KIBEEZY", report_url="x"
    )
    with pytest.raises(SmsRefused) as refusal:
        sender.send(phone=PHONE, body=BODY)
    assert refusal.value.may_pass_later


def test_a_failed_call_leaves_no_trace_of_the_code() -> None:
    with responses.RequestsMock() as wire:
        wire.post(INFOBIP_URL, body=requests.ReadTimeout(f"timed out sending {BODY}"))
        with pytest.raises(SmsUnknown) as outcome:
            second_sender().send(phone=PHONE, body=BODY)
    assert (outcome.value.__context__, outcome.value.__cause__) == (None, None)
    assert "888111" not in "".join(traceback.format_exception(outcome.value))


def test_an_answer_that_quotes_the_message_leaks_no_code() -> None:
    assert "888111" not in provider_says(answer(name=BODY)).status


def report(**changes: object) -> dict[str, object]:
    told: dict[str, object] = {
        "messageId": "m-1",
        "messageCount": 2,
        "mccMnc": "63902",
        "price": {"pricePerMessage": 0.0062, "currency": "EUR"},
        "status": {"groupName": "DELIVERED", "name": "DELIVERED_TO_HANDSET"},
        "error": {"name": "NO_ERROR", "permanent": False},
    }
    return {**told, **changes}


@pytest.mark.parametrize("counted", ["messageCount", "smsCount"])
def test_a_report_of_either_version(counted: str) -> None:
    entry = report()
    entry[counted] = entry.pop("messageCount")
    [told] = read_reports({"results": [entry]})
    assert (told.provider_id, told.status, told.failure) == ("infobip:m-1", "Success", None)
    assert (told.network, told.price, told.parts) == ("63902", MessagePrice(12_400, "EUR"), 2)


@pytest.mark.parametrize(("group", "word"), INFOBIP_REPORTS.items())
def test_every_group_in_the_words_that_we_keep(group: str, word: str) -> None:
    [told] = read_reports({"results": [report(status={"groupName": group, "name": "WHY"})]})
    assert told.status == word
    assert told.failure == (None if group in {"DELIVERED", "PENDING"} else "WHY")


def test_a_group_that_nobody_listed_is_kept_as_it_is() -> None:
    [told] = read_reports({"results": [report(status={"groupName": "TELEPORTED"})]})
    assert told.status == "TELEPORTED"


def test_reports_come_in_the_order_of_their_ids() -> None:
    entries = [report(messageId=name) for name in ("c", "a", "b")]
    told = read_reports({"results": entries})
    assert [one.provider_id for one in told] == ["infobip:a", "infobip:b", "infobip:c"]


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {},
        {"results": {}},
        {"results": [None, 1, "x", []]},
        {"results": [{"messageId": 5, "status": {"groupName": "DELIVERED"}}]},
        {"results": [report(messageId="")]},
        {"results": [report(messageId="x" * 201)]},
        {"results": [report(status=None)]},
        {"results": [report(status={"groupName": 3})]},
    ],
)
def test_what_is_no_report_is_left_out(body: object) -> None:
    assert read_reports(body) == []


@pytest.mark.parametrize(
    "price",
    [
        None,
        {"pricePerMessage": "free", "currency": "EUR"},
        {"pricePerMessage": 1, "currency": "euro"},
        {"pricePerMessage": -1, "currency": "EUR"},
        {"pricePerMessage": float("nan"), "currency": "EUR"},
        {"pricePerMessage": True, "currency": "EUR"},
        {"pricePerMessage": 1e300, "currency": "EUR"},
    ],
)
def test_what_is_no_price_costs_nothing_known(price: object) -> None:
    [told] = read_reports({"results": [report(price=price)]})
    assert told.price is None
