"""What each word of an SMS does, and what is answered."""

import re
from collections.abc import Callable
from difflib import get_close_matches
from typing import Final

from sqlalchemy import Connection

from core.errors import Refused
from core.ledger import book
from core.ledger.book import owed
from core.ledger.check_receipt import NoSuchReceipt, check_receipt
from core.markets.dispute_result import dispute_result
from core.markets.list_markets import list_open_markets
from core.markets.my_bets import open_bets
from core.notices import answers, texts
from core.notices.inbox import record_inbound
from core.notices.notify import Notice
from core.phone import InvalidPhone, parse_phone
from core.players.news import start_news, stop_news
from core.players.records import Player, find_player
from core.players.verify_phone import verify_phone
from core.text import Language, Text
from sms.desk import Desk
from sms.replying import reply

KIND: Final = "answer"

_DIGITS_ONLY = re.compile(r"[\s\-.#*]*(?:\d[\s\-.#*]*){4,}", re.ASCII)
_SEPARATORS = re.compile(r"[\s#*.,;:!?\-]+")
_DISPUTE = re.compile(r"\W*(?:DISPUTE|PINGA)(?![^\W\d])", re.ASCII)
_NUMBER = re.compile(r"\d{1,9}", re.ASCII)
_PIN_DIGITS: Final = 4
_RECEIPT: Final = re.compile(r"(?:RCPT|RECEIPT|RISITI)(?:REF(?=.{6}$))?(.*)", re.ASCII)


def take_message(
    connection: Connection, *, desk: Desk, provider_id: str, sender: str, body: str
) -> bool:
    """Keep a message and do what it says, once; False where it had come before.

    Who writes too often is obeyed and not answered; who has no Kenyan mobile is only heard.
    """
    phone = _phone(sender)
    known_from = phone or sender
    if not record_inbound(connection, provider_id=provider_id, phone=known_from, body=body):
        return False
    if phone is not None:
        notice = _answer(connection, desk, phone, body)
        reply(connection, desk=desk, notice=notice)
    return True


def _phone(sender: str) -> str | None:
    try:
        return parse_phone(sender)
    except InvalidPhone:
        return None


def _answer(connection: Connection, desk: Desk, phone: str, body: str) -> Notice:
    player = find_player(connection, phone=phone)
    if player is None:
        text = _unregistered(connection, desk, phone, body)
        return Notice(None, phone, Language.ENGLISH, KIND, text)
    text = _obey(connection, desk, player, body)
    return Notice(player.id, phone, player.language, KIND, text)


def _unregistered(connection: Connection, desk: Desk, phone: str, body: str) -> Text:
    match [word for word in _SEPARATORS.split(body.upper()) if word]:
        case ["STOP", *_]:
            stop_news(connection, phone=phone)
            return answers.news_stopped()
        case ["START", *_]:
            start_news(connection, phone=phone)
            return answers.news_started()
        case _:
            return answers.not_registered(service_code=desk.dial)


def _obey(connection: Connection, desk: Desk, player: Player, body: str) -> Text:
    if _DIGITS_ONLY.fullmatch(body):
        return _verify(desk, player, "".join(re.findall(r"\d", body, re.ASCII)))
    words = [word for word in _SEPARATORS.split(body.upper()) if word]
    if "PIN" in words:
        return answers.never_send_a_pin()
    if _DISPUTE.match(body.upper()):
        return _dispute(connection, player, body)
    receipt = _RECEIPT.fullmatch("".join(words))
    if receipt is not None:
        return _receipt(connection, player, receipt[1])
    word = next(iter(words), "HELP")
    command = _WORDS.get(word)
    if command is not None:
        return command(connection, desk, player)
    near = get_close_matches(word, [*_WORDS, "DISPUTE", "PINGA", "RCPT"], n=1)
    if near:
        return answers.did_you_mean(word=near[0], service_code=desk.dial)
    return answers.not_understood(service_code=desk.dial)


def _verify(desk: Desk, player: Player, digits: str) -> Text:
    if len(digits) == _PIN_DIGITS:
        return answers.never_send_a_pin()
    if player.kyc_verified_at is not None:
        return answers.nothing_to_verify(service_code=desk.dial)
    try:
        # On transactions of its own: a wrong try must count even if this one is rolled back.
        verify_phone(desk.database, player_id=player.id, typed=digits, pepper=desk.pepper)
    except Refused as refusal:
        return refusal.text
    return texts.number_verified()


def _receipt(connection: Connection, player: Player, typed: str) -> Text:
    if not typed:
        return answers.receipt_wanted()
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


def _dispute(connection: Connection, player: Player, body: str) -> Text:
    number = _NUMBER.search(body)
    if number is None:
        return answers.dispute_which()
    market_id = int(number[0])
    try:
        dispute_result(connection, market_id=market_id, player=player)
    except Refused as refusal:
        return refusal.text
    return answers.dispute_heard(market_id=market_id)


def _help(_connection: Connection, desk: Desk, _player: Player) -> Text:
    return answers.help_words(service_code=desk.dial)


def _menu_only(_connection: Connection, desk: Desk, _player: Player) -> Text:
    return answers.only_on_the_menu(service_code=desk.dial)


def _stop(connection: Connection, _desk: Desk, player: Player) -> Text:
    stop_news(connection, phone=player.phone)
    return answers.news_stopped()


def _start(connection: Connection, _desk: Desk, player: Player) -> Text:
    start_news(connection, phone=player.phone)
    return answers.news_started()


_WORDS: Final[dict[str, Callable[[Connection, Desk, Player], Text]]] = {
    "BAL": _balance,
    "BALANCE": _balance,
    "SALIO": _balance,
    "BETS": _bets,
    "MARKETS": _markets,
    "MARKET": _markets,
    "MASOKO": _markets,
    "HELP": _help,
    "MSAADA": _help,
    "STOP": _stop,
    "START": _start,
    "BET": _menu_only,
    "CANCEL": _menu_only,
}
