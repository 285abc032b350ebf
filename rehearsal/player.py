"""A player: a phone, habits that are drawn from the seed, and what is done with both."""

import re
from collections import Counter
from dataclasses import dataclass, field
from random import Random

from rehearsal.network import Network
from rehearsal.telephone import Telephone
from simulator.handsets import LARGEST_BALANCE_KES

_FIRST = ("Wanjiru", "Otieno", "Achieng", "Mutua", "Njeri", "Kiprop", "Amina", "Barasa")
_LAST = ("Kamau", "Odhiambo", "Wafula", "Mwangi", "Chebet", "Hassan", "Nyambura", "Kariuki")
_FIRST_NUMBER = 254700100000
_PINS = ("4826", "7391", "9174", "6258")
_APART = 1009
STRANGER = "0799999999"
_SMALL_BALANCE = 40
_REFERENCE = re.compile(r"Bet placed\. Ref (\w{6})\.", re.ASCII)


@dataclass
class Player:
    """One person; `acts` counts what was done, over all players."""

    number: int
    telephone: Telephone
    network: Network
    rng: Random
    acts: Counter[str]
    markets: list[int]
    pin: str = field(init=False)

    def __post_init__(self) -> None:
        self.pin = self.rng.choice(_PINS)

    @property
    def phone(self) -> str:
        """The number, as +254…."""
        return phone_of(self.number)

    @property
    def handset(self) -> str:
        """Where the simulator keeps the phone."""
        return f"/handsets/{self.phone}"

    def registers(self) -> None:
        """Sign up; the code comes by SMS."""
        name = f"{self.rng.choice(_FIRST)} {self.rng.choice(_LAST)}"
        self.telephone.dial().choose("Register").type(name, "1", self.pin, self.pin)

    def verifies(self) -> None:
        """Type the code that came."""
        code = self.network.latest_code(self.phone)
        if code is not None:
            self.telephone.dial().type(code)

    def asks_for_a_code(self) -> None:
        """Have another code sent; the first has run out."""
        self.telephone.dial().choose("Send again")

    def deposits(self) -> None:
        """Ask for the prompt, having made up one's mind about it."""
        answer = self.rng.choices(
            ("approve", "cancel", "wrong_pin", "ignore", "offline", "busy", "insufficient"),
            (70, 7, 6, 5, 4, 4, 4),
        )[0]
        seconds = self.rng.choice((0, 0, 4, 15, 40))
        self.network.put(
            self.handset, next_answer=answer, answer_after_seconds=seconds, pin_locked=False
        )
        self._counts(f"deposit ({answer})")
        self.telephone.dial("2").type(str(self.rng.choice((10, 50, 100, 200, 500, 1000, 2500))))

    def pays_the_paybill(self) -> None:
        """Pay by hand, to whichever account comes to mind."""
        kind = self.rng.choices(("own", "friend", "stranger", "nonsense"), (60, 15, 12, 13))[0]
        own = f"0{self.phone[4:]}"
        account = {
            "own": self.rng.choice((own, self.phone[1:], self.phone, f"{own[:4]} {own[4:]}")),
            "friend": f"0{phone_of(self.rng.randint(1, self.number + 2))[4:]}",
            "stranger": STRANGER,
            "nonsense": self.rng.choice(("KIBEEZY", "bet", "0700", "*384*2030#", "Mama")),
        }[kind]
        self._counts(f"paybill ({kind})")
        amount = self.rng.choice((20, 100, 350, 1000))
        self.network.post(f"{self.handset}/pay", amount=amount, account=account)

    def bets(self) -> None:
        """Bet on one of the markets, open or not."""
        self._counts("bet")
        self._at_the_pin_of_a_bet().type(self.pin)

    def bets_by_sms(self) -> None:
        """Write a bet, and again where no answer seems to come."""
        self._counts("bet by SMS")
        market, side = self.rng.choice(self.markets), self.rng.choice(("YES", "NO"))
        stake = self.rng.choice((20, 50, 120, 300, 900))
        for _ in range(self.rng.choice((1, 1, 1, 2))):
            self._sends(f"BET {market} {side} {stake}")

    def takes_a_bet_back(self) -> None:
        """Bet, and think again; some write twice."""
        self._counts("take a bet back")
        placed = _REFERENCE.search(self._at_the_pin_of_a_bet().type(self.pin).screen)
        if placed is not None:
            for _ in range(self.rng.choice((1, 1, 2))):
                self._sends(f"CANCEL {placed[1]}")

    def withdraws(self) -> None:
        """Take money out."""
        self._counts("withdraw")
        self._at_the_pin_of_a_withdrawal().type(self.pin)
        if self.rng.random() < 0.3:  # noqa: PLR2004 - a chance
            self.telephone.again()

    def withdraws_and_bets(self) -> None:
        """Have both at the PIN, then enter it twice."""
        self._counts("withdraw and bet")
        other = Telephone(self.telephone.client, self.phone, self.rng)
        self._at_the_pin_of_a_withdrawal()
        self.telephone, other = other, self.telephone
        self._at_the_pin_of_a_bet()
        for each in self.rng.sample((self.telephone, other), 2):
            each.type(self.pin)

    def withdraws_with_a_new_sim(self) -> None:
        """A thief has the number, or the player lost the phone."""
        self.network.put(self.handset, sim_swapped_on="2026-11-24")
        self._counts("withdraw (new SIM)")
        self._at_the_pin_of_a_withdrawal().type(self.pin)

    def withdraws_into_a_full_wallet(self) -> None:
        """M-Pesa holds no more than half a million."""
        self.network.put(self.handset, mpesa_balance=LARGEST_BALANCE_KES)
        self._counts("withdraw (full)")
        self._at_the_pin_of_a_withdrawal().type(self.pin)

    def spends_elsewhere(self) -> None:
        """The M-Pesa wallet is as on any other day again, or nearly empty."""
        balance = self.rng.choice((50_000, 50_000, _SMALL_BALANCE))
        self.network.put(self.handset, mpesa_balance=balance)
        self._counts("spend elsewhere")

    def forgets_the_pin(self) -> None:
        """Ask for a code."""
        self._counts("forget the PIN")
        self.telephone.dial("5").choose("Change PIN").type("0001").choose("Forgot PIN")

    def chooses_a_new_pin(self) -> None:
        """Type the code, if it came, and a new PIN."""
        code = self.network.latest_code(self.phone)
        if code is not None and "6-digit code" in self.telephone.screen:
            new = self.rng.choice([pin for pin in _PINS if pin != self.pin])
            if self.telephone.type(code, new, new).screen.startswith("Your new PIN"):
                self.pin = new
                self._counts("new PIN")

    def takes_a_break(self) -> None:
        """Stay away for a day at least."""
        self._counts("break")
        self.telephone.dial("5*4").choose("Take a break").type("1", "1")

    def writes(self) -> None:
        """Send an SMS."""
        self._counts("SMS")
        words = self.rng.choice(("BAL", "MARKETS", "BETS", "help", "salio", "4826", "bte"))
        self._sends(words)

    def _sends(self, words: str) -> None:
        self.network.post(f"{self.handset}/sms", text=words)

    def _at_the_pin_of_a_bet(self) -> Telephone:
        market, side = self.rng.choice(self.markets), self.rng.choice("12")
        stake = str(self.rng.choice((20, 50, 120, 300, 900)))
        return self.telephone.dial(f"1*{market}*{side}").type(stake)

    def _at_the_pin_of_a_withdrawal(self) -> Telephone:
        amount = str(self.rng.choice((20, 60, 150, 300, 700, 2000)))
        return self.telephone.dial("3").type(amount)

    def _counts(self, act: str) -> None:
        self.acts[act] += 1


def phone_of(number: int) -> str:
    """The phone of the so-manieth player, as +254…; no two look alike behind M-Pesa's stars."""
    return f"+{_FIRST_NUMBER + number * _APART}"
