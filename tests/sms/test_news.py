"""What nobody asked for reaches only who wants it, by day, and while it is still true."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import requests
from sqlalchemy import select

from core.database import in_transaction
from core.markets.jobs import jobs as market_jobs
from core.markets.rules import Outcome, Side
from core.money import kes
from core.notices import texts
from core.notices.kinds import KINDS, Sort
from core.notices.notify import Notice, notify_all
from core.notices.records import stopped_number
from core.outbox.deliver import Worker
from core.text import Language
from tests.core.markets.bookmaker import Bookmaker
from tests.core.markets.life import works
from tests.sms.exchange import PHONE, Exchange
from tests.sms.wire import Provider

OTHER = "+254700000002"
STRANGER = "+254711000001"
WORDS = texts.number_verified()
ASKED_FOR = [name for name, kind in KINDS.items() if kind.sort is not Sort.NEWS]


def queues(exchange: Exchange, kind: str, *phones: str) -> None:
    notices = [Notice(None, phone, Language.ENGLISH, kind, WORDS) for phone in phones]
    in_transaction(exchange.world.database, lambda c: notify_all(c, notices=notices))


def news(exchange: Exchange, *phones: str) -> None:
    """Queue news, for which the kind is all that counts."""
    queues(exchange, "result_proposed", *phones)


def statuses(exchange: Exchange) -> list[str]:
    return [row.status for row in exchange.rows() if row.kind == "result_proposed"]


def told(provider: Provider) -> list[str]:
    return [order["to"] for order in provider.orders]


@pytest.fixture
def by_day(exchange: Exchange) -> Exchange:
    exchange.world.comes_to(10)
    exchange.world.has_player()
    return exchange


def by_word(exchange: Exchange, phone: str) -> None:
    exchange.writes("STOP", phone=phone)


def by_callback(exchange: Exchange, phone: str) -> None:
    form = {"senderId": "KIBEEZY", "phoneNumber": phone}
    assert exchange.posts("opt-out", data=form).status_code == 200


Stopping = pytest.mark.parametrize("stops", [by_word, by_callback])


@Stopping
def test_who_has_stopped_news_gets_none_and_the_others_do(
    by_day: Exchange, provider: Provider, stops: Callable[[Exchange, str], None]
) -> None:
    by_day.world.has_player(OTHER)
    stops(by_day, PHONE)
    by_day.works()
    provider.orders.clear()
    news(by_day, PHONE, OTHER)
    by_day.works()
    assert told(provider) == [OTHER]
    by_day.writes("START")
    news(by_day, PHONE, OTHER)
    by_day.works()
    assert told(provider).count(PHONE) == 2, "the answer to START, and the news"


def test_stop_leaves_codes_receipts_warnings_and_answers(
    by_day: Exchange, provider: Provider
) -> None:
    by_day.writes("STOP")
    for kind in ASKED_FOR:
        queues(by_day, kind, PHONE)
    by_day.works()
    assert len(provider.orders) == len(ASKED_FOR) + 1, "those, and the answer to STOP"


@Stopping
def test_news_on_its_way_stops_too(
    by_day: Exchange, provider: Provider, stops: Callable[[Exchange, str], None]
) -> None:
    provider.refuses(501, "GatewayError")
    news(by_day, PHONE)
    by_day.works()
    assert statuses(by_day) == ["queued"], "it waits for the provider"
    stops(by_day, PHONE)
    by_day.world.moves(minutes=5)
    by_day.works()
    assert statuses(by_day) == ["dropped"]
    assert WORDS.in_(Language.ENGLISH) not in provider.texts()[1:]


@Stopping
def test_a_number_that_stops_before_it_registers_is_remembered(
    exchange: Exchange, stops: Callable[[Exchange, str], None]
) -> None:
    exchange.world.comes_to(10)
    stops(exchange, STRANGER)
    stops(exchange, STRANGER)
    exchange.world.has_player(STRANGER)
    news(exchange, STRANGER)
    assert statuses(exchange) == []
    exchange.writes("START", phone=STRANGER)
    news(exchange, STRANGER)
    assert statuses(exchange) == ["queued"]


def test_the_stop_of_a_player_is_kept_with_the_player_only(by_day: Exchange) -> None:
    for stops in (by_word, by_callback, by_word):
        stops(by_day, PHONE)
    assert by_day.world.count("player WHERE news_stopped_at IS NOT NULL") == 1
    assert by_day.world.count("stopped_number") == 0


@Stopping
def test_a_second_stop_leaves_the_moment_of_the_first(
    exchange: Exchange, stops: Callable[[Exchange, str], None]
) -> None:
    moments = []
    for _repeat in range(2):
        stops(exchange, STRANGER)
        with exchange.world.database.connect() as connection:
            moments.append(connection.execute(select(stopped_number.c.stopped_at)).scalar_one())
        exchange.world.moves(hours=1)
    assert moments[0] == moments[1]


def test_a_stranger_may_take_a_stop_back_and_stop_again(exchange: Exchange) -> None:
    exchange.world.comes_to(10)
    for word in ("STOP", "START", "STOP 20300"):
        exchange.writes(word, phone=STRANGER)
    exchange.world.has_player(STRANGER)
    news(exchange, STRANGER)
    assert statuses(exchange) == []


def test_news_of_the_night_comes_at_seven_and_receipts_at_once(
    exchange: Exchange, provider: Provider
) -> None:
    exchange.world.has_player()
    exchange.world.comes_to(23)
    news(exchange, PHONE)
    exchange.writes("BAL")
    exchange.works()
    assert len(provider.orders) == 1
    assert provider.texts()[0].startswith("Balance")
    exchange.world.comes_to(6, 59)
    exchange.works()
    assert statuses(exchange) == ["queued"]
    assert min(job.attempts for job in exchange.jobs("send_sms")) == 0, "no worker is kept busy"
    exchange.world.comes_to(7, 1)
    exchange.works()
    assert statuses(exchange) == ["accepted"]


def test_news_that_is_delayed_into_the_night_waits_for_the_morning(
    by_day: Exchange, provider: Provider
) -> None:
    by_day.world.comes_to(20, 59)
    provider.breaks(requests.ConnectTimeout())
    news(by_day, PHONE)
    by_day.works()
    by_day.world.comes_to(21, 10)
    by_day.works()
    assert len(provider.orders) == 1, "not tried again at night"
    assert statuses(by_day) == ["queued"]
    by_day.world.comes_to(7, 1)
    by_day.works()
    assert statuses(by_day) == ["accepted"]


def invitations(provider: Provider) -> int:
    return sum("DISPUTE" in text for text in provider.texts())


def proposes(exchange: Exchange, *, window: timedelta) -> None:
    """A market of the player's is over, and its result is proposed."""
    world, bookmaker = exchange.world, Bookmaker(exchange.world)
    world.has_player(balance=kes(500))
    market = world.has_market(label="Gor Mahia wins")
    bookmaker.bets(PHONE, market, Side.YES, 100)
    bookmaker.closes(market)
    bookmaker.proposes(market, Outcome.NO, window=window)
    works(Worker(world.database, market_jobs(database=world.database)))


