"""Results of requests that M-Pesa answers later: posted once, or as a fault has it."""

import json
from dataclasses import dataclass
from functools import partial

from simulator.daraja.callbacks import Callbacks, Way
from simulator.daraja.conversations import Conversation, Outcome, result_body
from simulator.daraja.push_rules import Payload
from simulator.deliveries import Deliveries
from simulator.faults import Fault
from simulator.settings import Settings

UNLISTED_CODE = 9998
WRONG_BY_KES = 1

# M-Pesa's keys for what was moved, in the results of a payment and of a question.
_AMOUNT_KEYS = ("TransactionAmount", "Amount")


@dataclass(frozen=True, kw_only=True, slots=True)
class Letter:
    """A result on its way: what it answers, what it says, and from which of M-Pesa's queues."""

    conversation: Conversation
    outcome: Outcome
    queue: str
    request: Payload

    def body(self) -> dict[str, object]:
        """Return the result as M-Pesa words it."""
        return result_body(self.conversation, self.outcome, queue=self.queue)


class Results:
    """Posts results to ResultURL and time-out notices to QueueTimeOutURL."""

    def __init__(self, *, settings: Settings, deliveries: Deliveries, callbacks: Callbacks) -> None:
        self._settings = settings
        self._deliveries = deliveries
        self._callbacks = callbacks

    def announce(self, letter: Letter, fault: Fault | None) -> None:
        """Let the caller hear of a result after the usual delay, or as the fault has it.

        Only the fault `before_ack` posts on the calling thread, before this returns.
        """
        text = json.dumps(_misworded(letter.body(), fault))
        match fault.name if fault else None:
            case "drop":
                self._post(letter, text, way="drop")
            case "duplicate":
                self._post(letter, text, way="duplicate", copies=fault.copies if fault else 1)
            case "before_ack":
                self._callbacks.post(letter.conversation.result_url, text)
            case "truncated":
                self._post(letter, text[: len(text) // 2])
            case "invalid_json":
                self._post(letter, text.replace(":", "=", 1))
            case _:
                self._announce_late(letter, text, fault)

    def _announce_late(self, letter: Letter, text: str, fault: Fault | None) -> None:
        wait = fault.seconds if fault else 0
        match fault.name if fault else None:
            case "delay":
                self._post(letter, text, after_seconds=wait)
            case "queue_timeout_request":
                self._notify(letter, dict(letter.request))
                self._post(letter, text, after_seconds=self._usual_delay + wait)
            case "queue_timeout_result" | "queue_timeout":
                self._notify(letter, _time_out_body(letter))
                self._post(letter, text, after_seconds=self._usual_delay + wait)
            case "queue_timeout_only_paid" | "queue_timeout_only_failed":
                self._notify(letter, dict(letter.request))
            case "failure_after_success":
                self._post(letter, text)
                failed = json.dumps(_failed(letter.body()))
                self._post(letter, failed, after_seconds=self._usual_delay + wait)
            case _:
                self._post(letter, text)

    @property
    def _usual_delay(self) -> float:
        return self._settings.callback_delay_seconds

    def _post(
        self,
        letter: Letter,
        text: str,
        *,
        way: Way = "once",
        copies: int = 1,
        after_seconds: float | None = None,
    ) -> None:
        delay = self._usual_delay if after_seconds is None else after_seconds
        url = letter.conversation.result_url
        self._deliveries.deliver(
            partial(self._callbacks.post, url, text, way=way, copies=copies), after_seconds=delay
        )

    def _notify(self, letter: Letter, body: dict[str, object]) -> None:
        url = letter.conversation.timeout_url
        self._deliveries.deliver(
            partial(self._callbacks.post, url, json.dumps(body)), after_seconds=self._usual_delay
        )


def _misworded(body: dict[str, object], fault: Fault | None) -> dict[str, object]:
    result = body["Result"]
    assert isinstance(result, dict)
    match fault.name if fault else None:
        case "wrong_amount":
            for pair in _pairs(result):
                if pair["Key"] in _AMOUNT_KEYS:
                    pair["Value"] = int(pair["Value"]) + WRONG_BY_KES
        case "unknown_code":
            _make_failure(result, code=UNLISTED_CODE, words="An unexplained condition.")
        case "result_type_nonzero":
            result["ResultType"] = 1
        case "string_codes":
            result["ResultType"], result["ResultCode"] = "0", str(result["ResultCode"])
        case "single_object":
            for pair in _pairs(result):
                if pair["Key"] == "TransactionStatus":
                    result["ResultParameters"] = {"ResultParameter": pair}
        case _:
            pass
    return body


def _failed(body: dict[str, object]) -> dict[str, object]:
    result = body["Result"]
    assert isinstance(result, dict)
    _make_failure(result, code=2001, words="The initiator information is invalid.")
    return body


def _make_failure(result: dict[str, object], *, code: int, words: str) -> None:
    result.pop("ResultParameters", None)
    result["ResultCode"], result["ResultDesc"] = code, words


def _pairs(result: dict[str, object]) -> list[dict[str, int | str]]:
    parameters = result.get("ResultParameters")
    pairs = parameters["ResultParameter"] if isinstance(parameters, dict) else []
    assert isinstance(pairs, list)
    return pairs


def _time_out_body(letter: Letter) -> dict[str, object]:
    """Word a time-out as some integrations read it, with the ids inside of Result.

    The page says only that there is a notification; daraja.md §5.2 knows both shapes.
    """
    return {
        "Result": {
            "ResultType": 1,
            "ResultCode": 1,
            "ResultDesc": "The service request has timed out.",
            "OriginatorConversationID": letter.conversation.originator_conversation_id,
            "ConversationID": letter.conversation.conversation_id,
        }
    }
