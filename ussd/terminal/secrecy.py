"""What must not be shown while it is typed, and the names under which it may be written down."""

import re
from collections.abc import Mapping
from typing import Final

from core.ledger.reference import ALPHABET, LENGTH
from ussd.drawing import BACK, HOME
from ussd.screens import account, betting, pin, registering, withdrawing
from ussd.terminal.line import Shown

PIN, CODE, REF = "PIN", "CODE", "REF"

# The pages that ask for a secret: a test finds any that is missing here.
ASKED_FOR: Final[Mapping[str, str]] = {
    betting.confirm.name: PIN,
    withdrawing.confirm.name: PIN,
    pin.ask.name: PIN,
    pin.current.name: PIN,
    pin.new.name: PIN,
    pin.repeat.name: PIN,
    registering.choose_pin.name: PIN,
    registering.repeat_pin.name: PIN,
    account.close.name: PIN,
    pin.enter_code.name: CODE,
    registering.enter_code.name: CODE,
    account.ask_receipt.name: REF,
}
_FOUR_DIGITS: Final = re.compile(r"(?<!\d)\d{4}(?!\d)", re.ASCII)
_OPTION: Final = re.compile(r"^(\d+)\. ", re.MULTILINE)
_ALIKE: Final = (
    (re.compile(rf"\bRef [{ALPHABET}]{{{LENGTH}}}\b"), f"Ref {REF}"),
    # A receipt begins with a letter; what is as long and does not is the caller's own number.
    (re.compile(r"\b(M-Pesa|receipt|risiti) [A-Z][A-Z0-9]{9}\b"), r"\1 RECEIPT"),
    (re.compile(r"\b\d{6}\b"), CODE),
    (re.compile(r"\b\d\d/\d\d \d\d:\d\d\b"), "TIME"),
    (re.compile(r"\b\d\d/\d\d\b"), "DAY"),
)


def hides_typing(shown: Shown) -> bool:
    """Whether what is typed on this page must not be seen."""
    return ASKED_FOR.get(shown.screen) == PIN


def name_of_typed(keys: str, shown: Shown) -> str:
    """What to write down for what was typed: itself, or the name of the secret it may be."""
    is_key = keys in {BACK, HOME, *_OPTION.findall(shown.page)}
    return keys if is_key else ASKED_FOR.get(shown.screen, keys)


def without_pins(words: str, pins: set[str]) -> str:
    """The words, with every PIN that stands alone in them under its name.

    Only four digits count: what else was typed for a PIN could be an amount somewhere else.
    """
    return _FOUR_DIGITS.sub(lambda run: PIN if run[0] in pins else run[0], words)


def alike(words: str) -> str:
    """A page or SMS with names for what differs each time: references, codes, times."""
    for pattern, name in _ALIKE:
        words = pattern.sub(name, words)
    return words
