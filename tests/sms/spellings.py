"""How people write, and what each of it asks for."""

from typing import Final

from core.markets.rules import Side
from core.money import kes
from core.text import Language
from sms.betting import Order
from sms.grammar import (
    Ask,
    Cancel,
    Command,
    Digits,
    Dispute,
    Help,
    Receipt,
    Secret,
    Speak,
    Stop,
    Unwatch,
    Watch,
)
from sms.miss import Example, Miss, Why
from sms.vocabulary import Word

YES_100: Final = Order(112, Side.YES, kes(100))
NO_50: Final = Order(112, Side.NO, kes(50))
YES_1000: Final = Order(112, Side.YES, kes(1_000))

UNDERSTOOD: Final[dict[str, Command]] = {
    # A bet, as bookmakers taught it.
    "BET 112 YES 100": YES_100,
    "BET#112#YES#100": YES_100,
    "112#YES#100": YES_100,
    "112*yes*100#": YES_100,
    "bet 112 yes 100": YES_100,
    "Bet 112 Yes 100.": YES_100,
    "BET,112,YES,100": YES_100,
    "BET.112.YES.100": YES_100,
    "BET-112-YES-100": YES_100,
    "BET: 112 / YES / 100": YES_100,
    "BET\n112\nYES\n100\n": YES_100,
    "  bet   112   y   100  ": YES_100,
    "112 yes 100": YES_100,
    "BET112YES100": YES_100,
    "BET 112Y100": YES_100,
    "112y100": YES_100,
    "please bet 112 yes 100": YES_100,
    "BET 112 YES 100 please": YES_100,
    "bet on market 112 yes for 100": YES_100,
    "BET \uff11\uff11\uff12 YES 100": YES_100,
    "BET 112 NO 50": NO_50,
    "bet 112 n 50": NO_50,
    "112N50": NO_50,
    # The amount.
    "BET 112 YES KES 100": YES_100,
    "BET 112 YES KES100": YES_100,
    "BET 112 YES Ksh100": YES_100,
    "BET 112 YES Ksh.100": YES_100,
    "BET 112 YES 100/-": YES_100,
    "BET 112 YES 100/=": YES_100,
    "BET 112 YES 100.00": YES_100,
    "BET 112 YES 100.0": YES_100,
    "BET 112 YES 100bob": YES_100,
    "BET 112 YES 1000": YES_1000,
    "BET 112 YES 1,000": YES_1000,
    "BET 112 YES KES 1,000.00": YES_1000,
    "BET 112 YES 1,000,000": Order(112, Side.YES, kes(1_000_000)),
    # In Swahili.
    "DAU 112 NDIYO 100": YES_100,
    "dau 112 ndio 100": YES_100,
    "Weka dau 112 ndiyo 100 tafadhali": YES_100,
    "Tafadhali dau 112 ndiyo 100, asante": YES_100,
    "beti 112 y 100": YES_100,
    "112#NDIYO#100": YES_100,
    "DAU SOKO 112 NDIYO KWA 100": YES_100,
    "DAU 112 HAPANA 50": NO_50,
    "dau 112 la 50": NO_50,
    # Taking it back.
    "CANCEL 7K3QXM": Cancel("7K3QXM"),
    "cancel 7k3-qxm": Cancel("7K3QXM"),
    "Cancel bet ref 7K3 QXM.": Cancel("7K3QXM"),
    "cancel7k3qxm": Cancel("7K3QXM"),
    "GHAIRI 7K3QXM": Cancel("7K3QXM"),
    "futa dau 7K3QXM": Cancel("7K3QXM"),
    # Receipts.
    "RCPT 7K3QXM": Receipt("7K3QXM"),
    "rcpt#7k3#qxm": Receipt("7K3QXM"),
    "risiti ref 7K3QXM": Receipt("7K3QXM"),
    "RECEIPT7K3QXM": Receipt("7K3QXM"),
    # What stands alone.
    "BAL": Ask(Word.BALANCE),
    "#bal#": Ask(Word.BALANCE),
    "Balance?": Ask(Word.BALANCE),
    "salio": Ask(Word.BALANCE),
    "Bets": Ask(Word.BETS),
    "my bets": Ask(Word.BETS),
    "madau": Ask(Word.BETS),
    "Dau zangu": Ask(Word.BETS),
    "MARKETS": Ask(Word.MARKETS),
    "masoko": Ask(Word.MARKETS),
    "stop": Stop(None),
    "Stop sending me these!": Stop(None),
    "please stop": Stop(None),
    "Acha": Stop(None),
    "SIMAMISHA": Stop(None),
    "start": Ask(Word.START),
    "Anza": Ask(Word.START),
    "deposit 100": Ask(Word.CASHIER),
    "toa 100": Ask(Word.CASHIER),
    # Help.
    "HELP": Help(None),
    "msaada": Help(None),
    "": Help(None),
    " ?! ": Help(None),
    "HELP BET": Help(Word.BET),
    "msaada dau": Help(Word.BET),
    "help#watch": Help(Word.WATCH),
    # Markets.
    "DISPUTE 112": Dispute(112),
    "#dispute#112#": Dispute(112),
    "Pinga soko 112.": Dispute(112),
    "DISPUTE 99999999999": Dispute(None),
    "WATCH 112": Watch(112),
    "watch#112": Watch(112),
    "FUATA112": Watch(112),
    "follow market 112": Watch(112),
    "UNWATCH 112": Unwatch(112),
    "stop watch 112": Unwatch(112),
    "Acha kufuata 112": Unwatch(112),
    "STOP 112": Stop(112),
    "acha soko 112": Stop(112),
    "UNWATCH": Unwatch(None, everything=True),
    "acha kufuata": Unwatch(None, everything=True),
    # The language.
    "LANG SW": Speak(Language.SWAHILI),
    "lang#en": Speak(Language.ENGLISH),
    "Lugha sw": Speak(Language.SWAHILI),
    "LANGUAGE ENGLISH": Speak(Language.ENGLISH),
    "kiswahili": Speak(Language.SWAHILI),
    # Codes and PINs.
    "123456": Digits("123456"),
    "123 456": Digits("123456"),
    "123-456.": Digits("123456"),
    "12 34 56": Digits("123456"),
    "4826": Digits("4826"),
    "4 8 2 6!": Digits("4826"),
    "my pin is 4826": Secret(in_bet=False),
    "PIN4826": Secret(in_bet=False),
    "siri yangu 4826": Secret(in_bet=False),
    "BET 112 YES 100 PIN 4826": Secret(in_bet=True),
    "BET 112 YES 100 4826": Secret(in_bet=True),
    "112#YES#100#4826": Secret(in_bet=True),
    "BET 4826 112 YES 100": Secret(in_bet=True),
    "Code: 482613": Digits("482613"),
    "My code is 482613": Digits("482613"),
    "G-482613": Digits("482613"),
    "482613 asante": Digits("482613"),
}


