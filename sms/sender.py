"""Who sends SMS: the protocol, and what an answer may mean."""

import json
import re
from dataclasses import dataclass
from typing import Protocol

import requests

from core.carriers.rules import Carrier
from core.notices.costs import MessagePrice
from sms.sdk import never_connected
from sms.statuses import LONGEST_WORD, Class


class SmsRefused(Exception):
    """The message surely did not go out; `may_pass_later` says whether to try again."""

    def __init__(self, reason: str, *, may_pass_later: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.may_pass_later = may_pass_later


class SmsUnknown(Exception):
    """Nobody knows whether the message went out."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Accepted:
    """The provider took the message; its cost is in the recipient's currency."""

    provider_id: str | None
    status: str
    cost: str | None
    parts: int | None
    price: MessagePrice | None = None


class SmsSender(Protocol):
    """Whoever carries messages; never put the words into an error."""

    @property
    def carrier(self) -> Carrier:
        """Which provider it is."""

    def name(self) -> str | None:
        """A new id of a message, where the provider lets us give it one."""

    def send(
        self, *, phone: str, body: str, promotional: bool = False, named: str | None = None
    ) -> Accepted:
        """Hand one message over, once; news from the sender that is kept for it.

        Raises SmsRefused or SmsUnknown.
        """


def broken_call(error: requests.RequestException) -> SmsRefused | SmsUnknown:
    """What a call that ended without an answer means; of the error only its name is kept."""
    reason = type(error).__name__
    if never_connected(error):
        return SmsRefused(reason, may_pass_later=True)
    return SmsUnknown(reason)


def raise_unless_accepted(reason: str, meant: Class) -> None:
    """Raise what the class of an answer means for the message."""
    match meant:
        case Class.ACCEPTED:
            return
        case Class.LATER:
            raise SmsRefused(reason, may_pass_later=True)
        case Class.FINAL:
            raise SmsRefused(reason, may_pass_later=False)
        case Class.UNKNOWN:
            raise SmsUnknown(reason)


def parse_json(text: str) -> object:
    """The body as JSON, whatever its header calls it; None for anything else."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def word(value: object) -> str:
    """A provider's word, without digits: an answer may quote the message, and so a code."""
    return re.sub(r"[\d\x00]", "", str(value)[:LONGEST_WORD]).strip()
