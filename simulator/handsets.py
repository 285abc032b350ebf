"""The phones: what each shows, holds and will answer next."""

import threading
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from simulator.clock import Clock
from simulator.deliveries import Delayed
from simulator.phones import network_of

DEFAULT_PIN = "1234"
DEFAULT_BALANCE_KES = 50_000
# M-Pesa's limits for a person (official): what he may pay in a day, and what he may hold.
DAILY_LIMIT_KES = 500_000
LARGEST_BALANCE_KES = 500_000
PIN_TRIES = 3


class Answer(StrEnum):
    """What the person holding the phone does with the next M-Pesa prompt."""

    ASK = "ask"
    APPROVE = "approve"
    CANCEL = "cancel"
    WRONG_PIN = "wrong_pin"
    IGNORE = "ignore"
    OFFLINE = "offline"
    INSUFFICIENT = "insufficient"
    BUSY = "busy"


@dataclass(kw_only=True, slots=True)
class Message:
    """One SMS on a phone; `sender` is who wrote it."""

    number: int
    sender: str
    recipient: str
    text: str
    at: datetime
    read: bool = False

    def as_json(self) -> dict[str, object]:
        """Return the message as scripts and the browser read it."""
        return {
            "id": self.number,
            "from": self.sender,
            "to": self.recipient,
            "text": self.text,
            "at": self.at.isoformat(timespec="seconds"),
            "read": self.read,
        }


@dataclass(eq=False, kw_only=True, slots=True)
class Dialog:
    """A USSD dialog; once it is closed its last page stays on the screen until dismissed."""

    session_id: str
    code: str
    started_at: datetime
    text: str = ""
    open: bool = True
    waiting: bool = False
    service_code: str = ""
    inputs: list[str] = field(default_factory=list)
    hops: int = 0
    hop_metadata: list[str] = field(default_factory=list)
    last_app_response: str = ""
    life: Delayed | None = None

    def as_json(self) -> dict[str, object]:
        """Return the dialog as scripts and the browser read it."""
        return {
            "session_id": self.session_id,
            "screen": self.text,
            "open": self.open,
            "waiting": self.waiting,
        }


@dataclass(eq=False, kw_only=True, slots=True)
class Prompt:
    """An M-Pesa prompt on the screen, waiting for the PIN."""

    checkout_request_id: str
    business: str
    amount: int
    account: str
    life: Delayed

    def as_json(self) -> dict[str, object]:
        """Return the prompt as scripts and the browser read it."""
        return {
            "checkout_request_id": self.checkout_request_id,
            "business": self.business,
            "amount": self.amount,
            "account": self.account,
        }


@dataclass(eq=False, kw_only=True, slots=True)
class Handset:
    """One phone with its SIM and its M-Pesa wallet, in whole shillings."""

    phone: str
    clock: Clock
    mpesa_pin: str = DEFAULT_PIN
    mpesa_balance: int = DEFAULT_BALANCE_KES
    next_answer: Answer = Answer.ASK
    sticky: bool = False
    blacklisted: bool = False
    answer_after_seconds: float = 0.0
    pin_locked: bool = False
    mpesa_registered: bool = True
    sim_swapped_on: date | None = None
    wrong_pins: int = 0
    spent_on: date | None = None
    spent: int = 0
    dialog: Dialog | None = None
    prompt: Prompt | None = None
    inbox: list[Message] = field(default_factory=list)
    sent: list[Message] = field(default_factory=list)

    @property
    def network_code(self) -> str:
        """The code of the network that its number was given to."""
        return network_of(self.phone)

    def receive(self, *, sender: str, text: str) -> None:
        """Put an SMS into the inbox."""
        self.inbox.append(self._message(sender=sender, recipient=self.phone, text=text))

    def write(self, *, recipient: str, text: str) -> Message:
        """Keep an SMS that the person wrote, and return it."""
        message = self._message(sender=self.phone, recipient=recipient, text=text)
        message.read = True
        self.sent.append(message)
        return message

    def take_answer(self) -> Answer:
        """Return what the person does with this prompt; unless sticky, the next is asked."""
        answer = self.next_answer
        if not self.sticky:
            self.next_answer = Answer.ASK
        return answer

    def fits(self, pin: str) -> bool:
        """Tell whether a PIN is right; the third wrong one in a row locks it."""
        if pin == self.mpesa_pin:
            self.wrong_pins = 0
            return True
        self.wrong_pins += 1
        if self.wrong_pins >= PIN_TRIES:
            self.pin_locked, self.wrong_pins = True, 0
        return False

    def spent_today(self) -> int:
        """Return what the wallet has paid since midnight in Nairobi."""
        return self.spent if self.spent_on == self.clock.now().date() else 0

    def spend(self, amount: int) -> None:
        """Take a payment from the wallet; the caller has checked balance and limit."""
        self.spent = self.spent_today() + amount
        self.spent_on = self.clock.now().date()
        self.mpesa_balance -= amount

    def in_session(self) -> bool:
        """Tell whether a USSD session is open, so that no prompt can be shown."""
        return self.dialog is not None and self.dialog.open

    def as_json(self) -> dict[str, object]:
        """Return the phone as scripts and the browser read it."""
        shown = None if self.in_session() else self.prompt
        return {
            "phone": self.phone,
            "now": self.clock.now().isoformat(timespec="seconds"),
            "screen": self.dialog.text if self.dialog else "",
            "open": self.in_session(),
            "waiting": bool(self.dialog and self.dialog.waiting),
            "dialog": self.dialog.as_json() if self.dialog else None,
            "prompt": shown.as_json() if shown else None,
            "inbox": [message.as_json() for message in self.inbox],
            "sent": [message.as_json() for message in self.sent],
            "unread": sum(not message.read for message in self.inbox),
            "mpesa_balance": self.mpesa_balance,
            "next_answer": str(self.next_answer),
            "sticky": self.sticky,
            "blacklisted": self.blacklisted,
            "pin_locked": self.pin_locked,
            "mpesa_registered": self.mpesa_registered,
            "sim_swapped_on": self.sim_swapped_on.isoformat() if self.sim_swapped_on else None,
            "answer_after_seconds": self.answer_after_seconds,
            "spent_today": self.spent_today(),
        }

    def _message(self, *, sender: str, recipient: str, text: str) -> Message:
        return Message(
            number=len(self.inbox) + len(self.sent) + 1,
            sender=sender,
            recipient=recipient,
            text=text,
            at=self.clock.now(),
        )


class Handsets:
    """Every phone there is; one is made when its number is first used.

    `lock` guards the phones and all that hangs on them; nobody holds it across a network call.
    """

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self.lock = threading.RLock()
        self._by_phone: dict[str, Handset] = {}

    def get(self, phone: str) -> Handset:
        """Return the phone of a canonical number, making it where it is new."""
        with self.lock:
            return self._by_phone.setdefault(phone, Handset(phone=phone, clock=self._clock))

    def everyone(self) -> list[Handset]:
        """Return all phones in the order in which they were first used."""
        with self.lock:
            return list(self._by_phone.values())

    def clear(self) -> None:
        """Forget every phone."""
        with self.lock:
            self._by_phone.clear()
