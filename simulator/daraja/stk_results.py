"""How a push can end: Daraja's codes, with its words in the callback and in the query."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Result:
    """One end: the code is a text where Daraja sends it as one."""

    code: int | str
    callback_words: str
    query_words: str


def _same_words(code: int | str, words: str) -> Result:
    return Result(code, words, words)


SUCCESS = _same_words(0, "The service request is processed successfully.")
INSUFFICIENT = _same_words(1, "The balance is insufficient for the transaction.")
DAILY_LIMIT = _same_words(
    4, "Declined due to limit rule: would exceed daily transfer limit (500,000)"
)
RULE_LIMITED = _same_words(17, "Rule limited.")
LOCKED = _same_words(
    1001,
    "Unable to lock subscriber, a transaction is already in process for the current subscriber",
)
EXPIRED = _same_words(1019, "Transaction has expired.")
NOT_SENT = _same_words(1025, "An error occurred while sending a push request")
CANCELLED = Result(1032, "Request Cancelled by user", "Request cancelled by user")
# The same code has other prose in the callback than in the query (observed).
NO_ANSWER = Result(1037, "No response from user.", "DS timeout user cannot be reached.")
UNREACHABLE = Result(
    1037, "DS timeout user cannot be reached", "DS timeout user cannot be reached."
)
WRONG_PIN = _same_words(2001, "The initiator information is invalid.")
PIN_LOCKED = _same_words(8006, "The security credential is locked.")
BAD_RECEIVER = _same_words("SFC_IC0003", "The operator does not exist.")

# Ends that a fault at the place `prompt` brings about (daraja.md §3, result codes).
ORDERED: dict[str, Result] = {
    f"code_{result.code}": result
    for result in (
        _same_words(2, "Declined due to limit rule: less than the minimum transaction amount."),
        _same_words(3, "Declined due to limit rule: greater than the maximum transaction amount."),
        DAILY_LIMIT,
        _same_words(8, "Declined due to limit rule: would exceed the maximum balance."),
        RULE_LIMITED,
        _same_words(26, "System busy. Try again in a short while."),
        LOCKED,
        EXPIRED,
        NOT_SENT,
        _same_words(9999, "An error occurred while sending a push request"),
        _same_words(1031, "Request cancelled"),
        _same_words(1036, "SMSC ACK timeout."),
        _same_words(2028, "The request is not permitted according to product assignment."),
        PIN_LOCKED,
        BAD_RECEIVER,
        _same_words("E3008", "Error, the user has a bad debt contract."),
    )
}