def test_a_result_that_can_be_disputed_in_the_morning_is_told_in_the_morning(
    exchange: Exchange, provider: Provider
) -> None:
    exchange.world.comes_to(22)
    proposes(exchange, window=timedelta(hours=24))
    exchange.works()
    assert invitations(provider) == 0
    exchange.world.comes_to(7, 1)
    exchange.works()
    assert invitations(provider) == 1


def test_a_result_that_is_final_before_the_morning_is_told_at_night(
    exchange: Exchange, provider: Provider
) -> None:
    exchange.world.comes_to(22)
    proposes(exchange, window=timedelta(hours=2))
    exchange.works()
    assert invitations(provider) == 1


def test_nobody_is_invited_to_dispute_when_it_is_too_late(
    exchange: Exchange, provider: Provider
) -> None:
    exchange.world.comes_to(10)
    provider.says(500, "Internal Server Error", times=1_000)
    proposes(exchange, window=timedelta(hours=1))
    exchange.works()
    assert statuses(exchange) == ["queued"]
    provider.answers.clear()
    provider.orders.clear()
    exchange.world.moves(minutes=61)
    exchange.works()
    assert statuses(exchange) == ["dropped"]
    assert invitations(provider) == 0
    assert provider.texts()[0].startswith("Bet placed"), "a receipt is never too late"
