"""The words that players write, in both languages, each listed once."""

from enum import StrEnum
from typing import Final, NamedTuple

from core.markets.rules import Side
from core.text import Language


class Word(StrEnum):
    """What can be asked for by SMS."""

    BALANCE = "balance"
    BETS = "bets"
    MARKETS = "markets"
    BET = "bet"
    CANCEL = "cancel"
    CASHIER = "cashier"
    HELP = "help"
    STOP = "stop"
    START = "start"
    RECEIPT = "receipt"
    DISPUTE = "dispute"
    LANGUAGE = "language"
    WATCH = "watch"
    UNWATCH = "unwatch"


class Spellings(NamedTuple):
    """How a word is written in English and in Swahili; the first of each is the one we teach."""

    english: tuple[str, ...]
    swahili: tuple[str, ...]


SPELLINGS: Final = {
    Word.BALANCE: Spellings(("BAL", "BALANCE"), ("SALIO",)),
    Word.BETS: Spellings(("BETS", "MY BETS"), ("MADAU", "DAU ZANGU")),
    Word.MARKETS: Spellings(("MARKETS", "MARKET"), ("MASOKO", "SOKO")),
    Word.BET: Spellings(("BET",), ("DAU", "WEKA DAU", "BETI")),
    Word.CANCEL: Spellings(("CANCEL",), ("GHAIRI", "FUTA")),
    Word.CASHIER: Spellings(("DEPOSIT", "WITHDRAW"), ("WEKA", "TOA")),
    Word.HELP: Spellings(("HELP",), ("MSAADA", "SAIDIA")),
    Word.STOP: Spellings(("STOP", "UNSUBSCRIBE"), ("ACHA", "SIMAMISHA")),
    Word.START: Spellings(("START",), ("ANZA",)),
    Word.RECEIPT: Spellings(("RCPT", "RECEIPT"), ("RISITI",)),
    Word.DISPUTE: Spellings(("DISPUTE",), ("PINGA",)),
    Word.LANGUAGE: Spellings(("LANG", "LANGUAGE"), ("LUGHA",)),
    Word.WATCH: Spellings(("WATCH", "FOLLOW"), ("FUATA",)),
    Word.UNWATCH: Spellings(("UNWATCH", "UNFOLLOW", "STOP WATCH"), ("ACHA KUFUATA",)),
}

SIDES: Final = {
    "YES": Side.YES,
    "NDIYO": Side.YES,
    "NDIO": Side.YES,
    "NO": Side.NO,
    "HAPANA": Side.NO,
}
# In Swahili N could begin NDIYO, and Y is short for YA: DAU 112 YA 100, as DAU 112 LA 100, is a bet
# "of 100" without a side. A bet is never guessed.
ENGLISH_SIDES: Final = {"Y": Side.YES, "N": Side.NO}

LANGUAGES: Final = {
    "SW": Language.SWAHILI,
    "SWA": Language.SWAHILI,
    "SWAHILI": Language.SWAHILI,
    "KISWAHILI": Language.SWAHILI,
    "EN": Language.ENGLISH,
    "ENG": Language.ENGLISH,
    "ENGLISH": Language.ENGLISH,
    "KIINGEREZA": Language.ENGLISH,
}
# Long enough to mean nothing else, so they need no LANG before them.
LANGUAGES_ALONE: Final = {"SWAHILI", "KISWAHILI", "ENGLISH", "KIINGEREZA"}

# What stands for nothing in a bet: currencies, and what people say besides.
SHILLINGS: Final = {"KES", "KSH", "KSHS", "SH", "SHS", "BOB", "SHILLINGS", "SHILINGI"}
COURTESIES: Final = {"ON", "FOR", "MARKET", "SOKO", "STAKE", "KWA", "THANKS", "ASANTE"}
# Who begins with these means the word behind.
POLITE: Final = {"PLEASE", "PLS", "TAFADHALI"}
# Who writes these writes the secret, too.
SECRETS: Final = {"PIN", "MYPIN", "SIRI"}

WORDS: Final = {
    spelling: word
    for word, spellings in SPELLINGS.items()
    for spelling in (*spellings.english, *spellings.swahili)
}
SWAHILI_WORDS: Final = {spelling for each in SPELLINGS.values() for spelling in each.swahili}
