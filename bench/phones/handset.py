"""A phone on a bad network: it hangs up, loses answers, and its hops come twice."""

import secrets
import time
from collections.abc import Mapping
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum, auto
from random import Random

from bench.phones.page import Page, faults_of
from bench.phones.tally import Kind, Tally
from bench.phones.wire import Answer, Wire

SERVICE_CODE = "*384*2030#"
NETWORK_CODE = "63902"


class HungUp(Exception):
    """The session broke off before this hop left the phone."""


class CutOff(Exception):
    """The hop is with the service, or on its way; the phone will never see the answer."""


class Fate(Enum):
    """What the network does with a hop."""

    ARRIVES = auto()
    COMES_TWICE_AT_ONCE = auto()
    COMES_TWICE = auto()
    LOSES_ANSWER = auto()
    COMES_LATE = auto()
    BREAKS_OFF = auto()


# In a hundred hops; what is left arrives. A bet's PIN is where a bad network costs money.
_FATES: Mapping[Kind, Mapping[Fate, int]] = {
    Kind.MENU: {
        Fate.COMES_TWICE_AT_ONCE: 2,
        Fate.COMES_TWICE: 1,
        Fate.LOSES_ANSWER: 1,
        Fate.BREAKS_OFF: 2,
    },
    Kind.OTHER: {
        Fate.COMES_TWICE_AT_ONCE: 4,
        Fate.COMES_TWICE: 2,
        Fate.LOSES_ANSWER: 2,
        Fate.BREAKS_OFF: 1,
    },
    Kind.BET: {
        Fate.COMES_TWICE_AT_ONCE: 8,
        Fate.COMES_TWICE: 4,
        Fate.LOSES_ANSWER: 5,
        Fate.COMES_LATE: 5,
        Fate.BREAKS_OFF: 3,
    },
}
_NOTIFIED = 0.8
_IN_SERVICE_CODE = 0.5


@dataclass(slots=True)
class Handset:
    """One number with its session; every answer is looked over before a person sees it."""

    number: str
    wire: Wire
    tally: Tally
    rng: Random
    side_line: Executor
    network_is_bad: bool = True
    pause_seconds: float = 0
    late: list[Future[Answer]] = field(default_factory=list)
    page: Page = field(default=Page("", ends=True))
    _form: dict[str, str] = field(default_factory=dict)
    _last_body: str = ""
    _hops: int = 0

    def dial(self, *behind: str) -> Page:
        """Dial the code, with digits behind it where some are given. Raises HungUp or CutOff."""
        self.hang_up()
        digits = "*".join(behind)
        code, text = SERVICE_CODE, digits
        # Nobody has established which of the two the provider does.
        if digits and self.rng.random() < _IN_SERVICE_CODE:
            code, text = f"{SERVICE_CODE.removesuffix('#')}*{digits}#", ""
        self._form = {
            "sessionId": f"ATUid_{secrets.token_hex(16)}",
            "serviceCode": code,
            "phoneNumber": self.number,
            "networkCode": NETWORK_CODE,
            "text": text,
        }
        self._hops = 0
        self.tally.saw("shortcut dialled" if digits else "dialled")
        return self._send(Kind.MENU)

    def type(self, keys: str, kind: Kind = Kind.MENU) -> Page:
        """Send what is typed and return the next page. Raises HungUp or CutOff."""
        assert not self.page.ends, "nobody can type on a page that has ended"
        text = self._form["text"]
        self._form["text"] = f"{text}*{keys}" if text else keys
        return self._send(kind)

    def hang_up(self) -> None:
        """Leave the session, if one is open."""
        if not self.page.ends:
            self._end("Incomplete")

    def found(self, what: str) -> None:
        """Keep something wrong together with the page on the screen."""
        self.tally.found(what, phone=self.number, page=self.page.text)

    def _send(self, kind: Kind) -> Page:
        if self.pause_seconds:
            time.sleep(self.rng.uniform(0, 2 * self.pause_seconds))
        fate = self._fate(kind)
        if fate is Fate.BREAKS_OFF:
            self.tally.saw("hung up")
            self._end("Incomplete")
            raise HungUp
        self._hops += 1
        match fate:
            case Fate.COMES_LATE:
                self.tally.saw("hop came late")
                self.late.append(self.side_line.submit(self._hop, dict(self._form), kind))
                self._end("Incomplete")
                raise CutOff
            case Fate.LOSES_ANSWER:
                self.tally.saw("answer lost")
                self._hop(self._form, kind)
                self._end("Failed")
                raise CutOff
            case Fate.COMES_TWICE_AT_ONCE:
                other = self.side_line.submit(self._hop, dict(self._form), kind)
                answer = self._hop(self._form, kind)
                self._compare(answer, other.result())
            case Fate.COMES_TWICE:
                answer = self._hop(self._form, kind)
                self._compare(answer, self._hop(self._form, kind))
            case _:
                answer = self._hop(self._form, kind)
        return self._show(answer)

    def _show(self, answer: Answer) -> Page:
        self.page = Page.of(answer)
        self._last_body = answer.body
        if self.page.ends:
            self._end("Success" if answer.body.startswith("END ") else "Failed")
        return self.page

    def _hop(self, form: Mapping[str, str], kind: Kind) -> Answer:
        answer = self.wire.hop(form)
        self.tally.took(kind, answer.milliseconds)
        for fault in faults_of(answer):
            self.tally.found(fault, phone=self.number, page=answer.body)
        return answer

    def _compare(self, first: Answer, second: Answer) -> None:
        self.tally.saw("same hop twice")
        if (first.status, first.body) != (second.status, second.body):
            both = f"{first.body}\n--- and ---\n{second.body}"
            self.tally.found("the same hop, two answers", phone=self.number, page=both)

    def _fate(self, kind: Kind) -> Fate:
        if not self.network_is_bad:
            return Fate.ARRIVES
        drawn = self.rng.randrange(100)
        for fate, weight in _FATES[kind].items():
            if drawn < weight:
                return fate
            drawn -= weight
        return Fate.ARRIVES

    def _end(self, status: str) -> None:
        """The session is over; the provider says so most of the time."""
        self.page = Page(self.page.text, ends=True)
        if self.rng.random() > _NOTIFIED:
            return
        form = {
            "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S"),
            **{name: text for name, text in self._form.items() if name != "text"},
            "status": status,
            "cost": "KES 0.0000",
            "durationInMillis": "1000",
            "hopsCount": str(self._hops),
            "hopsMetadata": "",
            "input": self._form["text"],
            "lastAppResponse": self._last_body,
        }
        if self.wire.tell_end(form).status != 200:  # noqa: PLR2004 - HTTP's own number
            self.tally.found("the notice of an end was refused", phone=self.number)