def bet(
    market_id: int | None = 112, side: Side = Side.YES, shillings: int | None = None
) -> Example:
    return Example(Word.BET, market_id, side, shillings)


MISSED: Final[dict[str, Miss]] = {
    # Near a word.
    "BTE 112 YES 50": Miss(Why.NEAR, bet(shillings=50)),
    "BTE 112 YES 4826": Miss(Why.NEAR, bet()),
    "bt 345 no 20": Miss(Why.NEAR, bet(345, Side.NO, 20)),
    "I want to bet 112 yes 100": Miss(Why.NEAR, bet(shillings=100)),
    "DUA 112 HAPANA 100": Miss(Why.NEAR, bet(side=Side.NO, shillings=100)),
    "BETS 112 YES 100": Miss(Why.NEAR, bet(shillings=100)),
    "market 112 no 100": Miss(Why.NEAR, bet(side=Side.NO, shillings=100)),
    "BALL": Miss(Why.NEAR, Example(Word.BALANCE)),
    "MARKTES": Miss(Why.NEAR, Example(Word.MARKETS)),
    "SALOI": Miss(Why.NEAR, Example(Word.BALANCE)),
    "DISPUTED 112": Miss(Why.NEAR, Example(Word.DISPUTE, 112)),
    "WACH 112": Miss(Why.NEAR, Example(Word.WATCH, 112)),
    "WACH 4826": Miss(Why.NEAR, Example(Word.WATCH)),
    "CANCLE 7K3QXM": Miss(Why.NEAR, Example(Word.CANCEL, 7)),
    "xyzzy": Miss(Why.NEAR, None),
    "asante sana": Miss(Why.NEAR, None),
    # A bet that can be read in two ways, or in none.
    "BET": Miss(Why.SHAPE, bet(None)),
    "BET 112": Miss(Why.SHAPE, bet()),
    "112": Miss(Why.SHAPE, bet()),
    "BET YES 112 40": Miss(Why.SHAPE, bet(shillings=40)),
    "YES 112 100": Miss(Why.SHAPE, bet(shillings=100)),
    "BET 112 100 NO": Miss(Why.SHAPE, bet(side=Side.NO, shillings=100)),
    "BET 112 YES NO 100": Miss(Why.SHAPE, bet(shillings=100)),
    "BET 112 YES 100 200": Miss(Why.SHAPE, bet()),
    "BET 112 YES 100, 113 NO 50": Miss(Why.SHAPE, bet()),
    "BET 4826 YES": Miss(Why.AMOUNT, bet(None)),
    "BET Gor YES 100": Miss(Why.SHAPE, bet(100)),
    "BET 0112 YES 100": Miss(Why.SHAPE, bet(None, shillings=100)),
    # Neither YES nor NO; `n` could begin NDIYO.
    "BET 112 100": Miss(Why.SIDE, bet()),
    "BET 112 MAYBE 100": Miss(Why.SIDE, bet()),
    "BET 112 HAPNA 40": Miss(Why.SIDE, bet(side=Side.NO, shillings=40)),
    "112#1#100": Miss(Why.SIDE, bet()),
    "DAU 112 N 100": Miss(Why.SIDE, bet(side=Side.NO, shillings=100)),
    # No whole shillings.
    "BET 112 YES": Miss(Why.AMOUNT, bet()),
    "BET 112 YES 100.50": Miss(Why.AMOUNT, bet()),
    "BET 112 YES 1.000": Miss(Why.AMOUNT, bet()),
    "BET 112 YES hundred": Miss(Why.AMOUNT, bet()),
    "BET 112 YES -50": Miss(Why.AMOUNT, bet()),
    "BET 112 YES 0": Miss(Why.AMOUNT, bet()),
    "BET 112 YES 0712345678": Miss(Why.AMOUNT, bet()),
    "BET 112 NO 9999999999": Miss(Why.AMOUNT, bet(side=Side.NO)),
    # What a word needs.
    "DISPUTE": Miss(Why.MARKET, Example(Word.DISPUTE)),
    "FUATA": Miss(Why.MARKET, Example(Word.WATCH)),
    "CANCEL": Miss(Why.REFERENCE, Example(Word.CANCEL)),
    "CANCEL 112": Miss(Why.REFERENCE, Example(Word.CANCEL)),
    "RCPT": Miss(Why.REFERENCE, Example(Word.RECEIPT)),
    "LANG": Miss(Why.LANGUAGE, Example(Word.LANGUAGE)),
    "LANG FR": Miss(Why.LANGUAGE, Example(Word.LANGUAGE)),
}
