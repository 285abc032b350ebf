"""Asks the network when a SIM was last swapped, and reads the answer that comes later."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import requests
import structlog
from africastalking.Insights import InsightService
from sqlalchemy import Engine

from core.database import in_transaction
from core.outbox.deliver import Done, Handler, Verdict
from core.outbox.records import Job
from core.withdrawals.check_sim import (
    SimAnswer,
    begin_sim_question,
    sim_not_asked,
    sim_question_taken,
)
from sms.sdk import TIMEOUT_SECONDS, Unread

log = structlog.get_logger()

_LONGEST_ID: Final = 120
_DAY: Final = re.compile(r"(\d{2})-(\d{2})-(\d{4})", re.ASCII)
# What the provider says of a SIM that was never swapped (africas-talking.md A3).
_NEVER: Final = date(1900, 1, 1)
_ANSWERS: Final = {"swapped": SimAnswer.SWAPPED, "notswapped": SimAnswer.NOT_SWAPPED}


class Insights:
    """`POST /v1/sim-swap`: some KES 5 a question, and the answer comes as a callback."""

    def __init__(self, *, username: str, api_key: str, base_url: str) -> None:
        self._service = _Service(username, api_key)
        self._service._baseUrl = base_url  # noqa: SLF001 - the SDK has no other way

    def ask(self, *, phone: str) -> str | None:
        """Ask about one number; the id that the answer will carry, or None for no answer ever.

        Whatever goes wrong is no signal: the number is not to be held against its owner.
        """
        try:
            answer: requests.Response = self._service.check_sim_swap_state(
                [phone], timeout=TIMEOUT_SECONDS
            )
        except (requests.RequestException, ValueError) as error:
            log.warning("sim_swap_not_asked", error=type(error).__name__)
            return None
        request_id = _request_id(answer.text) if answer.ok else None
        if request_id is None:
            log.warning("sim_swap_not_asked", status=answer.status_code)
        return request_id


class _Service(Unread, InsightService):  # type: ignore[misc] # the SDK has no types
    """The SDK's insights."""


@dataclass(frozen=True)
class SimNews:
    """An answer as read from a callback: which question, what, and since when."""

    request_id: str
    answer: SimAnswer
    swapped_on: date | None


def read_sim_news(content: Mapping[str, object]) -> SimNews | None:
    """What the callback says; None where it names no question. Never raises for any content."""
    request_id = content.get("requestId")
    if not isinstance(request_id, str) or not 0 < len(request_id) <= _LONGEST_ID:
        return None
    status = re.sub(r"[^a-z]", "", str(content.get("status", "")).lower())
    answer = _ANSWERS.get(status, SimAnswer.UNCLEAR)
    swapped_on = _day(content.get("lastSimSwapDate"))
    if swapped_on == _NEVER:
        return SimNews(request_id, SimAnswer.NOT_SWAPPED, None)
    return SimNews(request_id, answer, swapped_on)


def jobs(*, database: Engine, insights: Insights) -> dict[str, Handler]:
    """The handlers of `sim_swap_ask` and `sim_swap_over`."""

    def ask(job: Job) -> Verdict:
        withdrawal_id = int(job.payload["withdrawal_id"])
        phone = in_transaction(
            database, lambda c: begin_sim_question(c, withdrawal_id=withdrawal_id)
        )
        if phone is None:
            return Done()
        request_id = insights.ask(phone=phone)
        if request_id is None:
            _go_on(withdrawal_id, "sim_not_asked")
        else:
            in_transaction(
                database,
                lambda c: sim_question_taken(c, withdrawal_id=withdrawal_id, request_id=request_id),
            )
        return Done()

    def over(job: Job) -> Verdict:
        _go_on(int(job.payload["withdrawal_id"]), "sim_unanswered")
        return Done()

    def _go_on(withdrawal_id: int, because: str) -> None:
        in_transaction(
            database, lambda c: sim_not_asked(c, withdrawal_id=withdrawal_id, because=because)
        )

    return {"sim_swap_ask": ask, "sim_swap_over": over}


def _request_id(text: str) -> str | None:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return None
    match content:
        # A number that cannot be asked about has an entry without an id (recorded).
        case {"responses": [{"requestId": str(request_id)}, *_]} if (
            0 < len(request_id) <= _LONGEST_ID
        ):
            return request_id
        case _:
            return None


def _day(value: object) -> date | None:
    """Day, month, year, in this order."""
    match = _DAY.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None
    day, month, year = (int(part) for part in match.groups())
    try:
        return date(year, month, day)
    except ValueError:
        return None
