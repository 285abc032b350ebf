"""Daraja's vocabulary of payouts and of Transaction Status; what is not listed is unknown."""

from collections.abc import Mapping
from typing import Final

from core.provider.status_answers import Fate, StatusAnswer
from core.text import Text, _
from core.withdrawals.answers import HeardPayout, NotKnown, NotPaid, PaidOut, PayoutAnswer
from payments.mpesa.fields import (
    amount_of,
    identifier_of,
    object_in,
    parameters_of,
    receipt_of,
    spell,
)
from payments.mpesa.results import SUCCESS

_OUR_FAULT = _("M-Pesa could not pay now. Please try again later.")
_LIMIT = _("It would pass your M-Pesa limit for today.")
_FULL = _("Your M-Pesa account is full.")
_NO_ACCOUNT = _("This number has no M-Pesa account.")

# Safaricom, BusinessToCustomer; TP40153 from a production back office (daraja.md §5.2). Those of
# our own would refuse the next payout as well: an empty float, a locked or expired credential.
_OURS: Final = frozenset({"1", "11", "21", "2001", "2006", "2028", "8006", "TP40153"})
_PLAYERS: Final[dict[str, Text]] = {
    "2": _OUR_FAULT,
    "3": _OUR_FAULT,
    "4": _LIMIT,
    "8": _FULL,
    "2040": _NO_ACCOUNT,
    "SFC_IC0003": _NO_ACCOUNT,
}
# The gateway's overloaded code, whose words are known for pushes only: no proof for a payout.
_NO_PROOF: Final = "500.001.1001"
_FATES: Final = {
    "completed": Fate.COMPLETED,
    "cancelled": Fate.FAILED,
    "declined": Fate.FAILED,
    "expired": Fate.FAILED,
    "initiated": Fate.LIVE,
    "authorized": Fate.LIVE,
    "pending authorized": Fate.LIVE,
}
_LONGEST_CODE: Final = 40


def answer_of_payout(result_type: object, result_code: object) -> PayoutAnswer:
    """What a result says; another type than 0, or a code that is not listed, is not known."""
    code = (spell(result_code) or "none")[:_LONGEST_CODE]
    if spell(result_type) != "0":
        return NotKnown(f"type {spell(result_type) or 'none'}"[:_LONGEST_CODE])
    if code == SUCCESS:
        return PaidOut()
    if code in _OURS:
        return NotPaid(code, _OUR_FAULT, ours=True)
    if code in _PLAYERS:
        return NotPaid(code, _PLAYERS[code], ours=False)
    return NotKnown(code)


def proves_nothing(code: str) -> bool:
    """Whether a refusal with this code leaves open if a payout was taken."""
    return code == _NO_PROOF


def is_our_fault(message: str) -> bool:
    """Whether a refused order is wrong in more than the number that it would pay."""
    return "PartyB" not in message


def read_result(body: str) -> HeardPayout | None:
    """What a payout's result says; None where it is none. Never raises for any text."""
    result = _result(body)
    if result is None:
        return None
    answer = answer_of_payout(result.get("ResultType"), result.get("ResultCode"))
    parameters = parameters_of(result)
    # A failure names a transaction too, which moved nothing (daraja.md §5.2, official sample).
    receipt = parameters.get("TransactionReceipt") or result.get("TransactionID")
    return HeardPayout(
        answer,
        originator_id=identifier_of(result.get("OriginatorConversationID")),
        conversation_id=identifier_of(result.get("ConversationID")),
        receipt=receipt_of(receipt) if isinstance(answer, PaidOut) else None,
        amount=amount_of(parameters.get("TransactionAmount")),
    )


def read_status(body: str) -> StatusAnswer | None:
    """What Transaction Status says of a payment; None where it is no such answer. Never raises.

    A code or type other than 0 is about the question, not the payment, and so says nothing.
    """
    result = _result(body)
    if result is None:
        return None
    code = (spell(result.get("ResultCode")) or "none")[:_LONGEST_CODE]
    answered = code == SUCCESS and spell(result.get("ResultType")) == "0"
    parameters = parameters_of(result)
    told = spell(parameters.get("TransactionStatus")) or ""
    return StatusAnswer(
        _FATES.get(told.lower(), Fate.UNCLEAR) if answered else Fate.UNCLEAR,
        code=told[:_LONGEST_CODE] if answered else code,
        receipt=receipt_of(parameters.get("ReceiptNo")),
        amount=amount_of(parameters.get("Amount")),
        originator_id=identifier_of(parameters.get("OriginatorConversationID")),
        conversation_id=identifier_of(result.get("ConversationID")),
    )


def _result(body: str) -> Mapping[str, object] | None:
    match object_in(body):
        case {"Result": dict() as result}:
            return result
        case _:
            return None
