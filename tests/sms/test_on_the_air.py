"""A phone, the network and the service, each behind its own socket."""

import re

import pytest

from core.money import kes
from tests.sms.air import Air
from tests.sms.exchange import PHONE


def test_a_question_its_answer_and_the_report_of_it(air: Air) -> None:
    air.world.has_player()
    air.phone_writes("bal")
    air.passes()
    assert air.inbox() == ["Balance KES 0. Your number is verified."]
    assert air.statuses() == ["delivered"]


def test_registering_and_proving_the_number(air: Air) -> None:
    air.world.has_player(verified=False)
    air.phone_writes("BAL")
    air.passes()
    # Registering queued a code, which the world had marked as done: ask for it by replaying.
    with air.world.owner.begin() as connection:
        connection.exec_driver_sql("UPDATE outbox SET done_at = NULL WHERE kind = 'send_code'")
    air.passes(minutes=2)
    code = re.search(r"\d{6}", air.inbox()[-1])
    assert code is not None
    air.phone_writes(code[0])
    air.passes()
    assert air.world.player(PHONE).kyc_verified_at is not None
    assert "is verified" in air.inbox()[-1]


PHONES = [f"+2547000001{number:02}" for number in range(20)]
TEMPORARY = ["invalid_sender", "error_500", "unauthorised", "no_credit", "throttle"]
TEMPORARY_CODES = ["code_402", "code_500", "code_501", "code_502"]
FINAL_CODES = ["code_401", "code_403", "code_404", "code_406", "code_407", "code_409"]

UNUSUAL = ["with_charset", "wrong_parts", "no_cost", "zero_cost", "usd_cost"]
REPORTED = {
    "before_answer": "delivered",
    "duplicate": "delivered",
    "interim": "delivered",
    "shuffle": "delivered",
    "failure_after_success": "delivered",
    "success_after_failure": "delivered",
    "another_network": "delivered",
    "unknown_network": "delivered",
    "wrong_phone": "delivered",
    "rejected_UserIsInactive": "undelivered",
    "failed": "undelivered",
    "expired": "undelivered",
    "drop": "accepted",
    "unknown_status": "accepted",
    "unknown_id": "accepted",
}


@pytest.mark.parametrize("fault", [*TEMPORARY, *TEMPORARY_CODES])
def test_a_network_in_trouble_delivers_once_when_it_is_well(air: Air, fault: str) -> None:
    air.world.has_player()
    air.network(sms=fault)
    air.phone_writes("BAL")
    air.passes()
    assert air.inbox() == []
    air.network(sms=None)
    air.passes(minutes=1)
    assert len(air.inbox()) == 1
    assert air.statuses() == ["delivered"]


def test_what_the_network_will_never_take_is_not_offered_again(air: Air) -> None:
    for phone, fault in zip(PHONES, FINAL_CODES, strict=False):
        air.world.has_player(phone)
        air.network(sms=fault)
        air.phone_writes("BAL", phone=phone)
        air.passes()
    air.network(sms=None)
    air.passes(hours=2)
    assert air.statuses() == ["refused"] * len(FINAL_CODES)
    assert air.sent() == []


@pytest.mark.parametrize(
    ("fault", "arrived"),
    [("cut", 0), ("html_502", 0), ("no_recipients", 0), ("lose_answer", 1), ("truncated", 1)],
)
def test_an_answer_whose_fate_nobody_knows_is_not_sent_again(
    air: Air, fault: str, arrived: int
) -> None:
    air.world.has_player()
    air.network(sms=fault)
    air.phone_writes("BAL")
    air.passes()
    air.network(sms=None)
    air.passes(hours=2)
    assert air.statuses() == ["unknown"]
    assert len(air.inbox()) == arrived


def test_an_unusual_answer_is_still_an_answer(air: Air) -> None:
    for phone, fault in zip(PHONES, UNUSUAL, strict=False):
        air.world.has_player(phone)
        air.network(sms=fault)
        air.phone_writes("BAL", phone=phone)
        air.passes()
    air.passes(hours=2)
    assert air.statuses() == ["delivered"] * len(UNUSUAL)
    assert len(air.sent()) == len(UNUSUAL)


