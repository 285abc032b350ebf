"""Requests that M-Pesa answers later: their ids, their acknowledgement and their result."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from simulator.daraja.push_rules import Payload
from simulator.daraja.request_rules import text_of
from simulator.identifiers import Identifiers

ACCEPTED_WORDS = "Accept the service request successfully."
SUCCESS_WORDS = "The service request is processed successfully."

Code: TypeAlias = int | str


@dataclass(frozen=True, kw_only=True, slots=True)
class Conversation:
    """One accepted request: M-Pesa's id, the caller's id, and where the result goes."""

    conversation_id: str
    originator_conversation_id: str
    result_url: str
    timeout_url: str

    def acknowledgement(self) -> dict[str, object]:
        """Return what the caller is answered at once (daraja.md §5.2)."""
        return {
            "ConversationID": self.conversation_id,
            "OriginatorConversationID": self.originator_conversation_id,
            "ResponseCode": "0",
            "ResponseDescription": ACCEPTED_WORDS,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What the result says; keys may repeat, and a value of None is left out."""

    code: Code
    words: str
    receipt: str
    parameters: tuple[tuple[str, object], ...] = ()

    @property
    def succeeded(self) -> bool:
        """Tell whether the code is that of a success."""
        return self.code == 0


def open_conversation(
    payload: Payload, *, moment: datetime, identifiers: Identifiers, caller_id: str | None = None
) -> Conversation:
    """Return the conversation of a checked request, with the caller's id or one assigned."""
    return Conversation(
        conversation_id=identifiers.conversation_id(moment=moment),
        originator_conversation_id=caller_id or identifiers.request_id(),
        result_url=text_of(payload, "ResultURL"),
        timeout_url=text_of(payload, "QueueTimeOutURL"),
    )


def result_body(conversation: Conversation, outcome: Outcome, *, queue: str) -> dict[str, object]:
    """Return the body of a result (daraja.md §5.2); `queue` names M-Pesa's own.

    A failure has no ResultParameters but does have a TransactionID, and the single reference
    item is an object, no list (both as in the official samples).
    """
    result: dict[str, object] = {
        "ResultType": 0,
        "ResultCode": outcome.code,
        "ResultDesc": outcome.words,
        "OriginatorConversationID": conversation.originator_conversation_id,
        "ConversationID": conversation.conversation_id,
        "TransactionID": outcome.receipt,
    }
    if outcome.parameters:
        result["ResultParameters"] = {
            "ResultParameter": [_pair(key, value) for key, value in outcome.parameters]
        }
    address = f"https://internalsandbox.safaricom.co.ke/mpesa/{queue}/v1/submit"
    result["ReferenceData"] = {"ReferenceItem": _pair("QueueTimeoutURL", address)}
    return {"Result": result}


def _pair(key: str, value: object) -> dict[str, object]:
    return {"Key": key} if value is None else {"Key": key, "Value": value}
