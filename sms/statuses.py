"""Africa's Talking's vocabulary of answers, and what each lets us do."""

from enum import StrEnum
from typing import Final


class Class(StrEnum):
    """What an answer means for the message."""

    ACCEPTED = "accepted"
    LATER = "later"
    FINAL = "final"
    UNKNOWN = "unknown"


# statusCode of a recipient inside a 201. Codes and names: the table cited by medic/cht-core and
# hekimapro/utils from the provider's docs; what may be tried again: cht-core's production rule.
RECIPIENT_CODES: Final = {
    100: ("Processed", Class.ACCEPTED),
    101: ("Sent", Class.ACCEPTED),
    102: ("Queued", Class.ACCEPTED),
    401: ("RiskHold", Class.FINAL),
    402: ("InvalidSenderId", Class.LATER),
    403: ("InvalidPhoneNumber", Class.FINAL),
    404: ("UnsupportedNumberType", Class.FINAL),
    405: ("InsufficientBalance", Class.LATER),
    406: ("UserInBlacklist", Class.FINAL),
    407: ("CouldNotRoute", Class.FINAL),
    409: ("DoNotDisturbRejection", Class.FINAL),
    500: ("InternalServerError", Class.LATER),
    501: ("GatewayError", Class.LATER),
    502: ("RejectedByGateway", Class.LATER),
}

# HTTP statuses of a refused order as a whole. 401 is a wrong key: an operator will put it right.
# 502 and 504 come from proxies that do not know what the provider did, so they stay unknown.
HTTP_STATUSES: Final = {
    401: Class.LATER,
    403: Class.LATER,
    429: Class.LATER,
    500: Class.LATER,
    503: Class.LATER,
}


def classify_recipient(code: int | None, *, name: str) -> tuple[str, Class]:
    """Name and class of one recipient's answer; by name where an answer carries no code."""
    by_name = {word: (word, meant) for word, meant in RECIPIENT_CODES.values()}
    if code is None:
        return by_name.get(name, (name, Class.UNKNOWN))
    return RECIPIENT_CODES.get(code, (f"{code} {name}", Class.UNKNOWN))


def classify_http(status: int) -> Class:
    """Class of an answer that is no success: a 4xx is our fault and stays so, others unknown."""
    client_errors = range(400, 500)
    return HTTP_STATUSES.get(status, Class.FINAL if status in client_errors else Class.UNKNOWN)