def test_a_message_without_an_id_is_accepted_and_nothing_is_heard_of_it(air: Air) -> None:
    air.world.has_player()
    air.network(sms="no_id")
    air.phone_writes("BAL")
    air.passes()
    air.passes(hours=2)
    assert air.statuses() == ["accepted"]
    assert len(air.inbox()) == 1


def test_a_status_never_goes_backwards_whatever_is_reported(air: Air) -> None:
    for phone, fault in zip(PHONES, REPORTED, strict=False):
        air.world.has_player(phone)
        air.network(sms_report={"fault": fault, "seconds": 0.2})
        air.phone_writes("BAL", phone=phone)
        air.passes()
    air.passes(hours=1)
    assert dict(zip(REPORTED, air.statuses(), strict=True)) == REPORTED
    assert len(air.sent()) == len(REPORTED)


def test_a_code_whose_answer_was_lost_is_replaced_and_the_first_opens_nothing(air: Air) -> None:
    air.world.has_player(verified=False)
    air.network(sms={"fault": "lose_answer", "times": 1})
    with air.world.owner.begin() as connection:
        connection.exec_driver_sql("UPDATE outbox SET done_at = NULL WHERE kind = 'send_code'")
    air.passes()
    air.passes(minutes=1)
    first, second = (
        found[0] for found in (re.search(r"\d{6}", sms) for sms in air.inbox()) if found
    )
    assert first != second
    air.phone_writes(first)
    assert air.world.player(PHONE).kyc_verified_at is None
    air.phone_writes(second)
    assert air.world.player(PHONE).kyc_verified_at is not None


@pytest.mark.parametrize("words", ["BAL", "STOP", "DISPUTE 101", "BET 101 YES 100"])
def test_a_message_that_comes_five_times_at_once_and_again_has_one_effect(
    air: Air, words: str
) -> None:
    air.world.has_player(balance=kes(500))
    air.world.has_market()
    air.network(sms_inbound={"fault": "duplicate", "copies": 5})
    air.phone_writes(words)
    air.passes()
    assert len(air.sent()) == 1
    assert air.world.count("sms_in") == 1
    assert air.world.count("bet") == words.startswith("BET")


def test_a_message_that_comes_again_after_a_day_has_no_effect(air: Air) -> None:
    air.world.has_player()
    air.network(sms_inbound={"fault": "repeat", "seconds": 0, "times": 1})
    air.phone_writes("BAL")
    air.remote.settle()
    air.passes(days=1)
    assert len(air.sent()) == 1
    assert air.world.count("sms_in") == 1


@pytest.mark.parametrize("fault", ["invalid_sender", "error_500", "unauthorised", "no_credit"])
def test_another_provider_delivers_at_once(both_on_the_air: Air, fault: str) -> None:
    air = both_on_the_air
    air.world.has_player()
    air.network(sms=fault)
    air.phone_writes("BAL")
    air.passes()
    assert len(air.inbox()) == 1
    [row] = air.rows()
    assert (row.status, row.provider, row.provider_status) == ("delivered", "infobip", "Success")
    assert (row.cost_micros, row.cost_currency, row.parts) == (6_200, "EUR", 1)


@pytest.mark.parametrize(
    ("fault", "status", "failure"),
    [
        ("undeliverable", "undelivered", "EC_ABSENT_SUBSCRIBER"),
        ("rejected_later", "undelivered", "REJECTED_NOT_ENOUGH_CREDITS"),
    ],
)
def test_the_other_provider_says_why_it_was_not_delivered(
    both_on_the_air: Air, fault: str, status: str, failure: str
) -> None:
    air = both_on_the_air
    air.world.has_player()
    air.network(sms="error_500", infobip=fault)
    air.phone_writes("BAL")
    air.passes()
    [row] = air.rows()
    assert (row.status, row.failure) == (status, failure)
