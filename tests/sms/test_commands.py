"""Conversations by SMS."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, select, text

from core.database import in_transaction
from core.ledger.statement import read_statement
from core.ledger.transfer import Key
from core.markets.place_bet import place_bet
from core.markets.rules import Outcome, Side
from core.money import kes
from core.players.phone_code import Purpose, ask_code
from core.players.records import phone_code
from tests.core.markets.bookmaker import Bookmaker
from tests.sms.exchange import PHONE, Exchange
from tests.sms.wire import Provider

CODE = re.compile(r"\b\d{6}\b")


def receives_a_code(exchange: Exchange, provider: Provider) -> str:
    player = exchange.world.player(PHONE)
    # Registering asked for a code too, and the next one has to wait.
    exchange.world.moves(minutes=2)
    with exchange.world.database.begin() as connection:
        ask_code(connection, player_id=player.id, purpose=Purpose.VERIFY)
    exchange.works()
    found = CODE.search(provider.texts()[-1])
    assert found is not None
    return found[0]


@pytest.mark.parametrize(
    "word", ["BAL", " bal ", "Bal.", "balance", "SALIO", "#BAL#", "bal please"]
)
def test_balance(exchange: Exchange, word: str) -> None:
    exchange.world.has_player(balance=kes(1_500))
    assert exchange.asks(word) == "Balance KES 1,500. Your number is verified."


def test_the_balance_names_a_debt(exchange: Exchange) -> None:
    world, bookmaker, rival = exchange.world, Bookmaker(exchange.world), "+254700000077"
    for phone in (PHONE, rival):
        world.has_player(phone, balance=kes(500))
    market, other = world.has_market(), world.has_market("Will it rain?")
    bookmaker.bets(PHONE, market, Side.YES, 100)
    bookmaker.bets(rival, market, Side.NO, 100)
    bookmaker.ends(market, Outcome.YES)
    bookmaker.bets(PHONE, other, Side.YES, 580)
    bookmaker.ends_anew(market, Outcome.NO)
    assert exchange.asks("BAL") == (
        "Balance KES 0. You owe us KES 180, which is kept back from withdrawals."
    )


def test_balance_of_a_number_not_proven(exchange: Exchange) -> None:
    exchange.world.has_player(verified=False)
    assert exchange.asks("BAL").startswith("Balance KES 0. Your number is not verified")


def test_a_locked_account_tells_the_phone_nothing(exchange: Exchange) -> None:
    exchange.world.has_player(balance=kes(500))
    with exchange.world.owner.begin() as connection:
        connection.execute(text("UPDATE player SET locked_at = kibeezy_now()"))
    for word in ("BAL", "BETS"):
        told = exchange.asks(word)
        assert told == "Your account is locked. No money was taken.", told


def test_markets_are_listed_by_number_and_label(exchange: Exchange) -> None:
    exchange.world.has_player()
    assert "No market is open" in exchange.asks("MARKETS")
    gor = exchange.world.has_market(label="Gor Mahia win")
    rain = exchange.world.has_market("Will it rain in Nairobi?", label="Rain Nairobi")
    assert exchange.asks("markets") == (
        f"Open: {gor} Gor Mahia win, {rain} Rain Nairobi. To bet, send BET 112 YES 100 or dial"
        " *384*2030#."
    )


def test_open_bets(exchange: Exchange) -> None:
    player = exchange.world.has_player(balance=kes(500))
    assert "no open bets" in exchange.asks("BETS")
    market_id = exchange.world.has_market(label="Gor Mahia win")
    bet = in_transaction(
        exchange.world.database,
        lambda c: place_bet(
            c,
            player_id=player.id,
            market_id=market_id,
            side=Side.YES,
            stake=kes(100),
            key=Key("test", "1"),
            settings=exchange.world.settings,
        ),
    )
    assert exchange.asks("bets") == (
        f"Open bets: 1. {bet.reference} KES 100 YES {market_id} Gor Mahia win."
    )


def has_a_receipt(exchange: Exchange) -> str:
    """The reference of what the player has moved."""
    [line] = in_transaction(
        exchange.world.database,
        lambda c: read_statement(c, player_id=exchange.world.player(PHONE).id, limit=5),
    )
    return line.reference


@pytest.mark.parametrize(
    "spelling",
    [
        "RCPT {0}{1}",
        "rcpt {0}{1}",
        "Rcpt: {0}-{1}.",
        "RCPT{0}{1}",
        "RISITI {0} {1}",
        "receipt ref {0}{1}",
    ],
)
def test_a_receipt_is_checked(exchange: Exchange, spelling: str) -> None:
    exchange.world.has_player(balance=kes(1_500))
    reference = has_a_receipt(exchange)
    asked = spelling.format(reference[:3], reference[3:].lower())
    answer = exchange.asks(asked)
    assert answer.startswith(f"Receipt {reference} is real: Gift KES 1,500, ")
    assert answer.endswith(". Will be sealed in minutes.")
    exchange.world.seals()
    assert exchange.asks(asked).endswith(". Sealed: block 1.")


@pytest.mark.parametrize(
    ("written", "answered"),
    [
        ("RCPT", "Send RCPT and the 6"),
        ("RISITI?", "Send RCPT and the 6"),
        ("RCPT ZZZZZZ", "No receipt of yours has that reference."),
        ("RCPT 000000", "No receipt of yours has that reference."),
        ("RCPT please tell me", "No receipt of yours has that reference."),
        ("RPCT", "Did you mean RCPT?"),
        ("RCPT?", "Send RCPT and the 6"),
    ],
)
def test_what_is_no_receipt_is_said_plainly(
    exchange: Exchange, written: str, answered: str
) -> None:
    exchange.world.has_player()
    assert answered in exchange.asks(written)


def test_somebody_elses_receipt_is_nobodys(exchange: Exchange) -> None:
    exchange.world.has_player(balance=kes(1_500))
    exchange.world.has_player("+254700000002")
    asked = f"RCPT {has_a_receipt(exchange)}"
    told = exchange.asks(asked, phone="+254700000002")
    assert told == exchange.asks("RCPT ZZZZZZ", phone="+254700000002")


@pytest.mark.parametrize(
    ("written", "answered"),
    [
        ("HELP", "Send BAL"),
        ("", "Send BAL"),
        ("  ?! ", "Send BAL"),
        ("BALL", "Did you mean BAL?"),
        ("MARKTES", "Did you mean MARKETS?"),
        ("xyzzy", "Send HELP, BAL, BETS or MARKETS"),
        ("\U0001f600", "Send BAL"),
        ("HELP BET", "send BET 112 YES 100"),
        ("BTE 345 NO 50", "Did you mean BET 345 NO 50? Send it like that. No money was taken."),
        ("BET 112", "Write the bet as BET 112 YES 100"),
        ("BET 112 YES 99.50", "in whole shillings, like BET 112 YES 100. No money was taken."),
        ("BET 112 100", "Write YES or NO after the market's number, like BET 112 YES 100."),
        ("BET 4826 YES 100", "There is no such market. Send MARKETS for the list. No money was"),
        ("BET 112 YES 100 PIN 4826", "a bet needs none. No money was taken."),
        ("DEPOSIT 100", "on the menu: dial *384*2030#. No money was taken."),
        ("LANG", "Send LANG SW for Kiswahili"),
        ("4826", "Never send your PIN"),
        ("12345", "The code is 6 digits."),
        ("STOP", "no more news"),
        ("START", "News is on again"),
    ],
)
def test_whatever_is_written_is_answered_with_what_helps(
    exchange: Exchange, written: str, answered: str
) -> None:
    exchange.world.has_player(verified=False)
    # Somebody was sent a code, or a wrong length could not be told from none.
    assert answered in exchange.asks(written)


def test_a_number_without_an_account_is_told_what_to_dial(exchange: Exchange) -> None:
    answer = exchange.asks("BAL", phone="+254799999999")
    assert answer == "This number has no Kibeezy account. To register dial *384*2030#."


@pytest.mark.parametrize("sender", ["+15551234567", "SAFARICOM", "20300"])
def test_who_is_no_kenyan_mobile_is_heard_and_not_answered(exchange: Exchange, sender: str) -> None:
    exchange.writes("BAL", phone=sender)
    assert exchange.kept() == ["BAL"]
    assert exchange.rows() == []


@pytest.mark.parametrize("spelling", ["{0}{1}", " {0} {1}", "{0}-{1}."])
def test_the_code_alone_proves_the_number(
    exchange: Exchange, provider: Provider, spelling: str
) -> None:
    exchange.world.has_player(verified=False)
    code = receives_a_code(exchange, provider)
    assert "is verified" in exchange.asks(spelling.format(code[:3], code[3:]))
    assert exchange.world.player(PHONE).kyc_verified_at is not None
    assert exchange.kept()[0].count("*") == 6
    assert not re.search(r"\d", exchange.kept()[0])


def test_a_wrong_code_counts_and_three_lock(exchange: Exchange, provider: Provider) -> None:
    exchange.world.has_player(verified=False)
    code = receives_a_code(exchange, provider)
    wrong = f"{(int(code) + 1) % 10**6:06}"
    assert "Tries left: 2" in exchange.asks(wrong)
    assert "Tries left: 1" in exchange.asks(wrong)
    assert "Too many wrong codes" in exchange.asks(wrong)
    assert "Too many wrong codes" in exchange.asks(code)
    assert exchange.world.player(PHONE).kyc_verified_at is None


def test_one_message_delivered_five_times_has_one_effect(
    exchange: Exchange, provider: Provider
) -> None:
    exchange.world.has_player(verified=False)
    code = receives_a_code(exchange, provider)
    wrong = f"{(int(code) + 1) % 10**6:06}"
    with ThreadPoolExecutor(5) as pool:
        copies = [pool.submit(exchange.writes, wrong, provider_id="same") for _ in range(5)]
        for copy in copies:
            copy.result()
    assert exchange.queued() == ["Wrong code. Tries left: 2."]
    assert tries_of(exchange.world.database) == 1


def tries_of(database: Engine) -> int:
    with database.connect() as connection:
        tries: int = connection.execute(select(phone_code.c.wrong_tries)).scalar_one()
        return tries


def test_a_pin_in_a_message_is_warned_about_and_not_kept(exchange: Exchange) -> None:
    exchange.world.has_player()
    assert "Never send your PIN" in exchange.asks("my pin 4826")
    assert exchange.kept() == ["my pin ****"]


def test_stop_and_start_are_remembered(exchange: Exchange) -> None:
    exchange.world.has_player()
    exchange.writes("STOP")
    assert exchange.world.player(PHONE).news_stopped_at is not None
    exchange.writes("START")
    assert exchange.world.player(PHONE).news_stopped_at is None


def test_a_code_from_a_proven_number_is_told_where_it_belongs(exchange: Exchange) -> None:
    exchange.world.has_player()
    assert "typed on the menu" in exchange.asks("123456")
