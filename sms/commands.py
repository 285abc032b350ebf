"""What each word of an SMS does, and what is answered."""

from datetime import datetime
from typing import Final, assert_never

import structlog
from sqlalchemy import Connection

from core.errors import Refused
from core.ledger import book
from core.ledger.book import owed
from core.ledger.check_receipt import NoSuchReceipt, check_receipt
from core.ledger.transfer import Key
from core.markets.dispute_result import dispute_result
from core.markets.list_markets import list_open_markets
from core.markets.my_bets import open_bets
from core.markets.rules import NoSuchMarket
from core.notices import answers, examples, texts, watch_texts
from core.notices.inbox import LATE_AFTER, Kept, record_inbound
from core.notices.kinds import ANSWER
from core.notices.notify import Notice
from core.phone import InvalidPhone, parse_phone
from core.players.account import choose_language
from core.players.news import start_news, stop_news
from core.players.records import Player, Status, find_player
from core.players.rules import AccountLocked
from core.players.verify_phone import verify_phone
from core.text import Language, Text
from core.watchers.watch_market import unwatch, watch_market
from sms import grammar
from sms.betting import Order, Reply, bet_by_sms, cancel_by_sms
from sms.desk import Desk
from sms.grammar import Command, holds_a_secret, read
from sms.miss import Miss
from sms.misses import answer_to, help_about
from sms.replying import reply
from sms.vocabulary import Word

log = structlog.get_logger()

_PIN_DIGITS: Final = 4


def take_message(
    connection: Connection,
    *,
    desk: Desk,
    provider_id: str,
    sender: str,
    body: str,
    written_at: datetime | None = None,
) -> bool:
    """Keep a message and do what it says, once; False where it had come before.

    Who writes too often is obeyed and not answered, but for money that moved: a bet placed or
    cancelled. Who has no Kenyan mobile is only heard.
    """
    phone = _phone(sender)
    kept = record_inbound(
        connection,
        provider_id=provider_id,
        phone=phone or sender,
        body=body,
        is_secret=holds_a_secret(body),
        written_at=written_at,
    )
    if kept is None:
        return False
    if phone is not None:
        notice = _answer(connection, desk, phone, body, kept)
        reply(connection, desk=desk, notice=notice)
    return True


def _phone(sender: str) -> str | None:
    try:
        return parse_phone(sender)
    except InvalidPhone:
        return None


def _answer(connection: Connection, desk: Desk, phone: str, body: str, kept: Kept) -> Notice:
    player = find_player(connection, phone=phone)
    if player is None:
        text = _unregistered(connection, desk, phone, body)
        return Notice(None, phone, Language.ENGLISH, ANSWER, text)
    command = read(body, language=player.language)
    told = _obey(connection, desk, player, command, kept)
    language = command.language if isinstance(command, grammar.Speak) else player.language
    return Notice(player.id, phone, language, told.kind, told.text)


def _unregistered(connection: Connection, desk: Desk, phone: str, body: str) -> Text:
    match read(body, language=Language.ENGLISH):
        case grammar.Stop():
            stop_news(connection, phone=phone)
            return answers.news_stopped()
        case grammar.Ask(word=Word.START):
            start_news(connection, phone=phone)
            return answers.news_started()
        case _:
            return answers.not_registered(service_code=desk.dial)


def _obey(
    connection: Connection, desk: Desk, player: Player, command: Command, kept: Kept
) -> Reply:
    match command:
        case Order():
            return _bet(connection, desk, player, command, kept)
        case grammar.Cancel(reference=reference):
            return cancel_by_sms(connection, player=player, reference=reference)
        case grammar.Digits(digits=digits):
            return Reply(_verify(desk, player, digits))
        case grammar.Secret(in_bet=in_bet):
            return Reply(examples.bet_needs_no_pin() if in_bet else examples.never_send_a_pin())
        case grammar.Help(about=about):
            return Reply(help_about(about, service_code=desk.dial))
        case Miss():
            return Reply(answer_to(command, service_code=desk.dial))
        case grammar.Ask(word=word):
            return Reply(_plain(connection, desk, player, word))
        case _:
            return Reply(_about_something(connection, player, command))


def _about_something(
    connection: Connection,
    player: Player,
    command: grammar.Receipt
    | grammar.Dispute
    | grammar.Speak
    | grammar.Watch
    | grammar.Unwatch
    | grammar.Stop,
) -> Text:
    match command:
        case grammar.Receipt(typed=typed):
            return _receipt(connection, player, typed)
        case grammar.Dispute(market_id=market_id):
            return _dispute(connection, player, market_id)
        case grammar.Speak(language=language):
            choose_language(connection, player_id=player.id, language=language)
            return examples.language_chosen()
        case grammar.Watch(market_id=market_id):
            return _watch(connection, player, market_id)
        case grammar.Unwatch():
            return _unwatch(connection, player, command)
        case grammar.Stop(market_id=market_id):
            return _stop(connection, player, market_id)
        case _:
            assert_never(command)


