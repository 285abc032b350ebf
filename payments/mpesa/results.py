"""Daraja's vocabulary: tables of result codes and of refusals; what is not listed is unknown."""

from dataclasses import dataclass
from typing import Final

from core.deposits.answers import Answer, Failed, NoAnswer, Paid
from core.text import Text, _
from payments.mpesa.fields import spell

SUCCESS: Final = "0"

_NO_MONEY = _("You do not have enough money in M-Pesa.")
_LIMIT = _("It is outside your M-Pesa limits.")
_TWICE = _("Same amount twice. Wait 2 minutes and try again.")
_ANOTHER_OPEN = _("Another M-Pesa payment is open. Try again in 2 minutes.")
_NO_ANSWER = _("You did not answer the M-Pesa prompt in time.")
_CANCELLED = _("You cancelled the M-Pesa prompt.")
_WRONG_PIN = _("The M-Pesa PIN was wrong.")
_PIN_LOCKED = _("Your M-Pesa PIN is locked. Call Safaricom on 100.")
_OUR_FAULT = _("M-Pesa is not available now. Please try again later.")
_DEBT = _("M-Pesa does not allow it. Call Safaricom on 100.")
_BUSY = _("M-Pesa is busy.")
_NO_PROMPT = _("No prompt was shown.")
_UNREACHED = _("The prompt timed out.")

# Where another prompt may do no better, the player is told how to pay without one. These are
# short, so that the way to pay fits behind them.
PAY_BILL_INSTEAD: Final = (_BUSY, _NO_PROMPT, _UNREACHED)

# daraja.md §3. Safaricom publishes no exhaustive list, so a code that is missing here may well
# be a payment: it stays unknown until a query or a person tells. The same code comes with other
# prose in the callback than in the query (observed), so only the code counts. "4999" is left out
# because it means "still under way" (observed, documented nowhere): no answer yet.
FAILURES: Final[dict[str, Text]] = {
    "1": _NO_MONEY,
    "2": _LIMIT,
    "3": _LIMIT,
    "4": _LIMIT,
    "8": _OUR_FAULT,
    "17": _TWICE,
    "26": _BUSY,
    "1001": _ANOTHER_OPEN,
    "1019": _NO_ANSWER,
    "1025": _NO_PROMPT,
    "1031": _CANCELLED,
    "1032": _CANCELLED,
    "1036": _NO_PROMPT,
    "1037": _UNREACHED,
    "2001": _WRONG_PIN,
    "2028": _OUR_FAULT,
    "8006": _PIN_LOCKED,
    "9999": _NO_PROMPT,
    "E3008": _DEBT,
    "SFC_IC0003": _OUR_FAULT,
}


@dataclass(frozen=True)
class Refusal:
    """Daraja surely did nothing with the request; the reason is for the player.

    `later` where it had no time: the same request may be taken in a while.
    """

    code: str
    reason: Text
    message: str = ""
    later: bool = False


@dataclass(frozen=True)
class TokenRefused:
    """The access token is dead. Daraja says so differently for each product."""

    code: str


@dataclass(frozen=True)
class Unclear:
    """Daraja may have acted on the request."""

    code: str


UNREACHABLE: Final = _OUR_FAULT

# daraja.md §1: HTTP 404 for the push, 400 for status, 401 for others; so the status says nothing.
_TOKEN_CODES: Final = frozenset({"404.001.03", "400.003.01", "401.002.01", "401.003.01"})
_REFUSED_CODES: Final[dict[str, Text]] = {
    "400.002.02": _OUR_FAULT,
    "400.002.05": _OUR_FAULT,
    # The product is not enabled: the gateway refuses before M-Pesa sees it (daraja.md §5.2).
    "403.002.1001": _OUR_FAULT,
    "404.001.01": _OUR_FAULT,
    "404.001.04": _OUR_FAULT,
    "405.001": _OUR_FAULT,
    "500.003.02": _BUSY,
    "500.003.03": _BUSY,
}
# One code, five meanings or more: only the words tell (daraja.md §2). Others are unclear.
_OVERLOADED_CODE: Final = "500.001.1001"
_OVERLOADED_WORDS: Final[dict[str, Text]] = {
    "merchant does not exist": _OUR_FAULT,
    "wrong credentials": _OUR_FAULT,
    "unable to lock subscriber": _ANOTHER_OPEN,
}
# Means "internal error" otherwise, and then nobody knows what was done.
ALREADY_REGISTERED: Final = "500.003.1001"
_REGISTERED_WORDS: Final[dict[str, Text]] = {"already registered": _OUR_FAULT}
# The throttle before Daraja has an envelope of its own (observed).
_FAULT_WORDS: Final[dict[str, Text]] = {
    "spike arrest": _BUSY,
    "quota violation": _BUSY,
    "no apiproduct match found": _OUR_FAULT,
}
_LONGEST_CODE: Final = 40
_TOO_MANY_REQUESTS: Final = 429
_UNAUTHORISED: Final = 401


def answer_of(result_code: object, *, paybill: str | None = None) -> Answer:
    """What a result code says, given as a number or a string; unlisted means no answer.

    The paybill, if there is one, goes along where the player may pay there instead.
    """
    code = spell(result_code)
    if code == SUCCESS:
        return Paid()
    if code in FAILURES:
        return Failed(code, FAILURES[code], instead_of(FAILURES[code], paybill=paybill))
    return NoAnswer((code or "none")[:_LONGEST_CODE])


def instead_of(reason: Text, *, paybill: str | None) -> str | None:
    """The paybill, where a prompt that failed for this reason is best replaced by paying there."""
    return paybill if reason in PAY_BILL_INSTEAD else None


def classify(status: int, answer: object) -> Refusal | TokenRefused | Unclear | None:
    """What an error means, or None where the answer is no error. Errors come inside a 200 too."""
    match answer:
        case {"errorCode": code, **rest}:
            return _classify_envelope(spell(code) or "none", str(rest.get("errorMessage") or ""))
        case {"fault": {"faultstring": str(words)}}:
            return _classify_fault(words)
        case _:
            return _classify_status(status, answer)


def _classify_status(status: int, answer: object) -> Refusal | TokenRefused | Unclear | None:
    if status == _TOO_MANY_REQUESTS:
        return Refusal(str(status), _BUSY, later=True)
    if status == _UNAUTHORISED:
        return TokenRefused(str(status))
    if not 200 <= status < 300 or not isinstance(answer, dict):  # noqa: PLR2004 - HTTP's own
        return Unclear(f"http_{status}")
    return None


def _classify_envelope(code: str, message: str) -> Refusal | TokenRefused | Unclear:
    if code in _TOKEN_CODES:
        return TokenRefused(code)
    if code == _OVERLOADED_CODE:
        return _by_words(code, message, _OVERLOADED_WORDS)
    if code == ALREADY_REGISTERED:
        return _by_words(code, message, _REGISTERED_WORDS)
    if code in _REFUSED_CODES:
        return _refusal(code, _REFUSED_CODES[code], message)
    return Unclear(code)


def _classify_fault(words: str) -> Refusal | TokenRefused | Unclear:
    if "access token" in words.lower():
        return TokenRefused("fault")
    return _by_words("fault", words, _FAULT_WORDS)


def _by_words(code: str, message: str, table: dict[str, Text]) -> Refusal | Unclear:
    for words, reason in table.items():
        if words in message.lower():
            return _refusal(code, reason, message)
    return Unclear(code)


def _refusal(code: str, reason: Text, message: str) -> Refusal:
    return Refusal(code, reason, message, later=reason == _BUSY)
