"""A provider that is well again is offered at once what it had refused, now and then."""

import pytest

from core.carriers.rules import REFUSED_IN_A_ROW
from sms import handover, jobs
from sms.handover import HURRIED_AT_ONCE
from tests.sms.exchange import PHONE, Exchange
from tests.sms.two_carriers import asks_for_a_code, queues
from tests.sms.wire import Provider

ELSEWHERE = "+254733000001"


def are_refused(exchange: Exchange, provider: Provider, *, messages: int) -> None:
    provider.refuses(500, "InternalServerError", times=messages)
    for _ in range(messages):
        exchange.writes("BAL")
    exchange.works()


def is_taken(exchange: Exchange, provider: Provider) -> int:
    """Another message is taken; returns how many orders came with it."""
    before = len(provider.orders)
    exchange.writes("BAL")
    exchange.works()
    return len(provider.orders) - before


@pytest.mark.parametrize("at_once", [2, HURRIED_AT_ONCE])
def test_what_was_refused_goes_with_the_first_that_is_taken(
    exchange: Exchange, provider: Provider, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(handover, "HURRIED_AT_ONCE", at_once)
    exchange.world.has_player()
    exchange.world.moves(minutes=1)
    are_refused(exchange, provider, messages=REFUSED_IN_A_ROW)
    assert is_taken(exchange, provider) == 1 + REFUSED_IN_A_ROW
    exchange.world.moves(hours=1)
    assert is_taken(exchange, provider) == 1, "each went once"


def test_a_drain_that_fails_sends_no_second_code(exchange: Exchange, provider: Provider) -> None:
    exchange.world.has_player(verified=False)
    exchange.world.moves(minutes=1)
    are_refused(exchange, provider, messages=REFUSED_IN_A_ROW)
    with exchange.world.owner.begin() as connection:
        connection.exec_driver_sql("REVOKE UPDATE (hurried_at) ON sms_route FROM kibeezy_app")
    asks_for_a_code(exchange)
    exchange.world.moves(minutes=1)
    exchange.works()
    assert len([text for text in provider.texts() if "is your Kibeezy code" in text]) == 1


def test_one_or_two_refusals_wait_out_their_pause(exchange: Exchange, provider: Provider) -> None:
    exchange.world.has_player()
    exchange.world.moves(minutes=1)
    are_refused(exchange, provider, messages=REFUSED_IN_A_ROW - 1)
    assert is_taken(exchange, provider) == 1
    are_refused(exchange, provider, messages=1)
    assert is_taken(exchange, provider) == 1, "they count from the last that was taken"


def test_a_network_that_stays_down_for_hours_uses_up_no_receipt_within_a_day(
    exchange: Exchange, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "RECEIPT_TRIES", 10)
    exchange.world.has_player(ELSEWHERE)
    exchange.world.has_player()

    def refuse_one_network() -> None:
        if provider.orders[-1]["to"] == PHONE:
            provider.refuses(501, "GatewayError")

    provider.before_answer = refuse_one_network
    queues(exchange, REFUSED_IN_A_ROW)

    def minutes(count: int) -> int:
        """So many pass, in each the other network takes something; returns how many tries."""
        before = len(provider.orders)
        for _ in range(count):
            exchange.world.moves(minutes=1)
            queues(exchange, 1, phone=ELSEWHERE)
            exchange.works()
        return len(provider.orders) - before - count

    assert minutes(15) >= 15 * REFUSED_IN_A_ROW, "they are called each minute"
    assert exchange.world.count("outbox WHERE set_aside_at IS NOT NULL") == 0
    exchange.world.moves(hours=24)
    minutes(15)
    assert exchange.world.count("outbox WHERE set_aside_at IS NOT NULL") == REFUSED_IN_A_ROW


def test_where_one_network_stays_down_its_messages_are_called_once_a_minute(
    exchange: Exchange, provider: Provider
) -> None:
    exchange.world.has_player()
    exchange.world.moves(minutes=1)
    are_refused(exchange, provider, messages=REFUSED_IN_A_ROW)
    is_taken(exchange, provider)
    are_refused(exchange, provider, messages=REFUSED_IN_A_ROW)
    assert is_taken(exchange, provider) == 1
