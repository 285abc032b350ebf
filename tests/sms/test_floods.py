"""Who writes too much is obeyed, told so once, and then met with silence."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from core.database import in_transaction
from core.notices import answering, texts
from core.notices.answering import AT_ONCE, MESSAGES_A_DAY, MESSAGES_AT_ONCE, weigh_player
from core.notices.notify import Notice
from core.text import Language
from sms.desk import Desk
from sms.replying import reply
from tests.sms.exchange import PHONE, Exchange
from tests.sms.test_commands import receives_a_code
from tests.sms.wire import Provider

STRANGER = "+254711000001"
WORDS = ("BAL", "BETS", "MARKETS", "HELP")


def floods(exchange: Exchange, messages: int, *, phone: str = PHONE) -> None:
    for number in range(messages):
        exchange.writes(WORDS[number % len(WORDS)], phone=phone)


def last_words(exchange: Exchange, phone: str = PHONE) -> list[str]:
    return [text for text in exchange.queued(phone) if "many messages" in text]


def test_a_flood_gets_a_last_word_and_then_silence(exchange: Exchange) -> None:
    exchange.world.comes_to(10)
    exchange.world.has_player()
    floods(exchange, MESSAGES_AT_ONCE)
    assert last_words(exchange) == []
    floods(exchange, 5)
    assert len(exchange.queued()) == MESSAGES_AT_ONCE + 1
    [told] = last_words(exchange)
    assert re.search(r"We answer again from \d\d/\d\d 10:10\.", told)
    assert exchange.queued()[-1] == told


def test_it_is_answered_again_when_it_was_said(exchange: Exchange) -> None:
    exchange.world.has_player()
    floods(exchange, MESSAGES_AT_ONCE + 5)
    exchange.world.moves(seconds=AT_ONCE.total_seconds() - 30)
    floods(exchange, 1)
    assert len(last_words(exchange)) == 1
    exchange.world.moves(seconds=40)
    assert exchange.asks("BAL").startswith("Balance")


def test_a_flood_is_obeyed(exchange: Exchange, provider: Provider) -> None:
    exchange.world.has_player(verified=False)
    code = receives_a_code(exchange, provider)
    floods(exchange, MESSAGES_AT_ONCE + 5)
    exchange.writes("STOP")
    exchange.writes(code)
    assert len(exchange.kept()) == MESSAGES_AT_ONCE + 7
    assert exchange.world.player(PHONE).news_stopped_at is not None
    assert exchange.world.player(PHONE).kyc_verified_at is not None


def test_a_day_has_its_own_limit(exchange: Exchange) -> None:
    exchange.world.comes_to(9)
    exchange.world.has_player()
    for _ in range(MESSAGES_A_DAY // MESSAGES_AT_ONCE):
        floods(exchange, MESSAGES_AT_ONCE)
        exchange.world.moves(minutes=11)
    assert len(exchange.queued()) == MESSAGES_A_DAY
    floods(exchange, 5)
    exchange.world.moves(minutes=11)
    floods(exchange, 5)
    assert len(exchange.queued()) == MESSAGES_A_DAY + 1
    [told] = last_words(exchange)
    assert " 00:00." in told
    exchange.world.comes_to(0, 1)
    assert exchange.asks("BAL").startswith("Balance")


def test_of_five_at_once_beyond_the_limit_one_gets_the_last_word(exchange: Exchange) -> None:
    exchange.world.has_player()
    floods(exchange, MESSAGES_AT_ONCE)
    together = threading.Barrier(5)

    def weighs(_number: int) -> str:
        with exchange.world.database.begin() as connection:
            connection.execute(select(1))
            together.wait(timeout=10)
            verdict = weigh_player(connection, phone=PHONE)
        return type(verdict).__name__

    with ThreadPoolExecutor(5) as pool:
        verdicts = sorted(pool.map(weighs, range(5)))
    assert verdicts == ["LastWord", *["Silence"] * 4]


@pytest.mark.parametrize("messages", [MESSAGES_AT_ONCE, MESSAGES_AT_ONCE + 5])
def test_money_that_moved_gets_its_receipt_and_does_not_count(
    exchange: Exchange, messages: int
) -> None:
    player = exchange.world.has_player()
    floods(exchange, messages)
    before = len(exchange.queued())
    receipt = Notice(player.id, PHONE, Language.ENGLISH, "bet_placed", texts.number_verified())
    desk = Desk(exchange.world.database, exchange.world.pepper, exchange.world.settings)
    in_transaction(
        exchange.world.database,
        lambda c: reply(c, desk=desk, notice=receipt),
    )
    assert len(exchange.queued()) == before + 1
    floods(exchange, 1)
    assert len(last_words(exchange)) == 1


def test_a_stranger_is_answered_once_a_day(exchange: Exchange) -> None:
    exchange.world.comes_to(10)
    floods(exchange, 12, phone=STRANGER)
    assert exchange.queued(STRANGER) == [
        "This number has no Kibeezy account. To register dial *384*2030#."
    ]
    exchange.world.comes_to(0, 1)
    floods(exchange, 2, phone=STRANGER)
    assert len(exchange.queued(STRANGER)) == 2


def test_so_many_strangers_are_answered_a_day(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answering, "STRANGERS_A_DAY", 3)
    exchange.world.comes_to(10)
    strangers = [f"+25471100000{digit}" for digit in range(5)]
    for stranger in strangers:
        exchange.writes("BAL", phone=stranger)
    assert [len(exchange.queued(stranger)) for stranger in strangers] == [1, 1, 1, 0, 0]
    exchange.world.comes_to(0, 1)
    exchange.writes("BAL", phone=strangers[-1])
    assert len(exchange.queued(strangers[-1])) == 1