def _plain(connection: Connection, desk: Desk, player: Player, word: Word) -> Text:
    match word:
        case Word.BALANCE | Word.BETS if player.status is Status.LOCKED:
            # Whoever has the phone now need not learn what the account holds.
            return AccountLocked().text
        case Word.BALANCE:
            return _balance(connection, desk, player)
        case Word.BETS:
            return _bets(connection, desk, player)
        case Word.MARKETS:
            return _markets(connection, desk, player)
        case Word.START:
            start_news(connection, phone=player.phone)
            return answers.news_started()
        case Word.CASHIER:
            return examples.cashier_on_the_menu(service_code=desk.dial)
        case _:
            return help_about(word, service_code=desk.dial)


def _bet(connection: Connection, desk: Desk, player: Player, order: Order, kept: Kept) -> Reply:
    if kept.on_its_way >= LATE_AFTER:
        # Without the market: whoever mixes things up may have written the PIN there.
        log.warning("bet_came_late", player=player.id)
        return Reply(examples.bet_came_late(minutes=int(LATE_AFTER.total_seconds() / 60)))
    key = Key("sms", kept.provider_id)
    return bet_by_sms(
        connection, desk=desk, player=player, order=order, key=key, on_its_way=kept.on_its_way
    )


def _verify(desk: Desk, player: Player, digits: str) -> Text:
    if len(digits) == _PIN_DIGITS:
        return examples.never_send_a_pin()
    if player.kyc_verified_at is not None:
        return answers.nothing_to_verify(service_code=desk.dial)
    try:
        # On transactions of its own: a wrong try must count even if this one is rolled back.
        verify_phone(desk.database, player_id=player.id, typed=digits, pepper=desk.pepper)
    except Refused as refusal:
        return refusal.text
    return texts.number_verified()


def _receipt(connection: Connection, player: Player, typed: str) -> Text:
    try:
        line = check_receipt(connection, player_id=player.id, typed=typed)
    except NoSuchReceipt as refusal:
        return refusal.text
    return answers.receipt_told(line=line)


def _balance(connection: Connection, desk: Desk, player: Player) -> Text:
    balance = book.available(connection, player_id=player.id)
    if player.kyc_verified_at is None:
        return answers.balance_unverified(balance=balance, service_code=desk.dial)
    return answers.balance_told(balance=balance, owed=owed(connection, player_id=player.id))


def _bets(connection: Connection, desk: Desk, player: Player) -> Text:
    lines = [
        answers.BetLine(bet.reference, bet.stake, bet.side, bet.market_id, bet.label)
        for bet in open_bets(connection, player_id=player.id)
    ]
    return answers.open_bets(bets=lines, service_code=desk.dial, language=player.language)


def _markets(connection: Connection, desk: Desk, player: Player) -> Text:
    listed = [(each.id, each.label) for each in list_open_markets(connection)]
    return answers.open_markets(markets=listed, service_code=desk.dial, language=player.language)


def _dispute(connection: Connection, player: Player, market_id: int | None) -> Text:
    try:
        if market_id is None:
            return examples.no_such_market()
        dispute_result(connection, market_id=market_id, player=player)
    except NoSuchMarket:
        return examples.no_such_market()
    except Refused as refusal:
        return refusal.text
    return answers.dispute_heard(market_id=market_id)


def _watch(connection: Connection, player: Player, market_id: int | None) -> Text:
    try:
        if market_id is None:
            return examples.no_such_market()
        watched = watch_market(connection, player=player, market_id=market_id)
    except NoSuchMarket:
        return examples.no_such_market()
    except Refused as refusal:
        return refusal.text
    price = None if watched.price is None else str(watched.price)
    return watch_texts.watching(market_id=market_id, label=watched.market.label, price=price)


def _unwatch(connection: Connection, player: Player, asked: grammar.Unwatch) -> Text:
    if asked.everything:
        unwatch(connection, player_id=player.id, market_id=None)
        return watch_texts.unwatched_all()
    number = asked.market_id
    if number is None or not unwatch(connection, player_id=player.id, market_id=number):
        return watch_texts.not_watched()
    return watch_texts.unwatched(market_id=number)


def _stop(connection: Connection, player: Player, market_id: int | None) -> Text:
    # ACHA KUFUATA 112 is soon ACHA 112. Any other number changes nothing: a STOP always stops.
    if market_id is not None and unwatch(connection, player_id=player.id, market_id=market_id):
        return watch_texts.unwatched(market_id=market_id)
    stop_news(connection, phone=player.phone)
    return answers.news_stopped()
