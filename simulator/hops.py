"""Hops on their way to the service: what the network does to them, and what came of each."""

import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import TypeAlias

from simulator.clock import Clock
from simulator.config import Config
from simulator.faults import Fault, Faults
from simulator.outside import Reply, all_at_once, post_form

# Africa's Talking waits this long for a page (provider's overview page).
APPLICATION_DEADLINE_SECONDS = 10.0
METADATA_HEADER = "at-ussd-hop-metadata"
MOST_KEPT = 10_000
_PREFIX_LENGTH = 4
_COPIES = 2


@dataclass(frozen=True, slots=True)
class AnswerLost:
    """The service has the hop; what it answered never reached the phone."""


@dataclass(frozen=True, slots=True)
class HopLost:
    """The service never heard of the hop."""


Arrival: TypeAlias = Reply | AnswerLost | HopLost


@dataclass(frozen=True, kw_only=True, slots=True)
class Answered:
    """One copy of a hop, with its answer."""

    reply: Reply
    milliseconds: float


@dataclass(frozen=True, kw_only=True, slots=True)
class HopRecord:
    """One hop in the journal. Of what was typed only the length is kept: it may hold a PIN."""

    number: int
    session_id: str
    text_length: int
    at: datetime
    fault: str | None
    answers: tuple[Answered, ...]

    def as_json(self) -> dict[str, object]:
        """Return the hop as scripts read it; of its first answer only how it begins."""
        first = self.answers[0] if self.answers else None
        return {
            "n": self.number,
            "session_id": self.session_id,
            "text_length": self.text_length,
            "at": self.at.isoformat(timespec="milliseconds"),
            "fault": self.fault,
            "status": first.reply.status if first else None,
            "begins": first.reply.text[:_PREFIX_LENGTH] if first else "",
            "milliseconds": first.milliseconds if first else None,
            "repeat": self._repeat(),
        }

    def _repeat(self) -> dict[str, object] | None:
        if len(self.answers) < _COPIES:
            return None
        first, second = self.answers
        return {
            "status": second.reply.status,
            "body": second.reply.text,
            "milliseconds": second.milliseconds,
            "equal": (first.reply.status, first.reply.text)
            == (second.reply.status, second.reply.text),
        }


class Hops:
    """Carries hops as the fault in force has it, and remembers them."""

    def __init__(
        self, *, config: Config, clock: Clock, faults: Faults, closing: threading.Event
    ) -> None:
        self._url = f"{config.public_url}/ussd/{config.at_callback_secret}"
        self._clock = clock
        self._faults = faults
        self._closing = closing
        self._lock = threading.Lock()
        self._numbers = count(1)
        self._kept: deque[HopRecord] = deque(maxlen=MOST_KEPT)

    def carry(self, form: Mapping[str, str], *, label: str) -> Arrival:
        """Bring one hop to the service and return what reaches the phone."""
        fault = self._faults.take("ussd")
        began = self._clock.now()
        answers = self._answers(form, label, fault)
        self._keep(form, at=began, fault=fault, answers=answers)
        match fault.name if fault else None:
            case "drop":
                return HopLost()
            case "lose_answer":
                return AnswerLost()
            case _:
                return answers[0].reply

    def everything(self) -> list[HopRecord]:
        """Return the last hops in the order in which they were answered or lost."""
        with self._lock:
            return list(self._kept)

    def clear(self) -> None:
        """Forget every hop."""
        with self._lock:
            self._kept.clear()
            self._numbers = count(1)

    def _answers(
        self, form: Mapping[str, str], label: str, fault: Fault | None
    ) -> tuple[Answered, ...]:
        match fault:
            case Fault(name="drop"):
                return ()
            case Fault(name="repeat"):
                return tuple(all_at_once(lambda: self._post(form, label), times=_COPIES))
            case Fault(name="late", seconds=seconds):
                # The phone is kept waiting, and may have hung up when the hop arrives.
                self._closing.wait(seconds)
                return (self._post(form, label),)
            case _:
                return (self._post(form, label),)

    def _post(self, form: Mapping[str, str], label: str) -> Answered:
        began = time.perf_counter()
        reply = post_form(
            self._url,
            form,
            timeout_seconds=APPLICATION_DEADLINE_SECONDS,
            headers={METADATA_HEADER: label} if label else None,
        )
        passed = (time.perf_counter() - began) * 1000
        return Answered(reply=reply, milliseconds=round(passed, 1))

    def _keep(
        self,
        form: Mapping[str, str],
        *,
        at: datetime,
        fault: Fault | None,
        answers: tuple[Answered, ...],
    ) -> None:
        with self._lock:
            record = HopRecord(
                number=next(self._numbers),
                session_id=form["sessionId"],
                text_length=len(form["text"]),
                at=at,
                fault=fault.name if fault else None,
                answers=answers,
            )
            self._kept.append(record)
