"""What M-Pesa checks in a payment to a customer: at once, and when it comes to paying."""

import re
from dataclasses import dataclass

from simulator.config import Config
from simulator.daraja.conversations import Code
from simulator.daraja.push_rules import Payload
from simulator.daraja.refusals import invalid
from simulator.daraja.request_rules import (
    LONGEST_REMARKS,
    SHORTEST_REMARKS,
    amount_of,
    check_addresses,
    check_equals,
    check_length,
    check_present,
    knows_initiator,
    phone_of,
    text_of,
)

# daraja.md §5.2 and §7, all official.
SMALLEST_AMOUNT_KES, LARGEST_AMOUNT_KES = 10, 250_000
COMMANDS = ("BusinessPayment", "SalaryPayment", "PromotionPayment")

_CALLER_ID = re.compile(r"[A-Za-z0-9_-]{1,20}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a payment did not happen: M-Pesa's code, its words, and the payment's last status."""

    code: Code
    words: str
    status: str = "Declined"


@dataclass(frozen=True, kw_only=True, slots=True)
class PayoutOrder:
    """A payment that passed every check of the gateway; the amount is in whole shillings."""

    phone: str
    amount: int
    command: str
    remarks: str
    trusted: bool


FLOAT_TOO_LOW = Failure(1, "The balance is insufficient for the transaction.")
OVER_DAILY_LIMIT = Failure(4, "Declined due to limit rule: would exceed the daily transfer limit.")
OVER_BALANCE = Failure(8, "Declined due to limit rule: would exceed the maximum balance.")
INITIATOR_INVALID = Failure(2001, "The initiator information is invalid.")
NOT_REGISTERED = Failure(
    2040,
    "Credit Party customer type (Unregistered or Registered Customer) can't be supported"
    " by the service.",
)
EXPIRED = Failure(26, "System busy.", "Expired")

# By the code's own text; codes and most words are of the official page (daraja.md §5.2).
FAILURES: dict[str, Failure] = {
    str(failure.code): failure
    for failure in (
        FLOAT_TOO_LOW,
        Failure(2, "Declined due to limit rule: less than the minimum transaction amount."),
        Failure(3, "Declined due to limit rule: greater than the maximum transaction amount."),
        OVER_DAILY_LIMIT,
        OVER_BALANCE,
        Failure(11, "The DebitParty is in an invalid state."),
        Failure(21, "The initiator is not allowed to initiate this request."),
        INITIATOR_INVALID,
        Failure(2006, "Declined due to account rule: the account status does not allow it."),
        Failure(2028, "The request is not permitted according to product assignment."),
        NOT_REGISTERED,
        Failure(8006, "The security credential is locked."),
        Failure("SFC_IC0003", "The operator does not exist."),
        Failure("TP40153", "The operator has no permission for this operation."),
    )
}


def read_payout(payload: Payload, *, config: Config) -> PayoutOrder:
    """Check a whole payment and return it. Raises Refused for the first field that is wrong."""
    check_present(payload, "InitiatorName", "SecurityCredential")
    check_equals(payload, "CommandID", *COMMANDS)
    amount = amount_of(payload, lowest=SMALLEST_AMOUNT_KES, highest=LARGEST_AMOUNT_KES)
    check_equals(payload, "PartyA", config.mpesa_b2c_shortcode)
    phone = phone_of(payload, "PartyB")
    check_length(payload, "Remarks", shortest=SHORTEST_REMARKS, longest=LONGEST_REMARKS)
    check_addresses(payload, "QueueTimeOutURL", "ResultURL")
    # Misspelt by the provider; under the right spelling it is as good as not sent.
    check_length(payload, "Occassion", shortest=0, longest=LONGEST_REMARKS)
    return PayoutOrder(
        phone=phone,
        amount=amount,
        command=text_of(payload, "CommandID"),
        remarks=text_of(payload, "Remarks"),
        trusted=knows_initiator(payload, name="InitiatorName", config=config),
    )


def read_caller_id(payload: Payload) -> str:
    """Return the caller's own id of a payment. Raises Refused."""
    caller_id = text_of(payload, "OriginatorConversationID")
    if _CALLER_ID.fullmatch(caller_id) is None:
        raise invalid("OriginatorConversationID")
    return caller_id
