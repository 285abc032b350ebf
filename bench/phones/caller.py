"""A person with a phone: what they know, and how they find their way by what stands on a page."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from bench.phones.handset import Handset
from bench.phones.page import Page, cents_in, reference_in
from bench.phones.postman import Postman
from bench.phones.tally import Kind, Tally
from bench.phones.wallet import Wallet

PIN = "4826"
_PLACED = re.compile(r"last bet was placed", re.IGNORECASE)
_NOT_PLACED = re.compile(r"last bet was not placed", re.IGNORECASE)
_RECEIPT = re.compile(r"^Bet placed", re.IGNORECASE)
_DEPOSIT = re.compile(r"^Deposit of .* received", re.IGNORECASE)
_CODE = re.compile(r"^(\d{6}) is your")


class Lost(Exception):
    """No way on from this page, although there should be one."""


@dataclass(slots=True)
class Caller:
    """One player with phone, wallet and memory. `time_is_up` says when to stop for the day."""

    name: str
    handset: Handset
    wallet: Wallet
    postman: Postman
    rng: Random
    tally: Tally
    time_is_up: Callable[[], bool]
    joined: bool = False
    _sms_read: int = 0

    def chance(self, probability: float) -> bool:
        """Decide at random."""
        return self.rng.random() < probability

    def arrive(self, *behind: str) -> Page:
        """Dial, believe what is said about the last call, and pass by what it left open."""
        page = self.begin(*behind)
        if page.option("Continue") is None:
            return page
        self.tally.saw("offered to continue")
        if self.chance(0.5):
            return self.choose("Start again")
        self.choose("Continue")
        self.tally.saw("continued")
        return self.handset.page if self.handset.page.ends else self.handset.type("00")

    def begin(self, *behind: str) -> Page:
        """Dial, and believe what is said about the last call."""
        page = self.handset.dial(*behind)
        if _NOT_PLACED.search(page.text):
            self.tally.saw("told on redial: not placed")
            self.believe(self.wallet.is_told_not_placed())
        elif _PLACED.search(page.text):
            self.tally.saw("told on redial: placed")
            self.believe(self.wallet.is_told_placed(reference_in(page.text) or "", None))
        return page

    def choose(self, label: str, kind: Kind = Kind.MENU) -> Page:
        """Press the option that begins with these words, turning parts to find it."""
        for _part in range(6):
            number = self.handset.page.option(label)
            if number is not None:
                return self.handset.type(number, kind)
            if not self.handset.page.has_more:
                break
            self.handset.type("99")
        raise Lost(f"no option {label!r}")

    def type_pin(self, kind: Kind = Kind.OTHER) -> Page:
        """Type the PIN, now and then after a slip of the thumb."""
        if self.chance(0.06):
            self.tally.saw("wrong PIN")
            page = self.handset.type("9315", Kind.OTHER)
            if not page.says("Wrong PIN"):
                raise Lost("a wrong PIN was not called one")
            self.choose("Try again")
        return self.handset.type(PIN, kind)

    def read_sms(self) -> None:
        """Read what has come since the last time, and believe it."""
        inbox = self.postman.inbox(self.handset.number)
        news, self._sms_read = inbox[self._sms_read :], len(inbox)
        for text in news:
            cents = cents_in(text) or 0
            if _RECEIPT.search(text):
                self.believe(self.wallet.has_receipt(reference_in(text) or "", cents // 100), text)
            elif _DEPOSIT.search(text):
                self.tally.saw("deposit credited")
                self.believe(self.wallet.receives(cents // 100), text)

    def code(self, *, seconds: float) -> str:
        """Return the newest code by SMS, waiting for one. Raises Lost."""
        while True:
            inbox = self.postman.inbox(self.handset.number)
            codes = [found[1] for text in inbox if (found := _CODE.match(text))]
            if codes:
                return codes[-1]
            if not self.postman.wait_for_more(
                self.handset.number, than=len(inbox), seconds=seconds
            ):
                raise Lost("no code came")

    def believe(self, contradiction: str | None, text: str = "") -> None:
        """Keep what contradicts what was known before."""
        if contradiction is not None:
            page = text or self.handset.page.text
            self.tally.found(contradiction, phone=self.handset.number, page=page)
