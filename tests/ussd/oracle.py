"""What the pages of each call may say, and which bets there must be, in plain code."""

import re
from dataclasses import dataclass, field

from core.gsm7 import septets
from tests.world import PIN

WRONG_PIN = "9317"
CANARY = "q7canary"
LONGEST_TEXT, LONGEST_PAGE = 2_000, 156
MALFORMED = "END The network garbled this."
OUT_OF_STEP = (
    "END That did not reach us in order. No money was taken. Please dial again.",
    "END Jibu lako halikutufikia vizuri. Hujakatwa pesa. Tafadhali piga tena.",
    "END That came out of order. Please dial again. An SMS confirms each bet.",
    "END Jibu limechelewa. Tafadhali piga tena. SMS huthibitisha kila dau.",
)
ONE_AT_A_TIME = re.compile("Type one answer at a time|Andika jibu moja kwa wakati")
NOT_PLACED = re.compile("Your last bet was not placed|Dau lako la mwisho halikuwekwa")
CONFIRM = re.compile(
    r"^(?:CON )?KES ([\d,]+) (?:on|kwa) (\w+): Will (.+) happen\?\n.+\n(?:Enter|Weka) PIN ",
    re.MULTILINE,
)
_PLACED = re.compile("Bet placed|Dau limewekwa")
_RECEIPT = re.compile(
    r"END [\w ]+\. Ref (\w+)\. KES ([\d,]+) (?:on|kwa) (\w+)\. (?:Balance|Salio) "
)
_TOLD = re.compile(r"(?:Your last bet was placed|Dau lako la mwisho limewekwa)\. Ref (\w+)\.")
_SIDES = {"YES": "YES", "NO": "NO", "NDIYO": "YES", "HAPANA": "NO"}
# A PIN that stands alone; in longer numbers, times, hashes and amounts the digits are by chance.
_SECRET = re.compile(rf"(?<![0-9A-Za-z.:+])(?<!\d,)({PIN}|{WRONG_PIN})(?![0-9A-Za-z])|{CANARY}")
_TYPED = re.compile(r"\d\*\w")


@dataclass
class Call:
    """One session as its gateway knows it: everything typed so far, and the last answer."""

    text: str
    answer: str

    @property
    def over(self) -> bool:
        return self.answer.startswith("END ")


@dataclass(frozen=True)
class Bet:
    """A bet as the page that asked for the PIN named it."""

    phone: str
    label: str
    side: str
    shillings: int


@dataclass
class Oracle:
    """Listens to every hop. A call is known by its phone and its session id together."""

    calls: dict[tuple[str, str], Call] = field(default_factory=dict)
    bets: dict[str, Bet] = field(default_factory=dict)
    # By phone: the call whose receipt nobody may have read, with the reference on it.
    untold: dict[str, tuple[str, str]] = field(default_factory=dict)
    last_reference: dict[str, str] = field(default_factory=dict)
    # Hops whose bet, it was said, is not placed.
    denied: set[tuple[str, str, str]] = field(default_factory=set)

    def hears(self, phone: str, session_id: str, text: str, answer: str) -> None:
        """Hold one answer against the story of its call, and go on with the story."""
        check_page(answer)
        call = self.calls.get((phone, session_id))
        if "\x00" in text or len(text) > LONGEST_TEXT:
            assert answer.startswith(MALFORMED)
        elif call is None:
            self.calls[phone, session_id] = Call(text, answer)
            self._hears_first_page(phone, text, answer)
        elif text == call.text:
            assert answer == call.answer, "a repeat is answered byte for byte"
        elif call.over or not text.startswith(joined(call.text, "")):
            assert answer in OUT_OF_STEP
        else:
            asked, typed = call.answer, text.removeprefix(joined(call.text, ""))
            call.text, call.answer = text, answer
            self.untold.pop(phone, None)
            assert "*" not in typed or ONE_AT_A_TIME.search(answer)
            self.hears_receipt(phone, session_id, text, asked=asked, typed=typed, answer=answer)

    def hears_receipt(
        self, phone: str, session_id: str, text: str, *, asked: str, typed: str, answer: str
    ) -> bool:
        """Book the bet that this answer tells of, if it tells of one that was asked for."""
        receipt = _RECEIPT.match(answer)
        assert bool(receipt) == bool(_PLACED.search(answer))
        if receipt is None:
            return False
        reference, stake, side = receipt.groups()
        named = CONFIRM.search(asked)
        assert named, f"no page asked for this bet:\n{asked}"
        assert (stake, side, typed.strip()) == (named[1], named[2], PIN)
        assert (phone, session_id, text) not in self.denied, "it was told that it is not placed"
        bet = Bet(phone, named[3], _SIDES[side], int(stake.replace(",", "")))
        assert self.bets.setdefault(reference, bet) == bet
        self.untold[phone] = session_id, reference
        self.last_reference[phone] = reference
        return True

    def hears_end(self, phone: str, session_id: str) -> None:
        """The network has shown the last page of this call."""
        if phone in self.untold and self.untold[phone][0] == session_id:
            del self.untold[phone]

    def _hears_first_page(self, phone: str, text: str, page: str) -> None:
        assert not _PLACED.search(page)
        told = _TOLD.search(page)
        assert told is None or told[1] == self.last_reference.get(phone)
        if phone in self.untold and not text:
            assert told, f"the receipt may not have been read:\n{page}"
        if NOT_PLACED.search(page):
            assert any(phone == of for of, _session, _text in self.denied), "that was never asked"


def check_page(answer: str) -> None:
    """What is true of every answer whatever came before."""
    assert answer[:4] in {"CON ", "END "}
    assert septets(answer[4:]) <= LONGEST_PAGE
    assert not _tells_a_secret(answer)


def check_kept(values: list[str]) -> None:
    """What is true of everything that is kept: no PIN, nothing of what was typed."""
    found = [one for one in values if _tells_a_secret(one) or _TYPED.search(one)]
    assert not found, found


def joined(text: str, typed: str) -> str:
    """The gateway's text with one more answer."""
    return f"{text}*{typed}" if text else typed


def _tells_a_secret(text: str) -> bool:
    return bool(_SECRET.search(text))
