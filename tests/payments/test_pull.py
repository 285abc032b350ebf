"""Pull Transactions: pages, shapes, and what is refused or unknown."""

from datetime import UTC, datetime, timedelta

import pytest
import requests
from redis import Redis

from core.clock import NAIROBI
from core.money import Money, kes
from core.settings import Settings
from core.statements.lines import LineKind
from payments.mpesa.pull import Pull, open_pull
from payments.mpesa.wire import PaymentRefused, PaymentUnknown
from tests.payments.daraja import Daraja, error
from tests.payments.pull_api import NONE, PullApi, kept

UNTIL = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
SINCE = UNTIL - timedelta(hours=48)


@pytest.fixture
def api(daraja: Daraja) -> PullApi:
    return PullApi(daraja)


@pytest.fixture
def pull(settings: Settings, redis_client: Redis, api: PullApi) -> Pull:
    assert api.queried == []
    return open_pull(settings=settings, redis_client=redis_client)


def test_the_question_is_in_nairobi_s_time(pull: Pull, api: PullApi) -> None:
    assert pull.payments(since=SINCE, until=UNTIL) == []
    assert api.queried == [
        {
            "ShortCode": "174379",
            "StartDate": "2026-11-23 15:00:00",
            "EndDate": "2026-11-25 15:00:00",
            "OffSetValue": "0",
        }
    ]


def test_every_page_is_fetched_by_rows(pull: Pull, api: PullApi) -> None:
    api.rows = [kept(f"SKP000{n:04}", kes(n), UNTIL) for n in range(1, 251)]
    found = pull.payments(since=SINCE, until=UNTIL)
    assert [line.amount for line in found] == [kes(n) for n in range(1, 251)]
    assert [each["OffSetValue"] for each in api.queried] == ["0", "100", "200", "250"]


def test_a_provider_that_ignores_the_offset_is_not_asked_for_ever(pull: Pull, api: PullApi) -> None:
    row = kept("SKP0000001", kes(5), UNTIL)
    same = (200, {"ResponseCode": "1000", "Response": [[row]]})
    api.first.extend([same, same, same])
    assert len(pull.payments(since=SINCE, until=UNTIL)) == 1
    assert len(api.first) == 1


def test_a_provider_without_end_is_not_asked_for_ever(pull: Pull, api: PullApi) -> None:
    api.page_rows = 1
    api.rows = [kept(f"SKP000{n:04}", kes(1), UNTIL) for n in range(1_001)]
    with pytest.raises(PaymentUnknown, match="too_many_pages"):
        pull.payments(since=SINCE, until=UNTIL)
    assert len(api.queried) == 1_000


@pytest.mark.parametrize("shape", ["nested", "flat", "named"])
def test_the_documented_shapes(pull: Pull, api: PullApi, shape: str) -> None:
    row = kept("yzlyrEsRG1", kes(168), UNTIL)
    body = {
        "nested": {"ResponseCode": "1000", "Response": [[row]]},
        "flat": {"ResponseCode": 1000, "Response": [row]},
        "named": {"ResponseCode": "1000", "Transactions": [row]},
    }[shape]
    api.first.append((200, body))
    [line] = pull.payments(since=SINCE, until=UNTIL)
    assert (line.receipt, line.kind, line.amount) == ("YZLYRESRG1", LineKind.PAID_IN, kes(168))
    assert (line.account, line.party) == ("0712345678", "2547*****678")


@pytest.mark.parametrize("amount", ["168.50", 168.5, "168.5"])
def test_amounts_are_strings_or_numbers(pull: Pull, api: PullApi, amount: object) -> None:
    api.rows = [{**kept("SKP0000001", kes(1), UNTIL), "amount": amount}]
    [line] = pull.payments(since=SINCE, until=UNTIL)
    assert line.amount == Money(16_850)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-11-25T10:13:00Z", datetime(2026, 11, 25, 10, 13, tzinfo=UTC)),
        ("2026-11-25 10:13:00", datetime(2026, 11, 25, 10, 13, tzinfo=NAIROBI)),
        ("2026-11-25T10:13:00", datetime(2026, 11, 25, 10, 13, tzinfo=NAIROBI)),
    ],
)
def test_a_moment_without_a_zone_is_nairobi_s(
    pull: Pull, api: PullApi, written: str, meant: datetime
) -> None:
    api.rows = [kept("SKP0000001", kes(1), UNTIL, trxDate=written)]
    [line] = pull.payments(since=SINCE, until=UNTIL)
    assert line.completed_at == meant


@pytest.mark.parametrize("body", [NONE, {"ResponseCode": "1000", "Response": "[[]]"}])
def test_no_payments_are_no_error(pull: Pull, api: PullApi, body: object) -> None:
    api.first.append((200, body))
    assert pull.payments(since=SINCE, until=UNTIL) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": "many"},
        {"amount": "0.00"},
        {"amount": None},
        {"transactionId": None},
        {"transactionId": "a b"},
        {"trxDate": "yesterday"},
        {"trxDate": 20261125},
    ],
)
def test_a_payment_that_cannot_be_read_makes_the_whole_unknown(
    pull: Pull, api: PullApi, wrong: dict[str, object]
) -> None:
    good, bad = kept("SKP0000001", kes(1), UNTIL), kept("SKP0000002", kes(1), UNTIL)
    api.rows = [good, {**bad, **wrong}]
    with pytest.raises(PaymentUnknown):
        pull.payments(since=SINCE, until=UNTIL)


@pytest.mark.parametrize("answer", [{"ResponseCode": "7"}, {"ResponseCode": "1000", "Response": 5}])
def test_an_answer_that_says_something_else_is_unknown(
    pull: Pull, api: PullApi, answer: object
) -> None:
    api.first.append((200, answer))
    with pytest.raises(PaymentUnknown):
        pull.payments(since=SINCE, until=UNTIL)


def test_refused_and_unknown_are_told_apart_and_never_tried_again(pull: Pull, api: PullApi) -> None:
    api.first.append(error("500.003.02", "System is busy."))
    with pytest.raises(PaymentRefused):
        pull.payments(since=SINCE, until=UNTIL)
    api.first.append(requests.ReadTimeout())
    with pytest.raises(PaymentUnknown):
        pull.payments(since=SINCE, until=UNTIL)
    assert len(api.queried) == 2


def test_a_lost_page_loses_the_whole(pull: Pull, api: PullApi) -> None:
    page = [kept(f"SKP000{n:04}", kes(n), UNTIL) for n in range(1, 101)]
    api.first.append((200, {"ResponseCode": "1000", "Response": [page]}))
    api.first.append((200, "<html>"))
    with pytest.raises(PaymentUnknown):
        pull.payments(since=SINCE, until=UNTIL)


def test_registering_twice_is_harmless(pull: Pull, api: PullApi) -> None:
    for _ in range(2):
        pull.register(nominated="+254722000000", callback_url="https://hooks.test/payments/pull")
    assert api.registered[0] == {
        "ShortCode": "174379",
        "RequestType": "Pull",
        "NominatedNumber": "254722000000",
        "CallBackURL": "https://hooks.test/payments/pull",
    }
    api.first.append((200, {"ResponseStatus": "2000"}))
    with pytest.raises(PaymentUnknown):
        pull.register(nominated="+254722000000", callback_url="https://hooks.test")
